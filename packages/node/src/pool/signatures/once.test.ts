import { devKeypair } from '@tacit/crypto'
import { afterEach, expect, test } from 'vitest'
import type { Application } from '../../application.ts'
import { createPoolNode, type PoolNode } from '../../testing/pool-node.ts'
import { TEST_SPEC } from '../../testing/test-node.ts'
import { signTransfer } from '../../testing/transfers.ts'

const nodes: PoolNode[] = []
afterEach(async () => {
  for (const node of nodes.splice(0)) await node.end()
})

async function createNode(): Promise<PoolNode> {
  const node = await createPoolNode({ signatureThreads: 1 })
  nodes.push(node)
  return node
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
  const { app, pool, asked, seal } = await createNode()
  const signed = transfers(app, 6)
  const submitted = await Promise.all(signed.map((bytes) => pool.submit(bytes, 'External')))
  expect(submitted.every(({ ok }) => ok)).toBe(true)
  const { onThreads, onCaller } = pool.counters.signatures
  expect(onThreads + onCaller).toBe(6)
  expect(asked).toHaveLength(onCaller)
  const block = await seal()
  expect(block.extrinsics).toHaveLength(2 + 6)
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
