import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { concatBytes, type Result } from '@tacit/base'
import type { WireError } from '@tacit/enclave/channel'
import type { Metrics } from './metrics.ts'

/** Answers one POST; the body is bounded already. */
export type Route = {
  readonly maxBodyBytes: number
  run(body: Uint8Array): Promise<Result<Uint8Array, WireError>>
}

export interface HttpFront {
  readonly host: string
  readonly port: number
  close(): Promise<void>
}

export interface HttpOptions {
  readonly host: string
  /** 0 takes any free port. */
  readonly port: number
  /** POST routes by path. */
  readonly routes: ReadonlyMap<string, Route>
  /** Content of GET /health. */
  health(): { readonly [field: string]: string | number | boolean | null }
  readonly metrics: Metrics
  readonly observe?: (direction: 'in' | 'out', body: Uint8Array) => void
}

const REQUEST_TIMEOUT_MS = 15_000
const MAX_CONNECTIONS = 1_024
const MAX_REQUESTS = 256

/** The worker's HTTP side: small bodies in, small bodies out, an error is JSON with a code. */
export async function startHttpFront(options: HttpOptions): Promise<HttpFront> {
  let running = 0
  const server = createServer((request, response) => {
    if (running >= MAX_REQUESTS) return refuse(options, response, 503, { code: 'busy' })
    running += 1
    respond(options, request, response)
      .catch(() => refuse(options, response, 500, { code: 'internal' }))
      .finally(() => (running -= 1))
  })
  server.requestTimeout = REQUEST_TIMEOUT_MS
  server.headersTimeout = REQUEST_TIMEOUT_MS
  server.maxConnections = MAX_CONNECTIONS
  await listen(server, options.host, options.port)
  const { port } = server.address() as AddressInfo
  return {
    host: options.host,
    port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

function listen(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, () => {
      server.off('error', reject)
      resolve()
    })
  })
}

async function respond(
  options: HttpOptions,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  options.metrics.add('tacit_worker_http_requests_total')
  const path = (request.url ?? '').split('?', 1)[0] ?? ''
  if (request.method === 'GET' && path === '/health') {
    return send(options, response, 200, 'application/json', JSON.stringify(options.health()))
  }
  if (request.method === 'GET' && path === '/metrics') {
    return send(options, response, 200, 'text/plain; version=0.0.4', options.metrics.text())
  }
  if (request.method === 'OPTIONS') return allowBrowsers(response)
  const route = options.routes.get(path)
  if (route === undefined) return refuse(options, response, 404, { code: 'path_unknown' })
  if (request.method !== 'POST') return refuse(options, response, 405, { code: 'method_refused' })
  const body = await readBody(request, route.maxBodyBytes)
  if (body === undefined) {
    response.setHeader('connection', 'close')
    return refuse(options, response, 413, { code: 'body_too_large' })
  }
  options.metrics.add('tacit_worker_http_received_bytes_total', body.length)
  options.observe?.('in', body)
  const result = await route.run(body)
  if (!result.ok) return refuse(options, response, statusOf(result.error.code), result.error)
  send(options, response, 200, 'application/octet-stream', result.value)
}

/** A browser asks before it posts bytes to another origin. */
function allowBrowsers(response: ServerResponse): void {
  response.writeHead(204, {
    'access-control-allow-origin': '*',
    'access-control-allow-headers': 'content-type',
    'access-control-allow-methods': 'GET, POST',
    'access-control-max-age': '86400',
  })
  response.end()
}

async function readBody(request: IncomingMessage, max: number): Promise<Uint8Array | undefined> {
  const chunks: Uint8Array[] = []
  let length = 0
  for await (const chunk of request as AsyncIterable<Uint8Array>) {
    length += chunk.length
    if (length > max) return undefined
    chunks.push(chunk)
  }
  return concatBytes(...chunks)
}

const UNAVAILABLE = new Set(['busy', 'channel_closed', 'head_unknown', 'enclave_down'])

function statusOf(code: string): number {
  return UNAVAILABLE.has(code) ? 503 : 400
}

function refuse(
  options: HttpOptions,
  response: ServerResponse,
  status: number,
  error: WireError,
): void {
  options.metrics.add('tacit_worker_http_refusals_total')
  if (response.headersSent) return void response.destroy()
  send(options, response, status, 'application/json', JSON.stringify({ error }))
}

function send(
  options: HttpOptions,
  response: ServerResponse,
  status: number,
  type: string,
  body: string | Uint8Array,
): void {
  const bytes = typeof body === 'string' ? Buffer.from(body) : body
  options.observe?.('out', bytes)
  // Any page may talk to a worker: what it carries is sealed, and it knows no cookies.
  response.writeHead(status, {
    'content-type': type,
    'content-length': bytes.length,
    'access-control-allow-origin': '*',
  })
  response.end(bytes)
}
