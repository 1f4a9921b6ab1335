import type { Hash } from '@tacit/base'
import type { ExtrinsicError, Head } from '@tacit/runtime'

/** What becomes of an extrinsic, in the order in which it can happen. */
export type PoolStatus =
  | { readonly type: 'future' }
  | { readonly type: 'ready' }
  | { readonly type: 'inBlock'; readonly block: Head; readonly index: number }
  /** Another extrinsic with a higher priority took its place. */
  | { readonly type: 'usurped'; readonly by: Hash }
  /** The pool had no room for it, or it waited too long. */
  | { readonly type: 'dropped' }
  | { readonly type: 'invalid'; readonly error: ExtrinsicError }

export type StatusListener = (status: PoolStatus) => void

/** An extrinsic that waits. Names, senders and tags are bytes as strings, see bytesToLatin1. */
export type PoolTransaction = {
  readonly hash: Hash
  /** The hash. */
  readonly name: string
  readonly bytes: Uint8Array
  /** The signer's account; empty for an unsigned one. */
  readonly sender: string
  /** Order of arrival. */
  readonly sequence: number
  readonly provides: readonly string[]
  readonly listeners: Set<StatusListener>
  readonly expiry: Expiry
  priority: bigint
  /** Tags of transactions that must come first and are not in the chain yet. */
  requires: Set<string>
  /** Those of them that no ready transaction provides: empty means ready. */
  missing: Set<string>
}

/** The last block that can take an extrinsic, and what becomes of it behind that. */
export type Expiry = { readonly lastBlock: number; readonly status: PoolStatus }

/** Whether a is included before b, if both could be. */
export function isBefore(a: PoolTransaction, b: PoolTransaction): boolean {
  return a.priority > b.priority || (a.priority === b.priority && a.sequence < b.sequence)
}

/** Whether a has to go before b when room is needed: the lowest priority, then the newest. */
export function isWorse(a: PoolTransaction, b: PoolTransaction): boolean {
  return isBefore(b, a)
}
