import type { HttpError } from './http-error.ts'

/** What decides how long to wait. */
interface Pauses {
  readonly maxPauseMs: number
  readonly random: () => number
}

const FIRST_PAUSE_MS = 500

/**
 * How long to wait after so many failed attempts (from 1): what the service asked for, or a time
 * that doubles, of which a random half is left out. Undefined where another attempt is pointless.
 */
export function pauseBefore(
  error: HttpError,
  count: number,
  { maxPauseMs, random }: Pauses,
): number | undefined {
  const wanted = error.code === 'rate_limited' ? error.retryAfterMs : undefined
  if (wanted !== undefined) return wanted <= maxPauseMs ? wanted : undefined
  const mayPass =
    error.code === 'rate_limited' ||
    error.code === 'service_failed' ||
    error.code === 'service_unreachable'
  if (!mayPass) return undefined
  const longest = Math.min(maxPauseMs, FIRST_PAUSE_MS * 2 ** (count - 1))
  return Math.round(longest * (0.5 + random() / 2))
}

/**
 * What the header Retry-After asks for: seconds, or a date; undefined where there is none that
 * can be read. Source: RFC 9110, section 10.2.3.
 * @param nowMs Unix milliseconds.
 */
export function retryAfterMs(headers: Headers, nowMs: number): number | undefined {
  const text = headers.get('retry-after')?.trim() ?? ''
  if (/^\d{1,9}$/.test(text)) return Number(text) * 1_000
  const date = text.endsWith('GMT') ? Date.parse(text) : Number.NaN
  return Number.isNaN(date) ? undefined : Math.max(0, date - nowMs)
}
