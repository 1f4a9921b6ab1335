import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { parseUtf8 } from '@tacit/base'
import { WebSocketServer, type RawData, type WebSocket } from 'ws'
import { NodeError } from '../errors.ts'
import type { Log } from '../log.ts'
import { Connection } from './connection.ts'
import { answer, failure, type Call, type Methods } from './json-rpc.ts'
import { isAllowedOrigin } from './origin.ts'
import type { Pages, ServerCounts } from './pages.ts'
import { RPC_CODE } from './rpc-error.ts'

/** Two MiB, and the largest extrinsic in hex. */
export const MAX_REQUEST_BYTES: number = 2_097_152 + 2 * 5_000_000
const MAX_CONNECTIONS = 512
/** Waiting bytes at which nothing more is read from a client, and at which reading goes on. */
const PAUSE_BYTES = 4_194_304
const RESUME_BYTES = 1_048_576
const PING_MS = 30_000
/** Milliseconds that clients have to say goodbye when the server stops. */
const GOODBYE_MS = 250
/** WebSocket close code: the endpoint is going away (RFC 6455, section 7.4.1). */
const GOING_AWAY = 1001

export type RpcServerOptions = {
  readonly host: string
  /** 0 takes any free port. */
  readonly port: number
  readonly methods: Methods
  /** Web pages beside those of this machine that may connect; '*' for all. */
  readonly allowedOrigins: readonly string[]
  /** What GET gives, made of what the server counts. */
  readonly createPages: (counts: () => ServerCounts) => Pages
  readonly log: Log
}

/** A listening server. */
export type RpcServer = {
  readonly port: number
  /** Takes no more requests; answers and notices that are under way still go out. */
  drain(): void
  /** Closes all connections. */
  stop(): Promise<void>
}

/** What the connections of a server share. */
type Serving = Pick<RpcServerOptions, 'methods' | 'allowedOrigins' | 'log'> & {
  readonly pages: Pages
  requests: number
  isDraining: boolean
}

/** Listens for JSON-RPC over WebSocket and HTTP POST on one port. Throws `port_taken`. */
export async function startRpcServer(options: RpcServerOptions): Promise<RpcServer> {
  const { methods, allowedOrigins, log } = options
  const sockets = new WebSocketServer({
    noServer: true,
    maxPayload: MAX_REQUEST_BYTES,
    perMessageDeflate: false,
  })
  const counts = (): ServerCounts => ({
    connections: sockets.clients.size,
    requests: serving.requests,
  })
  const pages = options.createPages(counts)
  const serving: Serving = { methods, allowedOrigins, log, pages, requests: 0, isDraining: false }
  const http = createServer((request, response) => {
    void serveHttp(serving, request, response)
  })
  http.maxConnections = MAX_CONNECTIONS
  http.requestTimeout = 30_000
  http.headersTimeout = 10_000
  http.on('upgrade', (request, socket, head) => {
    socket.on('error', () => socket.destroy())
    if (!isAllowedOrigin(request.headers.origin, allowedOrigins))
      return void socket.end('HTTP/1.1 403 Forbidden\r\nConnection: close\r\n\r\n')
    sockets.handleUpgrade(request, socket, head, (client) => serveSocket(serving, client))
  })
  const pings = setInterval(() => pingAll(sockets), PING_MS)
  pings.unref()
  await listen(http, options)
  const closed = new Promise<void>((resolve) => http.once('close', resolve))
  return {
    port: (http.address() as AddressInfo).port,
    drain: () => {
      serving.isDraining = true
      http.close()
      http.closeIdleConnections()
    },
    stop: async () => {
      clearInterval(pings)
      http.close()
      await sayGoodbye(sockets)
      http.closeAllConnections()
      await closed
    },
  }
}

/** Closes WebSockets; those that do not answer in time are cut. */
async function sayGoodbye({ clients }: WebSocketServer): Promise<void> {
  const gone = [...clients].map(async (client) => {
    await new Promise((resolve) => {
      client.once('close', resolve)
      client.resume()
      client.close(GOING_AWAY)
    })
  })
  const timer = setTimeout(() => {
    for (const client of clients) client.terminate()
  }, GOODBYE_MS)
  await Promise.all(gone)
  clearTimeout(timer)
}

async function listen(http: Server, { host, port }: RpcServerOptions): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    http.once('error', (fault: NodeJS.ErrnoException) => {
      const taken = fault.code === 'EADDRINUSE'
      reject(taken ? new NodeError({ code: 'port_taken', host, port, flag: '--rpc-port' }) : fault)
    })
    http.listen(port, host, resolve)
  })
}

const answered = new WeakSet<WebSocket>()

function pingAll(sockets: WebSocketServer): void {
  for (const client of sockets.clients) {
    if (!answered.has(client)) client.terminate()
    answered.delete(client)
    client.ping()
  }
}

function serveSocket(serving: Serving, client: WebSocket): void {
  const relax = (): void => {
    if (client.isPaused && client.bufferedAmount < RESUME_BYTES) client.resume()
  }
  const connection = new Connection({
    send: (text) => {
      client.send(text, relax)
      if (client.bufferedAmount > PAUSE_BYTES) client.pause()
    },
    bufferedBytes: () => client.bufferedAmount,
    terminate: () => client.terminate(),
  })
  answered.add(client)
  client.on('pong', () => answered.add(client))
  client.on('close', () => connection.close())
  // A broken frame: ws closes the connection with the code for it.
  client.on('error', (fault) =>
    serving.log('debug', 'a WebSocket failed', { reason: fault.message }),
  )
  client.on('message', (data) => {
    if (!serving.isDraining) void serveMessage(serving, connection, parseUtf8(toBytes(data)))
  })
}

async function serveMessage(
  serving: Serving,
  connection: Connection,
  text: string | undefined,
): Promise<void> {
  serving.requests++
  const later: (() => void)[] = []
  const call: Call = { connection, afterReply: (run) => void later.push(run) }
  const reply = await answer(serving.methods, text, call, serving.log)
  if (reply !== undefined) connection.send(reply)
  for (const run of later) run()
}

function toBytes(data: RawData): Uint8Array {
  if (Array.isArray(data)) return Buffer.concat(data)
  return data instanceof ArrayBuffer ? new Uint8Array(data) : data
}

async function serveHttp(
  serving: Serving,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { origin } = request.headers
  if (!isAllowedOrigin(origin, serving.allowedOrigins)) return end(response, 403)
  if (origin !== undefined) {
    response.setHeader('access-control-allow-origin', origin)
    response.setHeader('access-control-allow-headers', 'content-type')
    response.setHeader('vary', 'origin')
  }
  if (request.method === 'OPTIONS') return end(response, 204)
  const path = request.url?.split('?')[0] ?? '/'
  const page = request.method === 'GET' ? await serving.pages(path) : undefined
  if (page) return end(response, page.status, page.body, page.type)
  if (path !== '/') return end(response, 404)
  if (request.method !== 'POST') return end(response, 405)
  if (!(request.headers['content-type'] ?? '').startsWith('application/json'))
    return end(response, 415)
  if (serving.isDraining) {
    response.setHeader('connection', 'close')
    return end(response, 503)
  }
  await servePost(serving, request, response)
}

async function servePost(
  serving: Serving,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const body = await readBody(request).catch(() => undefined)
  if (body === undefined) return void request.destroy()
  if (body === 'too_large') {
    response.setHeader('connection', 'close')
    return end(response, 413, failure(null, RPC_CODE.oversizedRequest, 'Request is too big'))
  }
  const call: Call = { connection: undefined, afterReply: () => {} }
  serving.requests++
  const reply = await answer(serving.methods, parseUtf8(body), call, serving.log)
  end(response, reply === undefined ? 204 : 200, reply)
}

async function readBody(request: IncomingMessage): Promise<Uint8Array | 'too_large'> {
  const parts: Buffer[] = []
  let length = 0
  for await (const part of request as AsyncIterable<Buffer>) {
    length += part.length
    if (length > MAX_REQUEST_BYTES) return 'too_large'
    parts.push(part)
  }
  return Buffer.concat(parts)
}

function end(
  response: ServerResponse,
  status: number,
  body?: string,
  type = 'application/json',
): void {
  response.statusCode = status
  if (body !== undefined) response.setHeader('content-type', type)
  response.end(body)
}
