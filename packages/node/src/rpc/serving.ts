import type { Log } from '../log.ts'
import type { ByteBudget } from './byte-budget.ts'
import type { SubscriptionCount } from './connection.ts'
import type { Methods } from './json-rpc.ts'
import type { Pages } from './pages.ts'
import type { Turns } from './turns.ts'

/** Two MiB, and the largest extrinsic in hex. */
export const MAX_REQUEST_BYTES: number = 2_097_152 + 2 * 5_000_000

/** What the connections of a server share. */
export type Serving = {
  /** The address that the server listens on. */
  readonly host: string
  readonly methods: Methods
  readonly allowedOrigins: readonly string[]
  readonly log: Log
  readonly pages: Pages
  readonly turns: Turns
  /** Requests that are unfinished or unanswered. */
  readonly input: ByteBudget
  /** Answers that nobody fetches. */
  readonly output: ByteBudget
  /** Milliseconds of a monotone clock. */
  readonly nowMs: () => number
  readonly subscriptions: SubscriptionCount
  requests: number
  isDraining: boolean
}
