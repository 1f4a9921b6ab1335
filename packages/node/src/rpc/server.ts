import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { parseUtf8 } from '@tacit/base'
import { WebSocketServer, type RawData, type WebSocket } from 'ws'
import { NodeError } from '../errors.ts'
import type { Log } from '../log.ts'
import { Connection } from './connection.ts'
import { answer, failure, type Call, type Methods } from './json-rpc.ts'
import { isAllowedOrigin } from './origin.ts'
import { RPC_CODE } from './rpc-error.ts'

/** Two MiB, and the largest extrinsic in hex. */
export const MAX_REQUEST_BYTES: number = 2_097_152 + 2 * 5_000_000
const MAX_CONNECTIONS = 512
/** Waiting bytes at which nothing more is read from a client, and at which reading goes on. */
const PAUSE_BYTES = 4_194_304
const RESUME_BYTES = 1_048_576
const PING_MS = 30_000

export type RpcServerOptions = {
  readonly host: string
  /** 0 takes any free port. */
  readonly port: number
  readonly methods: Methods
  /** Web pages beside those of this machine that may connect; '*' for all. */
  readonly allowedOrigins: readonly string[]
  /** What GET /health shows, and whether all is well. */
  readonly health: () => { readonly healthy: boolean; readonly [field: string]: unknown }
  readonly log: Log
}

/** A listening server. */
export type RpcServer = { readonly port: number; stop(): Promise<void> }

/** Listens for JSON-RPC over WebSocket and HTTP POST on one port. Throws `port_taken`. */
export async function startRpcServer(options: RpcServerOptions): Promise<RpcServer> {
  const http = createServer((request, response) => {
    void serveHttp(options, request, response)
  })
  http.maxConnections = MAX_CONNECTIONS
  http.requestTimeout = 30_000
  http.headersTimeout = 10_000
  const sockets = new WebSocketServer({
    noServer: true,
    maxPayload: MAX_REQUEST_BYTES,
    perMessageDeflate: false,
  })
  http.on('upgrade', (request, socket, head) => {
    socket.on('error', () => socket.destroy())
    if (!isAllowedOrigin(request.headers.origin, options.allowedOrigins))
      return void socket.end('HTTP/1.1 403 Forbidden\r\nConnection: close\r\n\r\n')
    sockets.handleUpgrade(request, socket, head, (client) => serveSocket(options, client))
  })
  const pings = setInterval(() => pingAll(sockets), PING_MS)
  pings.unref()
  await listen(http, options)
  return {
    port: (http.address() as AddressInfo).port,
    stop: async () => {
      clearInterval(pings)
      for (const client of sockets.clients) client.terminate()
      http.closeAllConnections()
      await new Promise<void>((resolve) => http.close(() => resolve()))
    },
  }
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

function serveSocket({ methods, log }: RpcServerOptions, client: WebSocket): void {
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
  client.on('error', (fault) => log('debug', 'a WebSocket failed', { reason: fault.message }))
  client.on('message', (data) => {
    void serveMessage(methods, connection, parseUtf8(toBytes(data)), log)
  })
}

async function serveMessage(
  methods: Methods,
  connection: Connection,
  text: string | undefined,
  log: Log,
): Promise<void> {
  const later: (() => void)[] = []
  const call: Call = { connection, afterReply: (run) => void later.push(run) }
  const reply = await answer(methods, text, call, log)
  if (reply !== undefined) connection.send(reply)
  for (const run of later) run()
}

function toBytes(data: RawData): Uint8Array {
  if (Array.isArray(data)) return Buffer.concat(data)
  return data instanceof ArrayBuffer ? new Uint8Array(data) : data
}

async function serveHttp(
  options: RpcServerOptions,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { origin } = request.headers
  if (!isAllowedOrigin(origin, options.allowedOrigins)) return end(response, 403)
  if (origin !== undefined) {
    response.setHeader('access-control-allow-origin', origin)
    response.setHeader('access-control-allow-headers', 'content-type')
    response.setHeader('vary', 'origin')
  }
  if (request.method === 'OPTIONS') return end(response, 204)
  const path = request.url?.split('?')[0]
  if (request.method === 'GET' && path === '/health') {
    const { healthy, ...fields } = options.health()
    return end(response, healthy ? 200 : 503, JSON.stringify({ healthy, ...fields }))
  }
  if (path !== '/') return end(response, 404)
  if (request.method !== 'POST') return end(response, 405)
  if (!(request.headers['content-type'] ?? '').startsWith('application/json'))
    return end(response, 415)
  await servePost(options, request, response)
}

async function servePost(
  { methods, log }: RpcServerOptions,
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
  const reply = await answer(methods, parseUtf8(body), call, log)
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

function end(response: ServerResponse, status: number, json?: string): void {
  response.statusCode = status
  if (json !== undefined) response.setHeader('content-type', 'application/json')
  response.end(json)
}
