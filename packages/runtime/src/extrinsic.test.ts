import { bytesToHex, concatBytes, encode, parseHex, unwrap, type AccountId } from '@tacit/base'
import { describe, expect, test } from 'vitest'
import { IMMORTAL, mortalEra } from './era.ts'
import { parseExtrinsic } from './execution/parse.ts'
import { encodeBareExtrinsic, encodeSignedExtrinsic, signingPayload } from './extrinsic.ts'
import { systemStorage } from './pallets/system/types.ts'
import { createRuntime } from './runtime.ts'
import { hashes } from './testing/crypto.ts'
import { transferCall, remarkCall } from './testing/scenario.ts'

const { composition } = createRuntime()
const hex = (text: string): Uint8Array => unwrap(parseHex(text))
// Public keys of the usual development accounts.
const ALICE = hex('d43593c715fdd31c61141abd04a99fd6822c8558854ccde39a5684e7a56da27d') as AccountId
const BOB = hex('8eaf04151687736326c9fea17e25fc5287613693c912909cb226aa4794f26a48') as AccountId

const extensions = { era: mortalEra(64, 42), nonce: 5, tip: 0n, metadataHash: false }
const call = transferCall(BOB, 12_345n)
const signature = { type: 'Sr25519', value: new Uint8Array(64).fill(0x11) } as const
const signed = encodeSignedExtrinsic({ signer: ALICE, signature, extensions, callBytes: call })

test("storage keys are Substrate's", () => {
  // Known from any Substrate chain's state_getStorage.
  expect(bytesToHex(systemStorage.Account.key(hashes, ALICE))).toBe(
    '26aa394eea5630e07c48ae0c9558cef7b99d880ec681799c0cf30e8886371da9' +
      'de1e86a9a8c739864cf3cc5ec2bea59fd43593c715fdd31c61141abd04a99fd6822c8558854ccde39a5684e7a56da27d',
  )
  expect(bytesToHex(systemStorage.Number.key(hashes))).toBe(
    '26aa394eea5630e07c48ae0c9558cef702a5c1b19ab7a04f536c519aca4983ac',
  )
  expect(bytesToHex(composition.eventsStorage.Events.key(hashes))).toBe(
    '26aa394eea5630e07c48ae0c9558cef780d41e5e16056765bc8461851072c9d7',
  )
  const key = systemStorage.Account.key(hashes, ALICE)
  expect(systemStorage.Account.decodeKey(key)).toEqual({ ok: true, value: [ALICE] })
  expect(systemStorage.Account.decodeKey(key.subarray(0, -1))).toMatchObject({ ok: false })
})

test('a signed transfer is laid out byte for byte as Substrate has it', () => {
  // Put together by hand from polkadot-sdk's UncheckedExtrinsic V4 and the extensions' order.
  const parts = [
    '350284', // length 141 (compact), signed version 4
    `00${bytesToHex(ALICE)}`, // MultiAddress::Id
    `01${'11'.repeat(64)}`, // MultiSignature::Sr25519
    'a502', // era: period 64, phase 42
    '14', // nonce 5
    '00', // tip 0
    '00', // metadata hash off
    `0a00 00${bytesToHex(BOB)} e5c0`.replaceAll(' ', ''), // Balances.transfer_allow_death, 12345
  ]
  expect(bytesToHex(signed)).toBe(parts.join(''))
})

test('the payload covers call, extensions and implicit data', () => {
  const genesisHash = hashes.blake2b256(Uint8Array.of(1)) as never
  const birthHash = hashes.blake2b256(Uint8Array.of(2)) as never
  const implicit = { specVersion: 1, transactionVersion: 2, genesisHash, birthHash }
  const payload = signingPayload(call, extensions, implicit, hashes)
  expect(bytesToHex(payload)).toBe(
    [call, hex('a502140000'), hex('01000000'), hex('02000000'), genesisHash, birthHash, hex('00')]
      .map(bytesToHex)
      .join(''),
  )
  const long = remarkCall(300)
  expect(signingPayload(long, extensions, implicit, hashes)).toHaveLength(32)
  const fitting = remarkCall(256 - payload.length + call.length - 4)
  expect(signingPayload(fitting, extensions, implicit, hashes)).toHaveLength(256)
  const withHash = { ...implicit, metadataHash: new Uint8Array(32) }
  expect(signingPayload(call, extensions, withHash, hashes)).toHaveLength(payload.length + 32)
})

describe('reading', () => {
  test('gives back what was written', () => {
    const read = unwrap(parseExtrinsic(composition, signed))
    expect(read.signed).toEqual({
      address: { type: 'Id', value: ALICE },
      signature,
      extensions,
    })
    expect(read.callBytes).toEqual(call)
    expect(read.lengthBytes).toBe(signed.length)
    expect(encode(composition.extrinsic, read)).toEqual(signed)
    expect(encode(composition.call, read.call)).toEqual(call)
  })

  test('takes unsigned extrinsics of version 4 and 5, from a view into a larger buffer', () => {
    const bare = encodeBareExtrinsic(call)
    const five = bare.with(1, 5)
    const view = concatBytes(Uint8Array.of(1, 2, 3), five).subarray(3)
    for (const bytes of [bare, view]) {
      expect(unwrap(parseExtrinsic(composition, bytes))).not.toHaveProperty('signed')
    }
  })

  const bare = encodeBareExtrinsic(call)
  test.each([
    ['nothing', new Uint8Array(), 'truncated', 0],
    ['a length alone', hex('04'), 'truncated', 1],
    ['a byte too many', concatBytes(signed, Uint8Array.of(0)), 'trailing_bytes', signed.length],
    ['a byte too few', signed.subarray(0, -1), 'truncated', 2],
    ['a length that is not minimal', concatBytes(hex('01000a'), bare), 'compact_not_minimal', 2],
    ['a length beyond any block', hex('02093d01'), 'too_long', 4],
    ['version 3', bare.with(1, 3), 'variant_unknown', 2],
    ['version 5 general', bare.with(1, 0x45), 'variant_unknown', 2],
    ['an unknown pallet', bare.with(2, 99), 'variant_unknown', 3],
    ['an unknown call', bare.with(3, 99), 'variant_unknown', 4],
    ['an unknown kind of address', signed.with(3, 9), 'variant_unknown', 4],
    ['an unknown kind of signature', signed.with(36, 9), 'variant_unknown', 37],
    ['an impossible era', signed.with(101, 0x10).with(102, 0), 'value_invalid', 103],
    ['a call that ends early', encodeBareExtrinsic(call.subarray(0, -1)), 'truncated', 38],
    [
      'a call with a byte behind it',
      encodeBareExtrinsic(concatBytes(call, hex('00'))),
      'trailing_bytes',
      39,
    ],
  ])('refuses %s', (_, bytes, reason, at) => {
    const read = parseExtrinsic(composition, bytes)
    expect(read).toEqual({ ok: false, error: { code: 'extrinsic_malformed', reason, at } })
  })

  test('refuses every shorter input, and never throws on a changed byte', () => {
    for (let length = 0; length < signed.length; length++)
      expect(parseExtrinsic(composition, signed.subarray(0, length)).ok).toBe(false)
    for (let at = 0; at < signed.length; at++)
      for (const byte of [0, 0x7f, 0xff]) parseExtrinsic(composition, signed.with(at, byte))
  })

  test('an era is read as mortal or immortal', () => {
    const immortal = { ...extensions, era: IMMORTAL }
    const bytes = encodeSignedExtrinsic({
      signer: ALICE,
      signature,
      extensions: immortal,
      callBytes: call,
    })
    expect(unwrap(parseExtrinsic(composition, bytes)).signed?.extensions.era).toEqual(IMMORTAL)
  })
})
