import { afterEach, expect, test } from 'vitest'
import { createBench } from '../src/testing/test-node.ts'

const bench = createBench()
afterEach(() => bench.end())

test('an RPC thread that dies again and again halts the node with a code, behind its last block', async () => {
  const codes: unknown[] = []
  const node = await bench.start({
    rpcThread: new URL('../src/testing/dying-rpc-thread.ts', import.meta.url),
    heartbeatMs: 20,
    log: (_, __, fields) => void codes.push(fields?.['code']),
  })
  let blocks = 0
  node.onJustified(() => blocks++)
  expect(await node.halted).toMatchObject({ code: 'rpc_failed', fault: { restarts: 5 } })
  expect(blocks).toBeGreaterThan(5)
  expect(codes.filter((code) => code === 'rpc_thread_died')).toHaveLength(6)
  const { number } = node.chain.head
  expect(node.chain.justified.number).toBe(number)
  await new Promise((resolve) => setTimeout(resolve, 100))
  expect(node.chain.head.number).toBe(number)
})
