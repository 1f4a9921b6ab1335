import { once } from 'node:events'
import { connect } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { startRpcServer, type RpcServer } from './server.ts'
import { subscribe } from './subscribe.ts'

let server: RpcServer
let notify: (value: unknown) => void = () => {}
let slowCalled = Promise.withResolvers<void>()
afterEach(() => server.stop())

async function start(slow: Promise<string>): Promise<void> {
  slowCalled = Promise.withResolvers()
  server = await startRpcServer({
    host: '127.0.0.1',
    port: 0,
    allowedOrigins: [],
    log: () => {},
    createPages: () => () => undefined,
    methods: {
      echo: ([value]) => value,
      slow: () => {
        slowCalled.resolve()
        return slow
      },
      listen: (_, call) =>
        subscribe(call, 'heard', (tell) => {
          notify = tell
          return () => {}
        }),
      broken: (_, call) =>
        subscribe(call, 'heard', () => {
          throw new Error('no beginning')
        }),
    },
  })
}

const body = (method: string): string =>
  JSON.stringify({ jsonrpc: '2.0', id: 1, method, params: [7] })

test('what fails behind a reply ends its client alone', async () => {
  await start(Promise.resolve(''))
  const client = new WebSocket(`ws://127.0.0.1:${server.port}`)
  await once(client, 'open')
  client.send(body('broken'))
  await once(client, 'close')
  const other = new WebSocket(`ws://127.0.0.1:${server.port}`)
  await once(other, 'open')
  other.send(body('echo'))
  const [data] = (await once(other, 'message')) as [Buffer]
  expect(JSON.parse(data.toString())).toMatchObject({ result: 7 })
  other.close()
})

test('draining: no more requests, while answers under way and notices still go out', async () => {
  const { promise, resolve } = Promise.withResolvers<string>()
  await start(promise)
  const client = new WebSocket(`ws://127.0.0.1:${server.port}`)
  await once(client, 'open')
  const heard: unknown[] = []
  const next = async (): Promise<void> => {
    const [data] = (await once(client, 'message')) as [Buffer]
    heard.push(JSON.parse(data.toString()))
  }
  client.send(body('listen'))
  await next()
  client.send(body('slow'))
  client.send(body('echo'))
  await next()
  server.drain()
  client.send(body('echo'))
  notify('a block')
  await next()
  resolve('late')
  await next()
  expect(heard.slice(1)).toMatchObject([
    { result: 7 },
    { method: 'heard', params: { result: 'a block' } },
    { result: 'late' },
  ])
  const refused = connect(server.port, '127.0.0.1')
  expect((await once(refused, 'error').catch((fault: unknown) => [fault]))[0]).toMatchObject({
    code: 'ECONNREFUSED',
  })
  const closed = once(client, 'close')
  await server.stop()
  expect((await closed)[0]).toBe(1001)
})

test('draining: on a connection with a request under way, the next one gets 503', async () => {
  const { promise, resolve } = Promise.withResolvers<string>()
  await start(promise)
  const socket = connect(server.port, '127.0.0.1')
  const post = (method: string): void => {
    const text = body(method)
    const head = `host: localhost\r\ncontent-type: application/json\r\ncontent-length: ${text.length}`
    socket.write(`POST / HTTP/1.1\r\n${head}\r\n\r\n${text}`)
  }
  let received = ''
  socket.on('data', (data) => (received += data.toString()))
  const closed = once(socket, 'close')
  post('slow')
  await slowCalled.promise
  server.drain()
  post('echo')
  resolve('late')
  await closed
  expect(received.match(/HTTP\/1.1 \d+/g)).toEqual(['HTTP/1.1 200', 'HTTP/1.1 503'])
  expect(received).toContain('"result":"late"')
})
