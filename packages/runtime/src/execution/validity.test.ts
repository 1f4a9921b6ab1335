import { unwrap, type Hash } from '@tacit/base'
import { beforeEach, describe, expect, test } from 'vitest'
import { mortalEra } from '../era.ts'
import { encodeBareExtrinsic, encodeCall, encodeSignedExtrinsic } from '../extrinsic.ts'
import { MAX_NORMAL_BYTES } from '../limits.ts'
import { systemStorage } from '../pallets/system/types.ts'
import { timestampCalls } from '../pallets/timestamp/index.ts'
import type { TestChain } from '../testing/chain.ts'
import { hashes, testKey } from '../testing/crypto.ts'
import {
  alice,
  bob,
  carol,
  dave,
  refusedInBlock,
  refusedInPool,
  remarkCall,
  richChain,
  transferCall,
} from '../testing/scenario.ts'
import { metadataHash } from '../metadata/metadata-hash.ts'
import { SPEC_VERSION, TRANSACTION_VERSION } from '../version.ts'

let chain: TestChain
beforeEach(() => {
  chain = richChain()
})

/** Pool and block refuse for the same reason. */
function refused(bytes: Uint8Array): string {
  const error = refusedInPool(chain, bytes)
  expect(refusedInBlock(chain, bytes)).toEqual(error)
  return error.code
}

const call = transferCall(bob.who, 1n)
const otherHash = new Uint8Array(32).fill(7) as Hash

describe('signatures', () => {
  test.each([alice, bob, carol])('of every scheme are taken (%#)', (key) => {
    expect(unwrap(chain.run(chain.sign(key, call))).dispatch.ok).toBe(true)
    expect(systemStorage.Account.get(chain.state, key.who).nonce).toBe(1)
  })

  test.each([
    ['another chain', { implicit: { genesisHash: otherHash } }],
    ['another version of the rules', { implicit: { specVersion: SPEC_VERSION + 1 } }],
    [
      'another version of transactions',
      { implicit: { transactionVersion: TRANSACTION_VERSION + 1 } },
    ],
    ['another first block of the era', { implicit: { birthHash: otherHash } }],
    ['other metadata', { metadataHash: true, implicit: { metadataHash: otherHash } }],
    ['metadata that they do not cover', { metadataHash: true }],
  ])('for %s are refused', (_, options) => {
    expect(refused(chain.sign(alice, call, options))).toBe('bad_proof')
  })

  test('may cover the hash of the metadata, if the extrinsic says so', () => {
    const own = metadataHash(chain.runtime.composition, chain.host.hashes)
    const implicit = { metadataHash: own }
    expect(refused(chain.sign(alice, call, { implicit }))).toBe('bad_proof')
    const covering = chain.sign(alice, call, { metadataHash: true, implicit })
    expect(unwrap(chain.run(covering)).dispatch.ok).toBe(true)
  })

  test('with any changed part are refused', () => {
    const bytes = chain.sign(bob, call)
    const places = { signature: 60, nonce: 102, tip: 103, value: bytes.length - 1 }
    for (const at of Object.values(places)) {
      const changed = bytes.with(at, (bytes[at] ?? 0) ^ 4)
      expect(refused(changed)).toBe('bad_proof')
    }
  })

  test('of another account are refused', () => {
    const extensions = {
      era: { type: 'Immortal' },
      nonce: 0,
      tip: 0n,
      metadataHash: false,
    } as const
    const signature = dave.sign(call)
    const bytes = encodeSignedExtrinsic({
      signer: alice.who,
      signature,
      extensions,
      callBytes: call,
    })
    expect(refused(bytes)).toBe('bad_proof')
  })

  test('of an address that names no account are refused', () => {
    const bytes = chain.sign(bob, call)
    // MultiAddress::Address32 in place of Id is the same account; Address20 is none.
    const same = bytes.with(3, 3)
    expect(unwrap(chain.run(same)).dispatch.ok).toBe(true)
    const short = encodeAddress20(bytes)
    expect(refused(short)).toBe('cannot_lookup')
  })
})

describe('nonces', () => {
  test('a used one is stale', () => {
    const first = chain.sign(alice, call)
    unwrap(chain.run(first))
    expect(refused(first)).toBe('stale')
  })

  test('one ahead waits in the pool for those before it', () => {
    const bytes = chain.sign(bob, call, { nonce: 2 })
    const valid = unwrap(
      chain.runtime.validateTransaction(chain.host, chain.head(), 'Local', bytes),
    )
    expect(valid.requires).toHaveLength(1)
    expect(valid.provides).toHaveLength(1)
    expect(valid.requires).not.toEqual(valid.provides)
    expect(refusedInBlock(chain, bytes)).toEqual({ code: 'future' })
    const before = chain.sign(bob, call, { nonce: 1 })
    const { provides } = unwrap(
      chain.runtime.validateTransaction(chain.host, chain.head(), 'Local', before),
    )
    expect(provides).toEqual(valid.requires)
  })

  test('the next one needs nothing', () => {
    const bytes = chain.sign(bob, call, { tip: 5n })
    const judged = chain.runtime.validateTransaction(chain.host, chain.head(), 'External', bytes)
    expect(unwrap(judged)).toMatchObject({
      requires: [],
      propagate: true,
      longevity: 2n ** 64n - 1n,
    })
    const plain = chain.runtime.validateTransaction(
      chain.host,
      chain.head(),
      'External',
      chain.sign(bob, call),
    )
    expect(unwrap(judged).priority).toBeGreaterThan(unwrap(plain).priority)
  })
})

describe('senders', () => {
  test('who own nothing cannot pay', () => {
    expect(refused(chain.sign(dave, call))).toBe('payment')
  })

  test('who cannot pay tip and fee and stay alive are refused', () => {
    expect(refused(chain.sign(carol, call, { tip: 10n ** 13n }))).toBe('payment')
    expect(refused(chain.sign(carol, call, { tip: 2n ** 128n - 1n }))).toBe('payment')
  })

  test('of all zeros are refused', () => {
    const zero = { ...testKey('Ed25519', 1), who: new Uint8Array(32) as typeof alice.who }
    chain = richChain()
    const trusting = { ...chain.host, verify: () => true }
    const judged = chain.runtime.validateTransaction(
      trusting,
      chain.head(),
      'Local',
      chain.sign(zero, call),
    )
    expect(judged).toEqual({ ok: false, error: { code: 'bad_signer' } })
  })
})

describe('mortality', () => {
  test('an era counts for its period', () => {
    const born = chain.head()
    const era = mortalEra(4, born.number)
    const bytes = chain.sign(bob, call, { era, implicit: { birthHash: born.hash } })
    const judged = chain.runtime.validateTransaction(chain.host, chain.head(), 'Local', bytes)
    expect(unwrap(judged).longevity).toBe(3n)
    for (let block = 0; block < 3; block++) chain.seal(chain.begin())
    // Block 4 begins another era, whose first hash block 5 is the first to know.
    expect(refused(bytes)).toBe('ancient_birth_block')
    expect(refused(bytes)).toBe('bad_proof')
  })

  test('an era that begins with the block itself is not known yet', () => {
    chain.seal(chain.begin())
    const era = { type: 'Mortal', period: 8, phase: 2 } as const
    expect(refusedInPool(chain, chain.sign(bob, call, { era }))).toEqual({
      code: 'ancient_birth_block',
    })
    expect(refusedInBlock(chain, chain.sign(bob, call, { era }))).toEqual({
      code: 'ancient_birth_block',
    })
  })
})

describe('unsigned extrinsics', () => {
  test('of a call that nobody vouches for are refused', () => {
    expect(refused(encodeBareExtrinsic(call))).toBe('no_unsigned_validator')
    expect(refused(encodeBareExtrinsic(remarkCall(1)))).toBe('no_unsigned_validator')
  })

  test('that are inherents belong to the front of a block', () => {
    const set = encodeCall(1, timestampCalls.set, { now: 1n })
    for (const bytes of [encodeBareExtrinsic(set), chain.sign(bob, set)]) {
      expect(refusedInPool(chain, bytes)).toEqual({ code: 'mandatory_validation' })
      expect(refusedInBlock(chain, bytes)).toEqual({ code: 'call' })
    }
  })
})

describe('size', () => {
  test('a block takes 3.75 MB of Normal extrinsics', () => {
    const trusting = { ...chain.host, verify: () => true }
    const judge = (length: number): unknown => {
      const bytes = chain.sign(bob, remarkCall(length))
      return chain.runtime.validateTransaction(trusting, chain.head(), 'Local', bytes)
    }
    const overhead = chain.sign(bob, remarkCall(MAX_NORMAL_BYTES)).length - MAX_NORMAL_BYTES
    expect(judge(MAX_NORMAL_BYTES - overhead)).toMatchObject({ ok: true })
    expect(judge(MAX_NORMAL_BYTES - overhead + 1)).toEqual({
      ok: false,
      error: { code: 'exhausts_resources' },
    })
  })

  test('a full block refuses, and a rest that fits is taken', () => {
    const block = chain.begin()
    const half = chain.sign(alice, remarkCall(1_800_000))
    expect(block.apply(half).ok).toBe(true)
    expect(block.apply(chain.sign(alice, remarkCall(1_800_000))).ok).toBe(true)
    const third = chain.sign(alice, remarkCall(1_800_000))
    expect(block.apply(third)).toEqual({ ok: false, error: { code: 'exhausts_resources' } })
    expect(block.apply(chain.sign(alice, call)).ok).toBe(true)
    chain.seal(block)
    expect(unwrap(chain.run(chain.sign(alice, remarkCall(1_800_000)))).dispatch.ok).toBe(true)
  })
})

test('garbage is malformed', () => {
  expect(refused(hashes.blake2b256(Uint8Array.of(1)))).toBe('extrinsic_malformed')
})

/** The same extrinsic from MultiAddress::Address20. */
function encodeAddress20(bytes: Uint8Array): Uint8Array {
  const body = [...bytes.slice(2, 3), 4, ...bytes.slice(4, 24), ...bytes.slice(36)]
  return Uint8Array.of(((body.length << 2) | 1) & 0xff, (body.length << 2) >> 8, ...body)
}
