import { v15, v16 } from '@polkadot-api/substrate-bindings'
import { parseHex, SS58_PREFIX, toHex, unwrap } from '@tacit/base'
import { describe, expect, test, vi } from 'vitest'
import { createRuntime } from '../runtime.ts'
import { hashes } from '../testing/crypto.ts'
import { SPEC_NAME, SPEC_VERSION, TOKEN_DECIMALS, TOKEN_SYMBOL } from '../version.ts'
import { hashMetadata, metadataHash, type ChainInfo } from './metadata-hash.ts'
import file from './metadata-hash-vectors.json' with { type: 'json' }

/** Behind 'meta' and the version. */
const BODY_AT = 5
const readBack = (bytes: Uint8Array): ReturnType<typeof v15.dec> => v15.dec(bytes.slice(BODY_AT))

test('the vectors are all there', () => {
  expect(file.vectors).toHaveLength(6)
  expect(file.count).toBe(6)
})

test.each(file.vectors)('vector %# comes to the hash of the libraries', ({ metadata, hash }) => {
  const parts = readBack(unwrap(parseHex(metadata)))
  expect(toHex(hashMetadata(parts, file.chain, hashes))).toBe(hash)
})

test.each<Partial<ChainInfo>>([
  { specVersion: 8 },
  { specName: 'vectors' },
  { base58Prefix: 31 },
  { decimals: 13 },
  { tokenSymbol: 'PHB' },
])('%o makes another hash', (other) => {
  const [vector] = file.vectors
  const parts = readBack(unwrap(parseHex(vector?.metadata ?? '')))
  expect(toHex(hashMetadata(parts, { ...file.chain, ...other }, hashes))).not.toBe(vector?.hash)
})

describe("the chain's own", () => {
  const runtime = createRuntime()
  const chain = {
    specVersion: SPEC_VERSION,
    specName: SPEC_NAME,
    base58Prefix: SS58_PREFIX,
    decimals: TOKEN_DECIMALS,
    tokenSymbol: TOKEN_SYMBOL,
  }

  test('is that of the metadata which clients read, whichever version', () => {
    const own = metadataHash(runtime.composition, hashes)
    expect(hashMetadata(readBack(runtime.metadata(15)), chain, hashes)).toEqual(own)
    const { lookup, extrinsic } = v16.dec(runtime.metadata(16).slice(BODY_AT))
    const parts = { lookup, extrinsic: { ...extrinsic, version: 4 } }
    expect(hashMetadata(parts, chain, hashes)).toEqual(own)
  })

  test('is made once', () => {
    const blake3 = vi.fn(hashes.blake3)
    const { composition } = createRuntime()
    const first = metadataHash(composition, { blake3 })
    const count = blake3.mock.calls.length
    expect(metadataHash(composition, { blake3 })).toBe(first)
    expect(blake3).toHaveBeenCalledTimes(count)
  })

  test('changes with any type of a call, not with what extrinsics do not need', () => {
    const parts = readBack(runtime.metadata(15))
    const renamed = (path: string): Uint8Array => {
      const lookup = parts.lookup.map((entry) =>
        entry.path.join('::') === path ? { ...entry, path: [...entry.path, 'other'] } : entry,
      )
      expect(lookup).not.toEqual(parts.lookup)
      return hashMetadata({ ...parts, lookup }, chain, hashes)
    }
    const own = metadataHash(runtime.composition, hashes)
    expect(renamed('pallet_balances::pallet::Call')).not.toEqual(own)
    expect(renamed('pallet_balances::pallet::Event')).toEqual(own)
  })
})
