import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { afterEach, expect, test } from 'vitest'
import { WebSocket, WebSocketServer } from 'ws'
import { createByteBudget } from './byte-budget.ts'
import type { Methods } from './json-rpc.ts'
import { MAX_OPEN_REQUESTS, serveSocket, type SocketClient } from './serve-socket.ts'
import type { Serving } from './serving.ts'
import { createTurns } from './turns.ts'

const ends: (() => void)[] = []
afterEach(() => {
  for (const end of ends.splice(0)) end()
})

type Served = { client: WebSocket; raw: Socket; serving: Serving; served: SocketClient }

/** One client of a server, in one process. */
async function connect(methods: Methods, limits = { input: 1e9, output: 1e9 }): Promise<Served> {
  const serving: Serving = {
    host: '127.0.0.1',
    methods,
    allowedOrigins: [],
    log: () => {},
    pages: () => undefined,
    turns: createTurns(),
    input: createByteBudget(limits.input),
    output: createByteBudget(limits.output),
    nowMs: () => 0,
    subscriptions: { current: 0 },
    requests: 0,
    isDraining: false,
  }
  const sockets = new WebSocketServer({ noServer: true })
  const accepted = Promise.withResolvers<SocketClient>()
  const http = createServer()
  http.on('upgrade', (request, socket, head) => {
    sockets.handleUpgrade(request, socket, head, (client) =>
      accepted.resolve(serveSocket(serving, client, socket)),
    )
  })
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve))
  const client = new WebSocket(`ws://127.0.0.1:${(http.address() as AddressInfo).port}`)
  client.on('error', () => {})
  ends.push(() => {
    client.terminate()
    http.close()
  })
  await once(client, 'open')
  const served = await accepted.promise
  return { client, raw: Reflect.get(client, '_socket') as Socket, serving, served }
}

async function until(isTrue: () => boolean): Promise<void> {
  while (!isTrue()) await nextTurn()
}

const request = (method: string, bytes: number): string =>
  JSON.stringify({ jsonrpc: '2.0', id: 1, method, params: ['x'.repeat(bytes)] })

/** The first bytes of a frame of a megabyte. */
function beginFrame(raw: Socket, bytes: number): void {
  const header = Buffer.alloc(14)
  header.set([0x82, 0xff])
  header.writeBigUInt64BE(1_000_000n, 2)
  raw.write(header)
  raw.write(Buffer.alloc(bytes))
}

test('reading stops while too many requests are open, and all are answered in the end', async () => {
  const ASKED = 1_000
  const gate = Promise.withResolvers<string>()
  let begun = 0
  const wait = (): Promise<string> => {
    begun++
    return gate.promise
  }
  const { client } = await connect({ wait, ping: () => 'pong' })
  let answered = 0
  client.on('message', () => answered++)
  for (let count = 0; count < ASKED; count++) client.send(request('wait', 2_000))
  await until(() => begun === MAX_OPEN_REQUESTS)
  for (let turn = 0; turn < 200; turn++) await nextTurn()
  expect(begun).toBe(MAX_OPEN_REQUESTS)
  gate.resolve('done')
  await until(() => answered === ASKED)
  expect(begun).toBe(ASKED)
})

test('nothing is answered while answers are not fetched', async () => {
  const ASKED = 30
  let begun = 0
  const big = (): string => {
    begun++
    return 'x'.repeat(1_000_000)
  }
  const { client, serving } = await connect({ big })
  let answered = 0
  client.on('message', () => answered++)
  client.pause()
  for (let count = 0; count < ASKED; count++) client.send(request('big', 0))
  await until(() => serving.output.total > 1_048_576)
  for (let turn = 0; turn < 100; turn++) await nextTurn()
  // The bound, and the answers that were begun below it.
  expect(serving.output.total).toBeLessThan(4_000_000)
  expect(begun).toBeLessThan(ASKED)
  client.resume()
  await until(() => answered === ASKED)
  await until(() => serving.output.total === 0)
})

test.each([
  ['unfinished requests', { input: 200_000, output: 1e9 }, 300_000],
  ['answers that nobody fetches', { input: 1e9, output: 2_000_000 }, 0],
])('whoever holds too much is cut: %s', async (_, limits, unfinished) => {
  const { client, raw, serving } = await connect({ big: () => 'x'.repeat(10_000_000) }, limits)
  const closed = once(client, 'close')
  if (unfinished > 0) beginFrame(raw, unfinished)
  else {
    client.pause()
    client.send(request('big', 0))
    await until(() => serving.requests === 1)
    client.resume()
  }
  expect((await closed)[0]).toBe(1006)
  expect([serving.input.total, serving.output.total]).toEqual([0, 0])
})

test('small requests under way count for what they take: whoever has too many is cut', async () => {
  const limits = { input: 500_000, output: 1e9 }
  const never = new Promise<string>(() => {})
  const { client } = await connect({ wait: () => never }, limits)
  const closed = once(client, 'close')
  for (let count = 0; count < 100; count++) client.send(request('wait', 0))
  await until(() => client.bufferedAmount === 0)
  client.ping()
  expect(await Promise.race([closed, once(client, 'pong').then(() => 'open')])).toBe('open')
  for (let count = 0; count < 50; count++) client.send(request('wait', 0))
  expect((await closed)[0]).toBe(1006)
})

test('a message that is not finished in time ends the client, and so does silence', async () => {
  const late = await connect({})
  beginFrame(late.raw, 100_000)
  await until(() => late.serving.input.total > 90_000)
  late.served.check(59_000)
  await once(late.client, 'ping')
  await nextTurn()
  const closed = once(late.client, 'close')
  late.served.check(61_000)
  expect((await closed)[0]).toBe(1006)
  const silent = await connect({})
  silent.client.pause()
  silent.served.check(0)
  const gone = once(silent.client, 'close')
  silent.served.check(30_000)
  silent.client.resume()
  expect((await gone)[0]).toBe(1006)
})

test('a client that answers and asks nothing stays', async () => {
  const { client, served } = await connect({})
  for (const nowMs of [0, 30_000, 60_000, 90_000, 120_000]) {
    const asked = once(client, 'ping')
    served.check(nowMs)
    await asked
    // Its answer is there when a second one to a ping of its own is.
    const echoed = once(client, 'pong')
    client.ping()
    await echoed
  }
  expect(client.readyState).toBe(WebSocket.OPEN)
})
