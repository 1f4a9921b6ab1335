import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { WebSocketServer } from 'ws'
import { NodeError } from '../errors.ts'
import type { Log } from '../log.ts'
import { createAddressLimit } from './address-limit.ts'
import { createByteBudget } from './byte-budget.ts'
import type { Methods } from './json-rpc.ts'
import type { Pages, ServerCounts } from './pages.ts'
import { isWelcome, serveHttp } from './serve-http.ts'
import { serveSocket, type SocketClient } from './serve-socket.ts'
import { MAX_REQUEST_BYTES, type Serving } from './serving.ts'
import { createTurns } from './turns.ts'

/** Connections of all, and of one address that is not this machine's. */
const MAX_CONNECTIONS = 1_024
const MAX_CONNECTIONS_PER_ADDRESS = 128
/** Bytes of requests that are unfinished or unanswered, and of answers that nobody fetches. */
const MAX_INPUT_BYTES = 67_108_864
const MAX_OUTPUT_BYTES = 67_108_864
const PING_MS = 30_000
/** Milliseconds for the headers and for the whole of an HTTP request, and how often that is looked at. */
const HEADERS_MS = 10_000
const REQUEST_MS = 30_000
const CHECK_MS = 2_000
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

/** Listens for JSON-RPC over WebSocket and HTTP POST on one port. Throws `port_taken`. */
export async function startRpcServer(options: RpcServerOptions): Promise<RpcServer> {
  const sockets = new WebSocketServer({
    noServer: true,
    maxPayload: MAX_REQUEST_BYTES,
    perMessageDeflate: false,
  })
  const serving: Serving = {
    ...options,
    pages: options.createPages(() => {
      return { connections: sockets.clients.size, requests: serving.requests }
    }),
    turns: createTurns(),
    input: createByteBudget(MAX_INPUT_BYTES),
    output: createByteBudget(MAX_OUTPUT_BYTES),
    nowMs: () => performance.now(),
    subscriptions: { current: 0 },
    requests: 0,
    isDraining: false,
  }
  const http = createHttpServer(serving)
  const stopServing = acceptSockets(serving, http, sockets)
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
      stopServing()
      http.close()
      await sayGoodbye(sockets)
      http.closeAllConnections()
      await closed
    },
  }
}

function createHttpServer(serving: Serving): Server {
  const http = createServer({ connectionsCheckingInterval: CHECK_MS }, (request, response) => {
    void serveHttp(serving, request, response)
  })
  http.maxConnections = MAX_CONNECTIONS
  http.headersTimeout = HEADERS_MS
  http.requestTimeout = REQUEST_MS
  const addresses = createAddressLimit(MAX_CONNECTIONS_PER_ADDRESS)
  http.on('connection', (socket) => {
    const release = addresses.take(socket.remoteAddress)
    if (release) socket.once('close', release)
    else socket.destroy()
  })
  return http
}

/** @returns what ends the checks of clients. */
function acceptSockets(serving: Serving, http: Server, sockets: WebSocketServer): () => void {
  const clients = new Set<SocketClient>()
  http.on('upgrade', (request, socket, head) => {
    socket.on('error', () => socket.destroy())
    if (!isWelcome(serving, request))
      return void socket.end('HTTP/1.1 403 Forbidden\r\nConnection: close\r\n\r\n')
    sockets.handleUpgrade(request, socket, head, (client) => {
      const served = serveSocket(serving, client, socket)
      clients.add(served)
      client.on('close', () => clients.delete(served))
    })
  })
  const checks = setInterval(() => {
    for (const client of clients) client.check(serving.nowMs())
  }, PING_MS)
  checks.unref()
  return () => clearInterval(checks)
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
