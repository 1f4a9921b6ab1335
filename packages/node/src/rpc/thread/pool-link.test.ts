import { err, ok, type AccountId, type Hash, type Result } from '@tacit/base'
import { native } from '@tacit/crypto/native'
import { expect, test } from 'vitest'
import type { PoolAccess, PoolState } from '../../pool/access.ts'
import { NO_COUNTERS } from '../../pool/counters.ts'
import type { PoolError } from '../../pool/errors.ts'
import type { PoolStatus, StatusListener } from '../../pool/transaction.ts'
import { createOutbox } from './outbox.ts'
import { PENDING_INTERVAL_MS, PoolClient, type PoolClientLimits } from './pool-client.ts'
import { PoolServer, SLICE_MS } from './pool-server.ts'
import { transferOf, type FromPool, type ToPool } from './protocol.ts'

const ALICE = new Uint8Array(32).fill(1) as AccountId
const LIMITS: PoolClientLimits = {
  inFlight: 4,
  inFlightBytes: 100,
  waiting: 8,
  waitingBytes: 200,
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))
const turns = async (count = 10): Promise<void> => {
  for (let at = 0; at < count; at++) await turn()
}
const bytesOf = (name: number, length = 3): Uint8Array => new Uint8Array(length).fill(name)
const hashOf = (bytes: Uint8Array): Hash => native.hashes.blake2b256(bytes) as Hash

/** A pool that answers when it is told to, and remembers what it was asked. */
class FakePool implements PoolAccess {
  readonly submitted: { bytes: Uint8Array; source: string; listener?: StatusListener }[] = []
  readonly unwatched: StatusListener[] = []
  pendingCalls = 0
  answer: (bytes: Uint8Array) => Promise<Result<Hash, PoolError>> = (bytes) =>
    Promise.resolve(ok(hashOf(bytes)))

  submit(
    bytes: Uint8Array,
    source: string,
    listener?: StatusListener,
  ): Promise<Result<Hash, PoolError>> {
    this.submitted.push({ bytes, source, ...(listener && { listener }) })
    return this.answer(bytes)
  }
  unwatch(_: Hash, listener: StatusListener): void {
    this.unwatched.push(listener)
  }
  pending(): Promise<readonly Uint8Array[]> {
    this.pendingCalls++
    return Promise.resolve(this.submitted.map(({ bytes }) => bytes))
  }
  nextNonce(_: AccountId, stateNonce: number): Promise<number> {
    return Promise.resolve(stateNonce + 7)
  }
  status(): Promise<PoolState> {
    const ready = this.submitted.length
    return Promise.resolve({ ready, future: 0, bytes: 9, counters: NO_COUNTERS })
  }
}

type Link = {
  readonly pool: FakePool
  readonly client: PoolClient
  readonly server: PoolServer
  /** What crossed, one list for each post. */
  readonly toPool: (readonly ToPool[])[]
  readonly fromPool: (readonly FromPool[])[]
}

/** Both ends in this thread; messages are cloned as between two. */
function createLink(limits?: PoolClientLimits): Link {
  const pool = new FakePool()
  const toPool: (readonly ToPool[])[] = []
  const fromPool: (readonly FromPool[])[] = []
  const client: PoolClient = new PoolClient(
    createOutbox<ToPool>(
      {
        postMessage: (messages, transfer) => {
          const cloned = structuredClone(messages, { transfer: [...transfer] })
          toPool.push(cloned)
          for (const message of cloned) server.receive(message)
        },
      },
      transferOf,
    ),
    limits,
  )
  const server: PoolServer = new PoolServer(
    pool,
    createOutbox<FromPool>(
      {
        postMessage: (messages, transfer) => {
          const cloned = structuredClone(messages, { transfer: [...transfer] })
          fromPool.push(cloned)
          for (const message of cloned) client.receive(message)
        },
      },
      transferOf,
    ),
  )
  return { pool, client, server, toPool, fromPool }
}

test('what one turn submits crosses as one message each way, and each has its own answer', async () => {
  const { pool, client, toPool, fromPool } = createLink()
  pool.answer = (bytes) =>
    Promise.resolve(bytes[0] === 2 ? err({ code: 'already_imported' }) : ok(hashOf(bytes)))
  const inputs = [1, 2, 3].map((name) => bytesOf(name, name))
  const results = await Promise.all(inputs.map((bytes) => client.submit(bytes, 'External')))
  const [first = inputs[0], , third = inputs[0]] = inputs
  expect(results).toEqual([
    ok(hashOf(first ?? new Uint8Array())),
    err({ code: 'already_imported' }),
    ok(hashOf(third ?? new Uint8Array())),
  ])
  expect(toPool.map((posted) => posted.map(({ type }) => type))).toEqual([['submit']])
  expect(fromPool).toHaveLength(1)
  expect(pool.submitted).toEqual(inputs.map((bytes) => ({ bytes, source: 'External' })))
  // Each has a buffer of its own: the pool keeps one without keeping the others.
  expect(pool.submitted.every(({ bytes }) => bytes.buffer.byteLength === bytes.length)).toBe(true)
})

test('sources cross as they are', async () => {
  const { pool, client } = createLink()
  const sources = ['InBlock', 'Local', 'External'] as const
  await Promise.all(sources.map((source, name) => client.submit(bytesOf(name), source)))
  expect(pool.submitted.map(({ source }) => source)).toEqual(sources)
})

test('a listener hears everything in order, behind the answer, and nothing after the last status', async () => {
  const { pool, client, fromPool } = createLink()
  const heard: unknown[] = []
  const listen = (status: PoolStatus): void => void heard.push(status)
  const one = client.submit(bytesOf(1), 'External', listen).then(() => heard.push('answered'))
  const other = client.submit(bytesOf(2), 'External', (status) => heard.push([2, status.type]))
  await turns(3)
  const block = { number: 5, hash: hashOf(bytesOf(9)) }
  const final: PoolStatus = { type: 'inBlock', block, index: 2 }
  const statuses: PoolStatus[] = [{ type: 'future' }, { type: 'ready' }, final, { type: 'dropped' }]
  for (const status of statuses) for (const { listener } of pool.submitted) listener?.(status)
  await Promise.all([one, other])
  await turns()
  expect(heard.filter((item) => !Array.isArray(item))).toEqual([
    'answered',
    { type: 'future' },
    { type: 'ready' },
    final,
  ])
  expect(heard.filter((item) => Array.isArray(item))).toEqual([
    [2, 'future'],
    [2, 'ready'],
    [2, 'inBlock'],
  ])
  // Runs: the statuses of both extrinsics cross as one message each.
  const types = fromPool.flat().map(({ type }) => type)
  expect(types).toEqual(['submitted', 'statuses', 'statuses', 'included', 'statuses'])
})

test('who unwatches hears nothing more, not even what is on its way', async () => {
  const { pool, client } = createLink()
  const heard: string[] = []
  const listener = ({ type }: PoolStatus): void => void heard.push(type)
  const bytes = bytesOf(1)
  await client.submit(bytes, 'External', listener)
  pool.submitted[0]?.listener?.({ type: 'ready' })
  client.unwatch(hashOf(bytes), listener)
  await turns()
  expect(heard).toEqual([])
  expect(pool.unwatched).toEqual([pool.submitted[0]?.listener])
})

test('extrinsics in flight are bounded in number, the others wait, and past that they are refused', async () => {
  const { pool, client } = createLink(LIMITS)
  const answers: (() => void)[] = []
  pool.answer = (bytes) =>
    new Promise((resolve) => {
      answers.push(() => resolve(ok(hashOf(bytes))))
    })
  const results = Array.from({ length: 13 }, (_, name) => client.submit(bytesOf(name), 'External'))
  await turns()
  expect(pool.submitted).toHaveLength(4)
  expect(await results[12]).toEqual(err({ code: 'pool_busy' }))
  while (pool.submitted.length < 12) {
    for (const answer of answers.splice(0)) answer()
    await turns()
    expect(answers.length).toBeLessThanOrEqual(4)
  }
  for (const answer of answers) answer()
  expect((await Promise.all(results.slice(0, 12))).every(({ ok: isOk }) => isOk)).toBe(true)
})

test('extrinsics in flight are bounded in bytes; a large one goes alone', async () => {
  const { pool, client } = createLink(LIMITS)
  const answers: (() => void)[] = []
  pool.answer = (bytes) =>
    new Promise((resolve) => {
      answers.push(() => resolve(ok(hashOf(bytes))))
    })
  const lengths = [60, 60, 130]
  const results = lengths.map((length) => client.submit(bytesOf(1, length), 'External'))
  expect(await client.submit(bytesOf(2, 11), 'External')).toEqual(err({ code: 'pool_busy' }))
  for (const sent of [1, 2, 3]) {
    await turns()
    expect(pool.submitted).toHaveLength(sent)
    answers.shift()?.()
  }
  await Promise.all(results)
})

test('nonces have their own answers, and are bounded', async () => {
  const { client } = createLink(LIMITS)
  const nonces = Array.from({ length: 8 }, (_, nonce) => client.nextNonce(ALICE, nonce))
  await expect(async () => await client.nextNonce(ALICE, 9)).rejects.toMatchObject({
    code: -32_009,
  })
  expect(await Promise.all(nonces)).toEqual([7, 8, 9, 10, 11, 12, 13, 14])
})

test('all who ask for what waits meanwhile share one answer, and the next comes later', async () => {
  const { pool, client } = createLink()
  await client.submit(bytesOf(1), 'External')
  const startMs = performance.now()
  const [one, other] = await Promise.all([client.pending(), client.pending(), client.pending()])
  expect([one, other, pool.pendingCalls]).toEqual([[bytesOf(1)], [bytesOf(1)], 1])
  await client.submit(bytesOf(2), 'External')
  expect(await client.pending()).toEqual([bytesOf(1), bytesOf(2)])
  expect(performance.now() - startMs).toBeGreaterThan(PENDING_INTERVAL_MS - 5)
  const states = await Promise.all([client.status(), client.status()])
  const state = { ready: 2, future: 0, bytes: 9, counters: NO_COUNTERS }
  expect(states).toEqual([state, state])
})

test('much work is done in slices: other work of the thread runs in between', async () => {
  const { pool, client } = createLink()
  pool.answer = (bytes) => {
    const endMs = performance.now() + SLICE_MS
    while (performance.now() < endMs);
    return Promise.resolve(ok(hashOf(bytes)))
  }
  const results = Promise.all([1, 2, 3].map((name) => client.submit(bytesOf(name), 'External')))
  const done: number[] = []
  for (let at = 0; at < 8; at++) {
    await turn()
    if (done.at(-1) !== pool.submitted.length) done.push(pool.submitted.length)
  }
  expect(done).toEqual([0, 1, 2, 3])
  await results
})

test('when the RPC thread is gone, nothing is watched or done for it any more', async () => {
  const { pool, client, server, fromPool } = createLink()
  await client.submit(bytesOf(1), 'External', () => {})
  const { promise, resolve } = Promise.withResolvers<void>()
  pool.answer = async (bytes) => {
    await promise
    return ok(hashOf(bytes))
  }
  void client.submit(bytesOf(2), 'External', () => {})
  await turns()
  void client.submit(bytesOf(3), 'External', () => {})
  // It has crossed, and its turn has not come.
  await turn()
  const posted = fromPool.length
  server.close()
  resolve()
  await turns()
  expect(pool.submitted).toHaveLength(2)
  expect(pool.unwatched).toEqual(pool.submitted.map(({ listener }) => listener))
  expect(fromPool).toHaveLength(posted)
})
