import { concatBytes, err, ok, type Result } from '@tacit/base'
import type { HttpError } from './http-error.ts'
import { pauseBefore, retryAfterMs } from './retry-after.ts'

export interface HttpRequest {
  readonly url: string
  /** A POST where given, else a GET. */
  readonly body?: Uint8Array
  readonly headers?: Readonly<Record<string, string>>
  /** Without parameters, in lower case; an answer of another type is refused. */
  readonly contentTypes: readonly string[]
  readonly maxBytes: number
}

export interface HttpAnswer {
  readonly body: Uint8Array
  readonly headers: Headers
}

/** Asks a service; the client's limits hold for every request. */
export type Http = (request: HttpRequest) => Promise<Result<HttpAnswer, HttpError>>

export interface HttpLimits {
  /** For one attempt, body included. */
  readonly timeoutMs: number
  /** At least 1. */
  readonly attempts: number
  /** The longest pause between two attempts; a service that asks for more is not asked again. */
  readonly maxPauseMs: number
}

/** Time and chance. */
export interface HttpWorld {
  readonly sleep: (ms: number) => Promise<void>
  /** From 0 to 1: spreads the attempts of many clients. */
  readonly random: () => number
  /** Unix milliseconds. */
  readonly now: () => number
}

const MAX_REDIRECTS = 3
const LOCAL_HOSTS: ReadonlySet<string> = new Set(['127.0.0.1', '[::1]', 'localhost'])

export const HTTP_LIMITS: HttpLimits = { timeoutMs: 15_000, attempts: 4, maxPauseMs: 30_000 }

type HttpOptions = HttpLimits & HttpWorld

/**
 * A bounded HTTP client: bodies, times, redirects and attempts have limits. Attempts are repeated
 * after 429 and 5xx, after as long as Retry-After asks for, and where there was no connection.
 */
export function createHttp(world: HttpWorld, limits: HttpLimits = HTTP_LIMITS): Http {
  const options = { ...world, ...limits }
  return async (request) => {
    let answer = await attempt(request, options)
    for (let count = 1; count < options.attempts; count++) {
      const pause = answer.ok ? undefined : pauseBefore(answer.error, count, options)
      if (pause === undefined) return answer
      await options.sleep(pause)
      answer = await attempt(request, options)
    }
    return answer
  }
}

async function attempt(
  request: HttpRequest,
  options: HttpOptions,
): Promise<Result<HttpAnswer, HttpError>> {
  const { timeoutMs } = options
  const signal = AbortSignal.timeout(timeoutMs)
  let url = parseUrl(request.url)
  if (url === undefined) return err({ code: 'url_refused', url: request.url })
  for (let hops = 0; hops <= MAX_REDIRECTS; hops++) {
    const response = await send(url, request, signal)
    if (response === undefined) return lost('service_unreachable', url, signal, timeoutMs)
    const next = redirectOf(response, url)
    if (next === undefined) return read(response, url, request, signal, options)
    await response.body?.cancel()
    if (next.origin !== url.origin) break
    url = next
  }
  return err({ code: 'redirect_refused', url: url.href })
}

async function send(
  url: URL,
  { body, headers }: HttpRequest,
  signal: AbortSignal,
): Promise<Response | undefined> {
  const common = { headers: { ...headers, 'accept-encoding': 'identity' }, signal }
  const method = body === undefined ? {} : { method: 'POST', body: body.slice() }
  try {
    return await fetch(url, { ...common, ...method, redirect: 'manual' })
  } catch {
    return undefined
  }
}

/** Where a redirect goes; itself where it says nothing sensible, so that it is refused. */
function redirectOf({ status, headers }: Response, url: URL): URL | undefined {
  if (status < 301 || status > 308 || status === 304) return undefined
  const location = headers.get('location') ?? ''
  return URL.canParse(location, url) ? new URL(location, url) : url
}

async function read(
  response: Response,
  url: URL,
  request: HttpRequest,
  signal: AbortSignal,
  options: HttpOptions,
): Promise<Result<HttpAnswer, HttpError>> {
  const problem = findProblem(response, url, request, options)
  if (problem !== undefined) {
    await response.body?.cancel().catch(() => {})
    return err(problem)
  }
  try {
    const body = await readBody(response, request.maxBytes)
    if (body !== undefined) return ok({ body, headers: response.headers })
    return err({ code: 'body_too_large', url: url.href, maxBytes: request.maxBytes })
  } catch {
    return lost('body_truncated', url, signal, options.timeoutMs)
  }
}

function findProblem(
  { status, headers }: Response,
  { href: url }: URL,
  { contentTypes }: HttpRequest,
  { now }: HttpOptions,
): HttpError | undefined {
  if (status === 401 || status === 403) return { code: 'access_denied', url, status }
  if (status === 404) return { code: 'not_found', url }
  if (status === 429) {
    return { code: 'rate_limited', url, retryAfterMs: retryAfterMs(headers, now()) }
  }
  if (status >= 500) return { code: 'service_failed', url, status }
  if (status !== 200) return { code: 'status_unexpected', url, status }
  const contentType = (headers.get('content-type') ?? '').split(';')[0]?.trim().toLowerCase() ?? ''
  if (contentTypes.includes(contentType)) return undefined
  return { code: 'content_type_wrong', url, contentType: contentType.slice(0, 64) }
}

/** Undefined beyond the bound, as soon as it is reached. */
async function readBody(response: Response, maxBytes: number): Promise<Uint8Array | undefined> {
  const chunks: Uint8Array[] = []
  let length = 0
  for await (const chunk of response.body ?? []) {
    length += chunk.length
    if (length > maxBytes) return undefined
    chunks.push(chunk)
  }
  return concatBytes(...chunks)
}

function lost(
  code: 'service_unreachable' | 'body_truncated',
  { href: url }: URL,
  { aborted }: AbortSignal,
  timeoutMs: number,
): Result<never, HttpError> {
  return aborted ? err({ code: 'service_timeout', url, timeoutMs }) : err({ code, url })
}

function parseUrl(text: string): URL | undefined {
  if (!URL.canParse(text)) return undefined
  const url = new URL(text)
  const isAllowed =
    url.protocol === 'https:' || (url.protocol === 'http:' && LOCAL_HOSTS.has(url.hostname))
  return isAllowed && url.username === '' && url.password === '' ? url : undefined
}
