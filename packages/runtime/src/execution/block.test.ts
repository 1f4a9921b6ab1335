import { unwrap, type Hash } from '@tacit/base'
import { beforeEach, describe, expect, test } from 'vitest'
import { encodeBareExtrinsic, encodeCall } from '../extrinsic.ts'
import { BASE_EXTRINSIC_WEIGHT } from '../limits.ts'
import { consensusCalls } from '../pallets/consensus/index.ts'
import { consensusStorage } from '../pallets/consensus/types.ts'
import { BLOCK_HASH_COUNT, systemStorage } from '../pallets/system/types.ts'
import { timestampCalls } from '../pallets/timestamp/index.ts'
import { timestampStorage } from '../pallets/timestamp/types.ts'
import { AUTHORITY, type TestChain } from '../testing/chain.ts'
import { hashes } from '../testing/crypto.ts'
import { alice, bob, dave, remarkCall, richChain, transferCall } from '../testing/scenario.ts'
import type { BlockExecution } from './block.ts'

let chain: TestChain
beforeEach(() => {
  chain = richChain()
})

const NOW = 1_900_000_000_000n
const set = (now: bigint): Uint8Array =>
  encodeBareExtrinsic(encodeCall(1, timestampCalls.set, { now }))
const note = (proposer = AUTHORITY, absent: Uint8Array[] = []): Uint8Array =>
  encodeBareExtrinsic(encodeCall(2, consensusCalls.note, { proposer, absent, misbehaviour: [] }))
const zeroRoot = (): Hash => new Uint8Array(32) as Hash

function empty(): BlockExecution {
  const { number, hash: parentHash } = chain.head()
  return chain.runtime.initializeBlock(chain.host, {
    number: number + 1,
    parentHash,
    digest: { logs: [] },
  })
}

describe('inherents', () => {
  const refusal = { ok: false, error: { code: 'call' } }
  const failure = { ok: false, error: { code: 'bad_mandatory' } }

  test('are two, first, in order', () => {
    const block = empty()
    expect(block.apply(note())).toEqual(refusal)
    expect(block.apply(chain.sign(bob, remarkCall(1)))).toEqual(refusal)
    expect(block.finalize(zeroRoot)).toEqual({ ok: false, error: { code: 'inherents_missing' } })
    expect(block.apply(set(NOW)).ok).toBe(true)
    expect(block.apply(set(NOW + 1n))).toEqual(refusal)
    expect(block.finalize(zeroRoot)).toEqual({ ok: false, error: { code: 'inherents_missing' } })
    expect(block.apply(note()).ok).toBe(true)
    expect(block.apply(note())).toEqual(refusal)
    expect(block.apply(set(NOW + 1n))).toEqual(refusal)
    expect(block.finalize(zeroRoot).ok).toBe(true)
  })

  test('cost nobody anything and leave their traces', () => {
    chain.seal(chain.begin())
    expect(chain.events().map(({ event }) => event.value.type)).toEqual(
      Array(2).fill('ExtrinsicSuccess'),
    )
    expect(consensusStorage.Proposer.get(chain.state)).toEqual(AUTHORITY)
    expect(consensusStorage.CurrentSetId.get(chain.state)).toBe(0n)
    expect(consensusStorage.ChainClass.get(chain.state)).toBe('development')
  })

  test('signed are none', () => {
    const call = encodeCall(1, timestampCalls.set, { now: NOW })
    expect(empty().apply(chain.sign(bob, call))).toEqual(refusal)
  })

  test('keep the clock rising within its range', () => {
    const block = empty()
    const now = timestampStorage.Now.get(chain.state)
    for (const wrong of [0n, now, 2n ** 48n, 2n ** 64n - 1n])
      expect(block.apply(set(wrong))).toEqual(failure)
    expect(timestampStorage.Now.get(chain.state)).toBe(now)
    expect(block.apply(set(now + 1n)).ok).toBe(true)
    expect(timestampStorage.Now.get(chain.state)).toBe(now + 1n)
  })

  test('name authorities alone, the absent in order', () => {
    const block = empty()
    unwrap(block.apply(set(NOW)))
    expect(block.apply(note(new Uint8Array(32)))).toEqual(failure)
    expect(block.apply(note(AUTHORITY, [new Uint8Array(32)]))).toEqual(failure)
    expect(block.apply(note(AUTHORITY, [AUTHORITY, AUTHORITY]))).toEqual(failure)
    expect(block.apply(note(AUTHORITY, [AUTHORITY])).ok).toBe(true)
  })

  test('report faults as events', () => {
    const block = empty()
    unwrap(block.apply(set(NOW)))
    const fault = { offender: AUTHORITY, kind: { type: 'DuplicateVote' }, height: 3 } as const
    const [, bytes] = chain.runtime.inherents({
      nowMs: 1n,
      proposer: AUTHORITY,
      absent: [],
      misbehaviour: [fault],
    })
    const { events } = unwrap(block.apply(bytes ?? new Uint8Array()))
    expect(events[0]).toMatchObject({ code: 'Consensus.Misbehaved', value: fault })
  })
})

describe('a block', () => {
  test('leaves number, hashes, counts, weight and events in state', () => {
    const genesis = chain.head().hash
    const block = chain.begin()
    unwrap(block.apply(chain.sign(alice, transferCall(dave.who, 10n ** 12n))))
    unwrap(block.apply(chain.sign(bob, remarkCall(10))))
    const header = chain.seal(block)
    const { state } = chain
    expect(header).toMatchObject({ number: 1, parentHash: genesis })
    expect(systemStorage.Number.get(state)).toBe(1)
    expect(systemStorage.ParentHash.get(state)).toEqual(genesis)
    expect(systemStorage.BlockHash.get(state, 0)).toEqual(genesis)
    expect(systemStorage.ExtrinsicCount.get(state)).toBe(4)
    const events = chain.events()
    expect(systemStorage.EventCount.get(state)).toBe(events.length)
    expect(events.map(({ phase }) => phase.value)).toEqual(expect.arrayContaining([0, 1, 2, 3]))
    expect(events.at(-1)).toMatchObject({
      phase: { type: 'ApplyExtrinsic', value: 3 },
      event: { type: 'System', value: { type: 'ExtrinsicSuccess' } },
      topics: [],
    })
    const { normal, mandatory, operational } = systemStorage.BlockWeight.get(state)
    expect(normal.refTime).toBeGreaterThan(2n * BASE_EXTRINSIC_WEIGHT.refTime)
    expect(mandatory.refTime).toBeGreaterThan(2n * BASE_EXTRINSIC_WEIGHT.refTime)
    expect(operational.refTime).toBe(0n)
  })

  test('keeps the hashes of the latest blocks and of genesis', () => {
    const { state } = chain
    systemStorage.Number.set(state, BLOCK_HASH_COUNT + 1)
    systemStorage.BlockHash.set(state, 0, zeroRoot())
    systemStorage.BlockHash.set(state, 1, zeroRoot())
    systemStorage.BlockHash.set(state, 2, zeroRoot())
    const start = { number: BLOCK_HASH_COUNT + 2, parentHash: zeroRoot(), digest: { logs: [] } }
    const block = chain.runtime.initializeBlock(chain.host, start)
    unwrap(block.apply(set(NOW)))
    unwrap(block.apply(note()))
    unwrap(block.finalize(zeroRoot))
    const kept = [0, 1, 2].map((number) => systemStorage.BlockHash.has(state, number))
    expect(kept).toEqual([true, false, true])
  })

  test('must follow the state', () => {
    const start = { number: 5, parentHash: zeroRoot(), digest: { logs: [] } }
    expect(() => chain.runtime.initializeBlock(chain.host, start)).toThrow('does not follow')
  })

  test('carries its digest', () => {
    const { hash: parentHash } = chain.head()
    const item = {
      type: 'PreRuntime',
      value: [Uint8Array.of(84, 65, 67, 73), Uint8Array.of(1)],
    } as const
    const digest = { logs: [item] }
    const block = chain.runtime.initializeBlock(chain.host, { number: 1, parentHash, digest })
    unwrap(block.apply(set(NOW)))
    unwrap(block.apply(note()))
    expect(unwrap(block.finalize(zeroRoot)).digest).toEqual(digest)
    expect(systemStorage.Digest.get(chain.state)).toEqual(digest)
  })
})

describe('replaying', () => {
  const extrinsics = (): Uint8Array[] => [
    set(NOW),
    note(),
    chain.sign(bob, transferCall(alice.who, 7n)),
  ]
  const root = (): Hash => {
    const parts = chain.written().map(({ key, value }) => [...key, ...(value ?? [])])
    return hashes.blake2b256(Uint8Array.from(parts.flat())) as Hash
  }

  function made(): { header: ReturnType<TestChain['seal']>; extrinsics: Uint8Array[] } {
    const body = extrinsics()
    chain.host.storage.begin()
    const block = empty()
    for (const bytes of body) unwrap(block.apply(bytes))
    // The stand-in for the trie needs all layers closed; any constant will do.
    const header = unwrap(block.finalize(zeroRoot))
    chain.host.storage.rollback()
    return { header, extrinsics: body }
  }

  const replay = (
    block: ReturnType<typeof made>,
    stateRoot = zeroRoot,
  ): ReturnType<TestChain['runtime']['executeBlock']> =>
    chain.runtime.executeBlock(chain.host, block, stateRoot)

  test('gives the same header', () => {
    const block = made()
    expect(unwrap(replay(block)).map(({ dispatch }) => dispatch.ok)).toEqual([true, true, true])
  })

  test('gives the same state', () => {
    const block = made()
    unwrap(replay(block))
    const first = root()
    chain = richChain()
    unwrap(replay(made()))
    expect(root()).toEqual(first)
  })

  test('refuses another root of the state or of the extrinsics', () => {
    const block = made()
    const mismatch = (field: string): unknown => ({
      ok: false,
      error: { code: 'header_mismatch', field },
    })
    chain.host.storage.begin()
    expect(replay(block, () => new Uint8Array(32).fill(1) as Hash)).toEqual(mismatch('stateRoot'))
    chain.host.storage.rollback()
    const header = { ...block.header, extrinsicsRoot: zeroRoot() }
    expect(replay({ ...block, header })).toEqual(mismatch('extrinsicsRoot'))
  })

  test('refuses another number, missing inherents, and any extrinsic that may not be there', () => {
    const block = made()
    const attempt = (changed: Partial<typeof block>): unknown => {
      chain.host.storage.begin()
      const outcome = replay({ ...block, ...changed })
      chain.host.storage.rollback()
      return outcome
    }
    const wrong = { ...block.header, number: 2 }
    expect(attempt({ header: wrong })).toEqual({ ok: false, error: { code: 'number_wrong' } })
    const missing = { ok: false, error: { code: 'inherents_missing' } }
    expect(attempt({ extrinsics: block.extrinsics.slice(0, 1) })).toEqual(missing)
    const twice = [...block.extrinsics, ...block.extrinsics.slice(2)]
    const error = { code: 'extrinsic_refused', index: 3, error: { code: 'stale' } }
    expect(attempt({ extrinsics: twice })).toEqual({ ok: false, error })
  })
})
