import type { PoolAccess, PoolState } from '../pool/access.ts'
import { NO_COUNTERS } from '../pool/counters.ts'

/** Milliseconds that an answer of the consensus thread is waited for. */
const ANSWER_MS = 100

/** What the consensus thread said last of its pool, and how long ago. */
export type Pulse = {
  readonly pool: PoolState
  /** Milliseconds; 0 if it answered just now. */
  readonly staleMs: number
}

/**
 * Asks the consensus thread when somebody asks for it, and gives what it said last if it has
 * other things to do: an idle node is not woken for it.
 * @param nowMs of a monotone clock.
 */
export function createPulse(
  pool: Pick<PoolAccess, 'status'>,
  nowMs: () => number = () => performance.now(),
): () => Promise<Pulse> {
  let last: PoolState = { ready: 0, future: 0, bytes: 0, counters: NO_COUNTERS }
  let lastMs = nowMs()
  return async () => {
    const { promise: late, resolve } = Promise.withResolvers<undefined>()
    const timer = setTimeout(() => resolve(undefined), ANSWER_MS)
    const asked = pool.status().then((state) => {
      last = state
      lastMs = nowMs()
      return state
    })
    const answered = await Promise.race([asked, late])
    clearTimeout(timer)
    return { pool: last, staleMs: answered ? 0 : Math.round(nowMs() - lastMs) }
  }
}
