import { EventEmitter } from 'node:events'
import type { Worker } from 'node:worker_threads'
import type { Hash } from '@tacit/base'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { CHAIN_PROPERTIES } from '../../chain-spec.ts'
import { createChain, type PublishingChain } from '../../chain.ts'
import type { PoolAccess } from '../../pool/access.ts'
import { NO_COUNTERS } from '../../pool/counters.ts'
import type { FromRpc, ToRpc } from './protocol.ts'
import { RpcSupervisor } from './supervisor.ts'

/** A thread that the test plays. */
class FakeWorker extends EventEmitter {
  readonly received: ToRpc[] = []
  isTerminated = false

  postMessage(messages: readonly ToRpc[]): void {
    this.received.push(...messages)
    if (messages.some(({ type }) => type === 'stop')) this.emit('exit', 0)
  }
  say(message: FromRpc): void {
    this.emit('message', [message])
  }
  ref(): void {}
  async terminate(): Promise<number> {
    this.isTerminated = true
    this.emit('exit', 1)
    return await Promise.resolve(1)
  }
}

const hash = new Uint8Array(32) as Hash
const pool: PoolAccess = {
  submit: () => Promise.reject(new Error('unused')),
  unwatch: () => {},
  pending: () => Promise.resolve([]),
  nextNonce: () => Promise.resolve(0),
  status: () => Promise.resolve({ ready: 1, future: 2, bytes: 3, counters: NO_COUNTERS }),
}

type Bench = {
  readonly supervisor: RpcSupervisor
  readonly workers: FakeWorker[]
  readonly chain: PublishingChain
  /** Of the deaths that were logged. */
  readonly pauses: unknown[]
  readonly reasons: unknown[]
}

function createBench(): Bench {
  const workers: FakeWorker[] = []
  const pauses: unknown[] = []
  const reasons: unknown[] = []
  const head = { number: 0, hash }
  const chain = createChain({ genesisHash: hash, head, justified: head })
  const supervisor = new RpcSupervisor({
    chain,
    pool,
    log: (_, __, fields) => {
      if (fields?.['code'] !== 'rpc_thread_died') return
      pauses.push(fields['againInMs'])
      reasons.push(fields['reason'])
    },
    settings: {
      path: '/nowhere',
      host: '127.0.0.1',
      port: 0,
      allowedOrigins: [],
      unsafePolicy: 'auto',
      chainName: 'test',
      properties: CHAIN_PROPERTIES,
    },
    createWorker: () => {
      const worker = new FakeWorker()
      workers.push(worker)
      return worker as unknown as Worker
    },
  })
  return { supervisor, workers, chain, pauses, reasons }
}

async function startBench(): Promise<Bench> {
  const bench = createBench()
  const started = bench.supervisor.start()
  bench.workers[0]?.say({ type: 'listening', port: 4_321 })
  await started
  return bench
}

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

test('it is started again for ever, later each time up to a minute, and the log says when', async () => {
  const { workers, pauses } = await startBench()
  const expected = [100, 200, 400, 800, 1_600, 3_200, 6_400, 12_800, 25_600, 51_200, 60_000, 60_000]
  for (const [restart, pauseMs] of expected.entries()) {
    workers.at(-1)?.emit('error', new Error('boom'))
    workers.at(-1)?.emit('exit', 1)
    await vi.advanceTimersByTimeAsync(pauseMs - 1)
    expect(workers).toHaveLength(restart + 1)
    await vi.advanceTimersByTimeAsync(1)
    expect(workers).toHaveLength(restart + 2)
    workers.at(-1)?.say({ type: 'listening', port: 4_321 })
  }
  expect(pauses).toEqual(expected)
})

test('deaths of long ago count no more', async () => {
  const { workers, pauses } = await startBench()
  for (let death = 0; death < 9; death++) {
    workers.at(-1)?.emit('exit', 1)
    await vi.advanceTimersByTimeAsync(200_000)
    workers.at(-1)?.say({ type: 'listening', port: 4_321 })
  }
  expect(pauses).toEqual([100, 200, 400, 400, 400, 400, 400, 400, 400])
})

test('a new thread begins where the chain stands, on the same port, with what may not be on the disk', async () => {
  const { supervisor, workers, chain } = await startBench()
  const header = {
    parentHash: hash,
    number: 1,
    stateRoot: hash,
    extrinsicsRoot: hash,
    digest: { logs: [] },
  }
  const block = { number: 1, hash: new Uint8Array(32).fill(1) as Hash }
  chain.publish({ ...block, header, headerBytes: Uint8Array.of(9), extrinsics: [] })
  chain.justify({ ...block, justification: Uint8Array.of(8) })
  supervisor.halted()
  await vi.advanceTimersByTimeAsync(1)
  expect(workers[0]?.received.slice(1)).toEqual([
    { type: 'block', ...block, header: Uint8Array.of(9) },
    { type: 'justified', block: { ...block, justification: Uint8Array.of(8) } },
    { type: 'halted' },
  ])
  workers[0]?.emit('exit', 1)
  await vi.advanceTimersByTimeAsync(101)
  expect(workers[1]?.received).toMatchObject([
    {
      type: 'start',
      start: {
        port: 4_321,
        head: block,
        justified: block,
        justifications: [{ ...block, justification: Uint8Array.of(8) }],
        isHalted: true,
      },
    },
  ])
})

test('what keeps it from listening is thrown; a restart that cannot listen counts as a death', async () => {
  const taken = {
    type: 'failed',
    fault: { code: 'port_taken', host: '127.0.0.1', port: 1, flag: '--rpc-port' },
  } as const
  const first = createBench()
  const started = expect(first.supervisor.start()).rejects.toMatchObject({ code: 'port_taken' })
  first.workers[0]?.say(taken)
  await vi.advanceTimersByTimeAsync(10)
  await started
  const dead = createBench()
  const failed = expect(dead.supervisor.start()).rejects.toMatchObject({
    code: 'rpc_failed',
    fault: { reason: expect.stringContaining('it ended with code 1') },
  })
  dead.workers[0]?.emit('exit', 1)
  await failed
  const { workers, pauses, reasons } = await startBench()
  workers[0]?.emit('exit', 1)
  for (let restart = 0; restart < 3; restart++) {
    await vi.advanceTimersByTimeAsync(10_000)
    workers.at(-1)?.say(taken)
    await vi.advanceTimersByTimeAsync(10)
  }
  expect(pauses).toEqual([100, 200, 400, 800])
  expect(reasons.at(-1)).toContain('is taken by another program')
})

test('stopping: drained first; a thread that does not answer is waited for a bounded time, then ended', async () => {
  const { supervisor, workers, pauses } = await startBench()
  const [worker] = workers
  if (!worker) throw new Error('no thread')
  worker.postMessage = (messages: readonly ToRpc[]) => void worker.received.push(...messages)
  const drained = supervisor.drain()
  await vi.advanceTimersByTimeAsync(1_000)
  await drained
  const stopped = supervisor.stop()
  await vi.advanceTimersByTimeAsync(2_900)
  expect(worker.isTerminated).toBe(false)
  await vi.advanceTimersByTimeAsync(100)
  await stopped
  expect(worker.isTerminated).toBe(true)
  expect(worker.received.map(({ type }) => type)).toEqual(['start', 'drain', 'stop'])
  await vi.advanceTimersByTimeAsync(10_000)
  expect([workers.length, pauses]).toEqual([1, []])
})
