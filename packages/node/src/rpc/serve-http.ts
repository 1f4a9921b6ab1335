import type { IncomingMessage, ServerResponse } from 'node:http'
import { parseUtf8 } from '@tacit/base'
import type { Holder } from './byte-budget.ts'
import { answer, failure, type Call } from './json-rpc.ts'
import { isAllowedHost, isAllowedOrigin } from './origin.ts'
import { RPC_CODE } from './rpc-error.ts'
import { MAX_REQUEST_BYTES, type Serving } from './serving.ts'

/** Seconds for which a browser may keep what it was told of origins. */
const PREFLIGHT_SECONDS = 600

/** Whether a request comes from where it may: its page's origin and the host that it names. */
export function isWelcome(
  { host, allowedOrigins }: Pick<Serving, 'host' | 'allowedOrigins'>,
  { headers }: IncomingMessage,
): boolean {
  return isAllowedHost(headers.host, host) && isAllowedOrigin(headers.origin, allowedOrigins)
}

/** Serves JSON-RPC over POST, and pages over GET. */
export async function serveHttp(
  serving: Serving,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  if (!isWelcome(serving, request)) return end(response, 403)
  allowOrigin(request, response)
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

/** What the page's browser has to hear before it hands the answer over (Fetch, section 3.2). */
function allowOrigin({ headers, method }: IncomingMessage, response: ServerResponse): void {
  response.setHeader('vary', 'origin')
  if (headers.origin === undefined) return
  response.setHeader('access-control-allow-origin', headers.origin)
  if (method !== 'OPTIONS') return
  response.setHeader('access-control-allow-methods', 'POST, GET')
  response.setHeader('access-control-allow-headers', 'content-type')
  response.setHeader('access-control-max-age', PREFLIGHT_SECONDS)
  if (headers['access-control-request-private-network'] === 'true')
    response.setHeader('access-control-allow-private-network', 'true')
}

async function servePost(
  serving: Serving,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const body = await readBody(serving, request).catch(() => undefined)
  if (body === undefined) return void request.destroy()
  if (body === 'too_large') {
    response.setHeader('connection', 'close')
    return end(response, 413, failure(null, RPC_CODE.oversizedRequest, 'Request is too big'))
  }
  serving.requests++
  const lane = serving.turns.createLane()
  const call: Call = { connection: undefined, lane, afterReply: () => {} }
  const reply = await answer(serving.methods, parseUtf8(body), call, serving.log)
  end(response, reply === undefined ? 204 : 200, reply)
}

/** A body that says that it is too large is not waited for. */
async function readBody(
  { input }: Serving,
  request: IncomingMessage,
): Promise<Uint8Array | 'too_large'> {
  if (Number(request.headers['content-length'] ?? 0) > MAX_REQUEST_BYTES) return 'too_large'
  const holder: Holder = { cut: () => request.destroy() }
  const parts: Buffer[] = []
  let length = 0
  try {
    for await (const part of request as AsyncIterable<Buffer>) {
      length += part.length
      if (length > MAX_REQUEST_BYTES) return 'too_large'
      input.set(holder, length)
      parts.push(part)
    }
  } finally {
    input.set(holder, 0)
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
