import { err, ok, type Result } from '@tacit/base'
import { MAX_DRIFT_MS } from '../application.ts'

/** The chain's clock is so far ahead of ours that ours must have been set back. */
export type ClockBehind = { readonly code: 'clock_behind'; readonly byMs: bigint }

/** The next block's time: now, but later than its parent's and not far ahead of now. */
export function nextTimestamp(nowMs: bigint, parentMs: bigint): Result<bigint, ClockBehind> {
  const next = nowMs > parentMs ? nowMs : parentMs + 1n
  return next > nowMs + MAX_DRIFT_MS ? err({ code: 'clock_behind', byMs: next - nowMs }) : ok(next)
}
