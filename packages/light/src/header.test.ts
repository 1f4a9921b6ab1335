import { bytesToHex, decode, encode, parseHex, unwrap, utf8, type Hash } from '@tacit/base'
import { native } from '@tacit/crypto/native'
import { portable } from '@tacit/crypto/portable'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  headerCodec,
  headerHash,
  MAX_DIGEST_ITEMS,
  type DigestItem,
  type Header,
} from './header.ts'

function hash(hex: string): Hash {
  return unwrap(parseHex(hex)) as Hash
}

/** Polkadot's genesis header as every node of it gives it; the hash is chain_getBlockHash(0). */
const POLKADOT_GENESIS: Header = {
  parentHash: hash('00'.repeat(32)),
  number: 0,
  stateRoot: hash('29d0d972cd27cbc511e9589fcb7a4506d5eb6a9e8df205f00472e5ab354a4e17'),
  extrinsicsRoot: hash('03170a2e7597b7b7e3d84c05391d139a62b157e78786d8c082f29dcf4c111314'),
  digest: { logs: [] },
}

describe('header', () => {
  test("Polkadot's genesis has its hash", () => {
    const expected = '91b171bb158e2d3848fa23a9f1c25182fb8e20313b2c1eb49219da7a70ce90c3'
    expect(bytesToHex(headerHash(native.hashes, POLKADOT_GENESIS))).toBe(expected)
    expect(bytesToHex(headerHash(portable.hashes, POLKADOT_GENESIS))).toBe(expected)
  })

  test('every digest item, byte for byte', () => {
    const logs: DigestItem[] = [
      { type: 'Other', value: Uint8Array.of(9) },
      { type: 'Consensus', value: [utf8('FRNK'), Uint8Array.of(1, 2)] },
      { type: 'Seal', value: [utf8('CMT0'), Uint8Array.of(3)] },
      { type: 'PreRuntime', value: [utf8('BABE'), new Uint8Array()] },
      { type: 'RuntimeEnvironmentUpdated' },
    ]
    const header = { ...POLKADOT_GENESIS, number: 16_384, digest: { logs } }
    const expected = [
      '00'.repeat(32),
      '02000100',
      bytesToHex(header.stateRoot),
      bytesToHex(header.extrinsicsRoot),
      '14',
      '000409',
      '0446524e4b080102',
      '05434d54300403',
      '064241424500',
      '08',
    ]
    expect(bytesToHex(encode(headerCodec, header))).toBe(expected.join(''))
    expect(decode(headerCodec, encode(headerCodec, header))).toEqual({ ok: true, value: header })
  })

  test('malformed: cut anywhere, longer, unknown item, too many items', () => {
    const logs: DigestItem[] = [{ type: 'Other', value: Uint8Array.of(9) }]
    const bytes = encode(headerCodec, { ...POLKADOT_GENESIS, digest: { logs } })
    const malformed = expect.objectContaining({ code: 'scale_malformed' })
    for (let length = 0; length < bytes.length; length++) {
      expect(decode(headerCodec, bytes.subarray(0, length))).toEqual({
        ok: false,
        error: malformed,
      })
    }
    const longer = Uint8Array.of(...bytes, 0)
    expect(decode(headerCodec, longer)).toEqual({ ok: false, error: malformed })
    for (const index of [1, 2, 3, 7, 9, 255]) {
      const unknown = Uint8Array.from(bytes)
      unknown[98] = index
      expect(decode(headerCodec, unknown)).toEqual({ ok: false, error: malformed })
    }
    const item: DigestItem = { type: 'RuntimeEnvironmentUpdated' }
    const full = {
      ...POLKADOT_GENESIS,
      digest: { logs: Array.from({ length: MAX_DIGEST_ITEMS }, () => item) },
    }
    const fullBytes = encode(headerCodec, full)
    expect(decode(headerCodec, fullBytes)).toEqual({ ok: true, value: full })
    // A compact 64 is 01 01; 65 is 05 01, with one more item behind.
    const over = Uint8Array.of(...fullBytes, 8)
    over[97] = 5
    expect(decode(headerCodec, over)).toEqual({ ok: false, error: malformed })
  })

  test('decoding is total and what it accepts encodes to the same bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 90, maxLength: 140 }), (bytes) => {
        const header = decode(headerCodec, bytes)
        if (header.ok) expect(encode(headerCodec, header.value)).toEqual(bytes)
      }),
      { numRuns: 300 },
    )
  })
})
