import type { AccountId, Hash, Result } from '@tacit/base'
import type { TransactionSource } from '@tacit/runtime'
import type { PoolCounters } from './counters.ts'
import type { PoolError } from './errors.ts'
import type { StatusListener } from './transaction.ts'

/** How much waits in the pool. */
export type PoolState = {
  /** Extrinsics that a block could take now, one behind the other. */
  readonly ready: number
  /** Those that wait for others. */
  readonly future: number
  /** Bytes of all of them. */
  readonly bytes: number
  readonly counters: PoolCounters
}

/**
 * All that JSON-RPC does with the pool, on whatever thread it runs. Arguments and answers, but for
 * listeners, can be cloned.
 */
export interface PoolAccess {
  /**
   * Hands an extrinsic in, to be judged behind the best block.
   * @param bytes stay as they are from now on.
   * @param listener hears, in order, of everything that happens to the extrinsic, beginning with
   *   ready or future; never before the promise is resolved, and never anything after an error.
   * @returns its hash, BLAKE2b-256 of its bytes.
   */
  submit(
    bytes: Uint8Array,
    source: TransactionSource,
    listener?: StatusListener,
  ): Promise<Result<Hash, PoolError>>
  /** Ends what a listener hears, at once; the extrinsic stays. */
  unwatch(hash: Hash, listener: StatusListener): void
  /** Waiting extrinsics, the ready ones first. */
  pending(): Promise<readonly Uint8Array[]>
  /** The first nonce of an account, from `stateNonce` on, that no waiting extrinsic has. */
  nextNonce(account: AccountId, stateNonce: number): Promise<number>
  status(): Promise<PoolState>
}
