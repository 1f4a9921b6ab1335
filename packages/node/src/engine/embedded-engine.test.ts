import { equalBytes, unwrap, type Hash } from '@tacit/base'
import { devKeypair } from '@tacit/crypto'
import { native } from '@tacit/crypto/native'
import { createRuntime } from '@tacit/runtime/runtime'
import { afterEach, expect, test } from 'vitest'
import { createApplication, type Application } from '../application.ts'
import { createChain, type PublishingChain } from '../chain.ts'
import type { NodeError } from '../errors.ts'
import { Pool } from '../pool/pool.ts'
import { Store } from '../storage/store.ts'
import { makeTempDir } from '../testing/temp-dir.ts'
import { TEST_SPEC } from '../testing/test-node.ts'
import { signTransfer } from '../testing/transfers.ts'
import { EmbeddedEngine, type EngineStore } from './embedded-engine.ts'
import { signJustification, type AuthorityKey } from './signer.ts'

const ALICE = devKeypair('Alice', 'ed25519')
const runtime = createRuntime()
const ends: (() => Promise<void> | void)[] = []
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end()
})

type Bench = {
  readonly app: Application
  readonly store: Store
  readonly chain: PublishingChain
  readonly pool: Pool
}

async function createParts(): Promise<Bench> {
  const directory = makeTempDir()
  ends.push(() => directory.remove())
  const store = new Store(directory.path, { retention: 8 })
  ends.push(() => store.close())
  const app = createApplication({ runtime, store, crypto: native, log: () => {} })
  const genesisHash = await app.genesis(TEST_SPEC.genesis)
  const head = { number: 0, hash: genesisHash }
  const chain = createChain({ genesisHash, head, justified: head })
  const pool = new Pool({ app, runtime, crypto: native, log: () => {}, signatureThreads: 0 })
  ends.push(() => pool.stop())
  return { app, store, chain, pool }
}

function createEngine(
  parts: Bench,
  changed: { store?: EngineStore; key?: AuthorityKey; now?: () => number } = {},
): { engine: EmbeddedEngine; halts: NodeError[] } {
  const halts: NodeError[] = []
  const engine = new EmbeddedEngine({
    ...parts,
    key: ALICE,
    crypto: native,
    log: () => {},
    now: () => 1_800_000_000_000,
    heartbeatMs: 3_600_000,
    minBlockMs: 0,
    onHalt: (fault) => void halts.push(fault),
    ...changed,
  })
  ends.push(() => engine.stop())
  return { engine, halts }
}

/** A store whose flush can be held back, and which says what is asked of it. */
function holdFlush(store: Store, said: string[]): { store: EngineStore; release: () => void } {
  const { promise, resolve } = Promise.withResolvers<void>()
  return {
    release: resolve,
    store: {
      get lastSigned() {
        return store.lastSigned
      },
      header: (number) => store.header(number),
      justification: (number) => store.justification(number),
      stateAt: (number) => store.stateAt(number),
      putJustification: (number, bytes) => {
        said.push(`justification of ${number}`)
        store.putJustification(number, bytes)
      },
      flushed: async () => {
        said.push('flush begins')
        await promise
        await store.flushed()
        said.push('flush ends')
      },
    },
  }
}

test('nothing is signed or published before the flush has ended', async () => {
  const parts = await createParts()
  const said: string[] = []
  const held = holdFlush(parts.store, said)
  const key = {
    publicKey: ALICE.publicKey,
    sign: (message: Uint8Array) => {
      said.push('sign')
      return ALICE.sign(message)
    },
  }
  parts.chain.onBlock(({ number }) => said.push(`published ${number}`))
  parts.chain.onJustified(({ number }) => said.push(`justified ${number}`))
  const { engine } = createEngine(parts, { store: held.store, key })
  const sealed = engine.seal()
  while (!said.includes('flush begins')) await new Promise((resolve) => setImmediate(resolve))
  // The block is committed, and a reader of the chain may not know of it yet.
  for (let turn = 0; turn < 100; turn++) await new Promise((resolve) => setImmediate(resolve))
  expect(parts.store.metadata?.bestNumber).toBe(1)
  expect(said).toEqual(['flush begins'])
  expect(parts.chain.head.number).toBe(0)
  expect(parts.store.justification(1)).toBeUndefined()
  held.release()
  await sealed
  expect(said).toEqual([
    'flush begins',
    'flush ends',
    'sign',
    'justification of 1',
    'published 1',
    'justified 1',
  ])
})

test('a committed tip without a justification gets the same one at the next start', async () => {
  const parts = await createParts()
  const held = holdFlush(parts.store, [])
  const { engine } = createEngine(parts, { store: held.store })
  const sealed = engine.seal()
  while (parts.store.metadata?.bestNumber !== 1)
    await new Promise((resolve) => setImmediate(resolve))
  // As after a crash here: a new engine on the same store.
  const { bestHash: hash } = parts.store.metadata
  const genesisHash = parts.chain.genesisHash
  const start = { number: 0, hash: genesisHash }
  const chain = createChain({ genesisHash, head: { number: 1, hash }, justified: start })
  const seen: Uint8Array[] = []
  chain.onJustified(({ justification }) => seen.push(justification))
  createEngine({ ...parts, chain }).engine.start()
  expect(seen).toEqual([signJustification(ALICE, parts.store.lastSigned, { number: 1, hash }, 0n)])
  expect(parts.store.justification(1)).toEqual(seen[0])
  held.release()
  await sealed
})

test('a conflicting header at the same or a lower height is not signed', async () => {
  const hash = new Uint8Array(32).fill(1) as Hash
  const other = new Uint8Array(32).fill(2) as Hash
  const lastSigned = { number: 7, hash }
  expect(signJustification(ALICE, lastSigned, { number: 7, hash }, 0n)).toHaveLength(178)
  expect(signJustification(ALICE, lastSigned, { number: 8, hash: other }, 0n)).toHaveLength(178)
  for (const [number, signed] of [
    [7, other],
    [6, hash],
    [6, other],
  ] as const) {
    expect(() => signJustification(ALICE, lastSigned, { number, hash: signed }, 0n)).toThrow(
      expect.objectContaining({ code: 'sign_conflict' }),
    )
  }
})

test('an engine whose key signed this height before halts and commits nothing', async () => {
  const parts = await createParts()
  const held = holdFlush(parts.store, [])
  held.release()
  const promised = { number: 1, hash: new Uint8Array(32).fill(3) as Hash }
  const store: EngineStore = Object.create(held.store, { lastSigned: { value: promised } })
  const { engine, halts } = createEngine(parts, { store })
  engine.start()
  await parts.pool.submit(transfer(parts, 0), 'Local')
  while (halts.length === 0) await new Promise((resolve) => setImmediate(resolve))
  expect(halts[0]).toMatchObject({ code: 'sign_conflict', fault: { height: 1, lastSigned: 1 } })
  expect(parts.store.metadata?.bestNumber).toBe(0)
})

test('a clock that was set back far stops the sealing until it catches up', async () => {
  const parts = await createParts()
  let now = 1_800_000_000_000
  const { engine } = createEngine(parts, { now: () => now })
  await engine.seal()
  now -= 29_000
  await engine.seal()
  expect(parts.chain.head.number).toBe(2)
  expect(parts.app.info()?.timeMs).toBe(1_800_000_000_001n)
  now -= 2_000
  await engine.seal()
  expect(parts.chain.head.number).toBe(2)
  now += 31_001
  await engine.seal()
  expect(parts.chain.head.number).toBe(3)
  expect(parts.app.info()?.timeMs).toBe(1_800_000_000_002n)
})

test('a block executes the same for one who did not make it', async () => {
  const parts = await createParts()
  const { engine } = createEngine(parts)
  await parts.pool.submit(transfer(parts, 0), 'Local')
  await parts.pool.submit(transfer(parts, 1), 'Local')
  await engine.seal()
  const other = await createParts()
  const body = unwrap(parts.store.body(1))
  expect(body).toHaveLength(4)
  let header: Parameters<Application['process']>[0]['header'] | undefined
  parts.chain.onBlock((block) => (header = block.header))
  await engine.seal()
  const second = { header: unwrap(asResult(header)), extrinsics: unwrap(parts.store.body(2)) }
  expect(other.app.process(second, 1_800_000_000_000n)).toEqual({
    ok: false,
    error: { code: 'parent_wrong' },
  })
  const made = other.app.prepare({
    nowMs: 1_800_000_000_000n,
    proposer: ALICE.publicKey,
    candidates: body.slice(2),
  })
  expect(equalBytes(made.block.hash, parts.chain.head.hash)).toBe(false)
  expect(made.block.headerBytes).toEqual(parts.store.header(1))
  const first = { header: made.block.header, extrinsics: body }
  const third = await createParts()
  expect(third.app.process(first, 1_800_000_000_000n).ok).toBe(true)
  expect(third.app.process(first, 1_700_000_000_000n)).toMatchObject({
    error: { code: 'time_ahead' },
  })
  const executed = unwrap(third.app.execute(first))
  await third.app.commit(executed)
  expect(third.app.info()?.best.hash).toEqual(made.block.hash)
  expect(third.app.process(second, 1_800_000_000_000n).ok).toBe(true)
  const forged = { ...second, header: { ...second.header, stateRoot: third.chain.genesisHash } }
  expect(third.app.process(forged, 1_800_000_000_000n)).toMatchObject({
    error: { code: 'header_mismatch', field: 'stateRoot' },
  })
  const twice = { ...second, extrinsics: [...second.extrinsics, ...body.slice(2)] }
  const reroot = { ...twice, header: { ...twice.header, digest: { logs: [] }, number: 2 } }
  expect(
    third.app.process(
      { ...reroot, header: { ...reroot.header, extrinsicsRoot: third.chain.genesisHash } },
      1_800_000_000_000n,
    ),
  ).toMatchObject({
    error: { code: 'extrinsic_refused', index: 2, error: { code: 'stale' } },
  })
})

function transfer({ chain }: Bench, nonce: number): Uint8Array {
  const to = devKeypair('Bob').accountId
  const { genesisHash } = chain
  return signTransfer({ from: devKeypair('Alice'), to, amount: 10n ** 12n, nonce, genesisHash })
}

function asResult<T>(value: T | undefined): { ok: true; value: T } | { ok: false; error: 'none' } {
  return value === undefined ? { ok: false, error: 'none' } : { ok: true, value }
}
