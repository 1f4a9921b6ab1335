import type { ExtrinsicError } from '@tacit/runtime'
import type { SignatureFault } from './signatures/waiting.ts'

/** Why the pool does not take an extrinsic. */
export type PoolError =
  | ExtrinsicError
  | SignatureFault
  /** It waits, or its signature is being checked. */
  | { readonly code: 'already_imported' }
  /** It was invalid a moment ago. */
  | { readonly code: 'temporarily_banned' }
  /** One with the same tags waits and has at least this priority. */
  | { readonly code: 'priority_too_low'; readonly old: bigint; readonly new: bigint }
  /** No room, and it is not better than what is here. */
  | { readonly code: 'pool_full' }
  /**
   * The sender, or all unsigned extrinsics together, have as many waiting as they may, or as many
   * that wait for others.
   */
  | { readonly code: 'sender_limit'; readonly limit: number }
  /** It provides nothing by which it could be told from others. */
  | { readonly code: 'no_tags' }
  /** More is to be judged already than waits for it. */
  | { readonly code: 'pool_busy' }
