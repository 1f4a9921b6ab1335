import { once } from 'node:events'
import { createServer, type AddressInfo, type Server } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { WebSocketServer, type WebSocket as ServerSocket } from 'ws'
import { TacitError } from './errors.ts'
import { connect } from './rpc.ts'

type Request = { readonly id: number; readonly method: string; readonly params: readonly unknown[] }

let server: WebSocketServer | undefined
let tcp: Server | undefined

afterEach(() => {
  for (const client of server?.clients ?? []) client.terminate()
  server?.close()
  tcp?.close()
})

async function serve(answer: (socket: ServerSocket, request: Request) => void): Promise<string> {
  server = new WebSocketServer({ port: 0, host: '127.0.0.1' })
  server.on('connection', (socket) =>
    socket.on('message', (data: Buffer) => answer(socket, JSON.parse(data.toString()) as Request)),
  )
  await once(server, 'listening')
  return `ws://127.0.0.1:${(server.address() as AddressInfo).port}`
}

async function codeOf(promise: Promise<unknown>): Promise<string | undefined> {
  const error = await promise.then(
    () => undefined,
    (one: unknown) => one,
  )
  return error instanceof TacitError ? error.code : undefined
}

describe('connect', () => {
  it('answers requests by their id, whatever order the node takes', async () => {
    const held: (() => void)[] = []
    const url = await serve((socket, { id, method }) => {
      held.unshift(() => socket.send(JSON.stringify({ jsonrpc: '2.0', id, result: method })))
      if (held.length === 2) for (const send of held) send()
    })
    const rpc = await connect(url)
    expect(await Promise.all([rpc.request('first'), rpc.request('second')])).toEqual([
      'first',
      'second',
    ])
    rpc.close()
    await rpc.closed
  })

  it('gives a notification that follows its subscription at once', async () => {
    const url = await serve((socket, { id }) => {
      socket.send(JSON.stringify({ jsonrpc: '2.0', id, result: 'sub' }))
      const params = { subscription: 'sub', result: 7 }
      socket.send(JSON.stringify({ jsonrpc: '2.0', method: 'x', params }))
    })
    const rpc = await connect(url)
    const seen = Promise.withResolvers<number>()
    await rpc.subscribe<number>('sub', [], 'unsub', seen.resolve)
    expect(await seen.promise).toBe(7)
    rpc.close()
  })

  it("throws the node's refusal with its code and text", async () => {
    const url = await serve((socket, { id }) => {
      const error = { code: 1010, message: 'Invalid Transaction', data: 'Inability to pay fees' }
      socket.send(JSON.stringify({ jsonrpc: '2.0', id, error }))
    })
    const rpc = await connect(url)
    const error = await rpc.request('author_submitExtrinsic').catch((one: unknown) => one)
    expect(error).toBeInstanceOf(TacitError)
    expect((error as TacitError).details['rpcCode']).toBe(1010)
    expect((error as TacitError).shortMessage).toContain('Inability to pay fees')
    rpc.close()
  })

  it('fails what waits when the connection goes, and what comes after', async () => {
    const url = await serve((socket) => socket.terminate())
    const rpc = await connect(url)
    expect(await codeOf(rpc.request('x'))).toBe('rpc_disconnected')
    await rpc.closed
    expect(await codeOf(rpc.request('x'))).toBe('rpc_disconnected')
  })

  it.each(['not JSON', 'null', '7'])('leaves a node that sends %s', async (garbage) => {
    const url = await serve((socket) => socket.send(garbage))
    const rpc = await connect(url)
    expect(await codeOf(rpc.request('x'))).toBe('rpc_disconnected')
    await rpc.closed
  })

  it('says that nobody answers', async () => {
    tcp = createServer().listen(0, '127.0.0.1')
    await once(tcp, 'listening')
    const { port } = tcp.address() as AddressInfo
    tcp.close()
    await once(tcp, 'close')
    expect(await codeOf(connect(`ws://127.0.0.1:${port}`))).toBe('rpc_unreachable')
    expect(await codeOf(connect('not a url'))).toBe('rpc_unreachable')
  })
})
