import { devKeypair, type SignatureCheck } from '@tacit/crypto'
import { native } from '@tacit/crypto/native'
import { createRuntime } from '@tacit/runtime/runtime'
import { afterEach, expect, test } from 'vitest'
import { createApplication, type Application } from '../../application.ts'
import { Store } from '../../storage/store.ts'
import { makeTempDir } from '../../testing/temp-dir.ts'
import { TEST_SPEC } from '../../testing/test-node.ts'
import { signTransfer } from '../../testing/transfers.ts'
import { Pool } from '../pool.ts'

const runtime = createRuntime()
const NOW_MS = 1_800_000_000_000n
const PROPOSER = devKeypair('Alice', 'ed25519').publicKey
const ends: (() => Promise<void> | void)[] = []
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end()
})

type Node = { readonly app: Application; readonly pool: Pool; readonly asked: SignatureCheck[] }

/** An application with its pool, and what the main thread had to check. */
async function createNode(): Promise<Node> {
  const asked: SignatureCheck[] = []
  const verify = (check: SignatureCheck): boolean => {
    asked.push(check)
    return native.verify(check)
  }
  const crypto = { ...native, verify }
  const directory = makeTempDir()
  ends.push(() => directory.remove())
  const store = new Store(directory.path, { retention: 8 })
  ends.push(() => store.close())
  const app = createApplication({ runtime, store, crypto, log: () => {} })
  await app.genesis(TEST_SPEC.genesis)
  const pool = new Pool({ app, runtime, crypto, log: () => {}, signatureThreads: 1 })
  ends.push(() => pool.stop())
  return { app, pool, asked }
}

function transfers(app: Application, count: number): Uint8Array[] {
  const genesisHash = app.genesisHash(TEST_SPEC.genesis)
  const from = devKeypair('Alice')
  const to = devKeypair('Bob').accountId
  return Array.from({ length: count }, (_, nonce) =>
    signTransfer({ from, to, amount: 10n ** 12n, nonce, genesisHash }),
  )
}

test('each signature is checked once, by a thread or while none is ready, and never by a block', async () => {
  const { app, pool, asked } = await createNode()
  const signed = transfers(app, 6)
  const submitted = await Promise.all(signed.map((bytes) => pool.submit(bytes, 'External')))
  expect(submitted.every(({ ok }) => ok)).toBe(true)
  const { onThreads, onCaller } = pool.counters.signatures
  expect(onThreads + onCaller).toBe(6)
  expect(asked).toHaveLength(onCaller)
  const candidates = pool.candidates()
  const { block } = app.prepare({ nowMs: NOW_MS, proposer: PROPOSER, candidates })
  expect(block.extrinsics).toHaveLength(2 + 6)
  await app.commit(block)
  pool.onBlock(block, block.extrinsics)
  expect(pool.size).toBe(0)
  expect(asked).toHaveLength(onCaller)
})

test('a bad signature is not remembered, and comes behind all that is cheap', async () => {
  const { app, pool } = await createNode()
  const [good = new Uint8Array()] = transfers(app, 1)
  const forged = Uint8Array.from(good)
  forged[60] = (forged[60] ?? 0) ^ 1
  expect(await pool.submit(forged, 'External')).toEqual({ ok: false, error: { code: 'bad_proof' } })
  const used = pool.counters.signatures
  expect(used.onThreads + used.onCaller).toBe(1)
  const banned = { ok: false, error: { code: 'temporarily_banned' } }
  expect(await pool.submit(forged, 'External')).toEqual(banned)
  expect((await pool.submit(good, 'External')).ok).toBe(true)
  // With the place taken by one that is worth as much, no signature is looked at.
  const other = Uint8Array.from(good)
  other[61] = (other[61] ?? 0) ^ 1
  expect(await pool.submit(other, 'External')).toMatchObject({
    error: { code: 'priority_too_low' },
  })
  const { onThreads, onCaller } = pool.counters.signatures
  expect(onThreads + onCaller).toBe(2)
})

test('a block from elsewhere is checked ahead, and its execution checks nothing again', async () => {
  const maker = await createNode()
  const signed = transfers(maker.app, 5)
  const { block } = maker.app.prepare({ nowMs: NOW_MS, proposer: PROPOSER, candidates: signed })
  expect(block.extrinsics).toHaveLength(2 + 5)
  const { app, pool, asked } = await createNode()
  await pool.preverify(block.extrinsics)
  const { onThreads, onCaller } = pool.counters.signatures
  expect(onThreads + onCaller).toBe(5)
  expect(app.process(block, NOW_MS).ok).toBe(true)
  expect(asked).toHaveLength(onCaller)
  await pool.preverify(block.extrinsics)
  expect(pool.counters.signatures).toMatchObject({ onThreads, onCaller })
})
