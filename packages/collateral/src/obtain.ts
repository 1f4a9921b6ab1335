import { decode, encode, err, ok, type Codec, type Result } from '@tacit/base'
import type { Cache } from './cache/cache.ts'
import type { HttpError } from './http/http-error.ts'

/** Something that a service publishes under a name. */
export interface Published<V, T, E> {
  /** Names service and parameters; no secrets. */
  readonly key: string
  /** How it is kept. */
  readonly codec: Codec<V>
  /** Where the service never changes it: longer than for the rest. */
  readonly maxAgeSeconds?: number
  /** Asks the service. */
  readonly fetch: () => Promise<Result<V, E | HttpError>>
  /** Verifies it, windows included: the same for what was just fetched and for what was kept. */
  readonly check: (value: V) => Result<T, E>
  /** Whether a fresh answer is older than a kept one: a service, or who plays it, rolls back. */
  readonly isOlder: (fresh: T, kept: T) => boolean
}

/** The service answered with something older than what it published before. */
export type StaleError = { readonly code: 'answer_stale'; readonly key: string }

export interface Obtained<T> {
  readonly value: T
  /** Unix seconds. */
  readonly fetchedAt: number
  readonly from: 'service' | 'cache'
}

export interface ObtainOptions {
  readonly cache: Cache
  /** Unix seconds. */
  readonly now: () => number
  /** From then on the service is asked again, although what is kept may still be valid. */
  readonly maxAgeSeconds: number
}

/** Gets published things from the cache or their service; one request at a time for each name. */
export interface Obtain {
  <V, T, E>(wanted: Published<V, T, E>): Promise<Result<Obtained<T>, E | HttpError | StaleError>>
}

/**
 * Only what was verified is kept, and whatever was kept is verified again before it is given out,
 * so an expired or damaged entry never is. Where the service cannot be reached, an entry that still
 * verifies serves beyond its age.
 */
export function createObtain(options: ObtainOptions): Obtain {
  const running = new Map<string, Promise<unknown>>()
  return async <V, T, E>(wanted: Published<V, T, E>) => {
    const { key } = wanted
    const mine = (running.get(key) ?? Promise.resolve()).then(() => obtain(wanted, options))
    const done = mine.catch(() => {})
    running.set(key, done)
    try {
      return await mine
    } finally {
      if (running.get(key) === done) running.delete(key)
    }
  }
}

async function obtain<V, T, E>(
  wanted: Published<V, T, E>,
  { cache, now, maxAgeSeconds }: ObtainOptions,
): Promise<Result<Obtained<T>, E | HttpError | StaleError>> {
  const kept = await readKept(wanted, cache)
  const time = now()
  const age = kept === undefined ? Number.NaN : time - kept.fetchedAt
  if (kept !== undefined && age >= 0 && age < (wanted.maxAgeSeconds ?? maxAgeSeconds))
    return ok(kept)
  const fetched = await wanted.fetch()
  if (!fetched.ok) return kept !== undefined && isUnreachable(fetched.error) ? ok(kept) : fetched
  const fresh = wanted.check(fetched.value)
  if (!fresh.ok) return fresh
  if (kept !== undefined && wanted.isOlder(fresh.value, kept.value)) {
    return err({ code: 'answer_stale', key: wanted.key })
  }
  await cache.set(wanted.key, { fetchedAt: time, bytes: encode(wanted.codec, fetched.value) })
  return ok({ value: fresh.value, fetchedAt: time, from: 'service' })
}

async function readKept<V, T, E>(
  { key, codec, check }: Published<V, T, E>,
  cache: Cache,
): Promise<Obtained<T> | undefined> {
  const entry = await cache.get(key)
  const decoded = entry && decode(codec, entry.bytes)
  const value = decoded?.ok ? check(decoded.value) : undefined
  if (entry === undefined || value?.ok !== true) return undefined
  return { value: value.value, fetchedAt: entry.fetchedAt, from: 'cache' }
}

const UNREACHABLE: ReadonlySet<string> = new Set<HttpError['code']>([
  'service_unreachable',
  'service_timeout',
  'service_failed',
  'rate_limited',
  'body_truncated',
])

function isUnreachable(error: unknown): boolean {
  return UNREACHABLE.has((error as { readonly code: string }).code)
}
