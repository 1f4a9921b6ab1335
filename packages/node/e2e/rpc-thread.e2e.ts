import { afterEach, expect, test } from 'vitest'
import { createBench, transferHex } from '../src/testing/test-node.ts'

const bench = createBench()
afterEach(() => bench.end())

test('an RPC thread that dies again and again stops no block', async () => {
  const { promise: sixthDeath, resolve } = Promise.withResolvers<void>()
  let deaths = 0
  const node = await bench.start({
    rpcThread: new URL('../src/testing/dying-rpc-thread.ts', import.meta.url),
    heartbeatMs: 20,
    log: (_, __, fields) => {
      if (fields?.['code'] === 'rpc_thread_died' && ++deaths === 6) resolve()
    },
  })
  await sixthDeath
  const { number } = node.chain.justified
  await new Promise<void>((more) =>
    node.onJustified((block) => block.number > number + 5 && more()),
  )
})

test('an RPC thread that would take all memory dies of its own limit; blocks go on', async () => {
  const lines: { message: string; fields: { readonly [name: string]: unknown } }[] = []
  const { promise: isBack, resolve } = Promise.withResolvers<void>()
  const node = await bench.start({
    rpcThread: new URL('../src/testing/faulty-rpc-thread.ts', import.meta.url),
    heartbeatMs: 20,
    log: (_, message, fields = {}) => {
      lines.push({ message, fields })
      if (message === 'the RPC thread is back') resolve()
    },
  })
  const client = await bench.connect(node)
  void client.ask('test_hoard')
  await isBack
  const died = lines.find(({ fields }) => fields['code'] === 'rpc_thread_died')
  expect(died?.fields['reason']).toContain('JS heap out of memory')
  const { number } = node.chain.head
  const again = await bench.connect(node)
  await again.submitAndWait(transferHex(node, 0))
  expect(node.chain.head.number).toBeGreaterThan(number)
})
