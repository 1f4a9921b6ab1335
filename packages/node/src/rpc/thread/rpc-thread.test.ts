import { spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { toHex } from '@tacit/base'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { RunningNode } from '../../start-node.ts'
import type { RpcClient } from '../../testing/rpc-client.ts'
import { makeTempDir } from '../../testing/temp-dir.ts'
import { createBench, transferHex } from '../../testing/test-node.ts'

/** One node for all: what a thread loads takes a second of processor time. */
const bench = createBench()
const directory = makeTempDir()
const lines: { message: string; fields: { readonly [name: string]: unknown } }[] = []
let node: RunningNode
let client: RpcClient
beforeAll(async () => {
  node = await bench.start({
    basePath: directory.path,
    rpcThread: new URL('../../testing/faulty-rpc-thread.ts', import.meta.url),
    heartbeatMs: 20,
    log: (_, message, fields = {}) => void lines.push({ message, fields }),
  })
  client = await bench.connect(node)
})
afterAll(async () => {
  await bench.end()
  directory.remove()
})

async function nextBlocks(count: number): Promise<void> {
  let left = count
  await new Promise<void>((resolve) => {
    const end = node.onJustified(() => {
      if (--left > 0) return
      end()
      resolve()
    })
  })
}

test('extrinsics, nonces and the pool are those of the consensus thread', async () => {
  const hash = await client.submitAndWait(transferHex(node, 0))
  const { block, justifications } = (await client.call('chain_getBlock', hash)) as {
    block: { extrinsics: string[] }
    justifications: unknown[]
  }
  expect(block.extrinsics).toHaveLength(3)
  expect(justifications).toHaveLength(1)
  const future = transferHex(node, 3)
  expect(await client.call('author_submitExtrinsic', future)).toMatch(/^0x/)
  expect(await client.call('author_pendingExtrinsics')).toEqual([future])
  expect((await client.fail('author_submitExtrinsic', future)).code).toBe(1013)
})

test('a busy RPC thread does not delay blocks', async () => {
  const release = join(directory.path, 'release')
  let isAnswered = false
  const answer = client.call('test_spin', release).then((text) => {
    isAnswered = true
    return text
  })
  await nextBlocks(5)
  expect(isAnswered).toBe(false)
  writeFileSync(release, '')
  expect(await answer).toBe('done')
})

test('RPC answers while the consensus thread is busy, and health says how old it is', () => {
  const url = node.rpcUrl.replace('ws:', 'http:')
  const ask = `const get = async (path) => (await fetch('${url}' + path)).text()
    const body = '{"jsonrpc":"2.0","id":1,"method":"chain_getBlockHash","params":[0]}'
    const headers = { 'content-type': 'application/json' }
    const posted = await fetch('${url}', { method: 'POST', headers, body })
    const pages = [await get('/health'), await get('/health/readiness'), await get('/metrics')]
    console.log(JSON.stringify([await posted.json(), ...pages]))`
  // This thread is the one of consensus, and does nothing until the other process is done.
  const asked = spawnSync(process.execPath, ['--input-type=module', '-e', ask])
  const [posted, health, readiness, metrics] = JSON.parse(asked.stdout.toString()) as [
    unknown,
    string,
    string,
    string,
  ]
  expect(posted).toMatchObject({ result: toHex(node.genesisHash) })
  const { healthy, staleMs } = JSON.parse(health) as { healthy: boolean; staleMs: number }
  expect(healthy).toBe(true)
  expect(staleMs).toBeGreaterThanOrEqual(100)
  expect(readiness).toBe('')
  expect(metrics).toMatch(/^tacit_consensus_stale_seconds (?!0$)/m)
  expect(metrics).toMatch(/^tacit_block_height{status="best"} \d+$/m)
})

test('a thread that dies is started again on the same port; blocks go on', async () => {
  const closed = once(client.socket, 'close')
  void client.ask('test_throw')
  await closed
  await nextBlocks(3)
  while (!lines.some(({ message }) => message === 'the RPC thread is back'))
    await new Promise((resolve) => setImmediate(resolve))
  const died = lines.find(({ message }) => message === 'the RPC thread died')
  expect(died?.fields).toMatchObject({ code: 'rpc_thread_died', againInMs: 100 })
  expect(died?.fields['reason']).toContain('an exception outside of every method')
  client = await bench.connect(node)
  const hash = await client.submitAndWait(transferHex(node, 1))
  const { number } = (await client.call('chain_getHeader', hash)) as { number: string }
  expect(Number(number)).toBeGreaterThan(8)
})

test('who subscribed hears of every justified block until the node is stopped', async () => {
  const heard: unknown[] = []
  const justified: string[] = []
  node.onJustified(({ justification }) => justified.push(toHex(justification)))
  await client.subscribe('grandpa_subscribeJustifications', [], (one) => heard.push(one))
  await nextBlocks(2)
  const closed = once(client.socket, 'close')
  await node.stop()
  expect((await closed)[0]).toBe(1001)
  expect(heard).toEqual(justified.slice(-heard.length))
  expect(heard.length).toBeGreaterThanOrEqual(2)
})
