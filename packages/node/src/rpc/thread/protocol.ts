import type { AccountId, Hash } from '@tacit/base'
import type { Head, TransactionSource } from '@tacit/runtime'
import type { JustifiedBlock } from '../../chain.ts'
import type { ChainProperties } from '../../chain-spec.ts'
import type { NodeFault } from '../../errors.ts'
import type { LogFields, LogLevel } from '../../log.ts'
import type { PoolState } from '../../pool/access.ts'
import type { PoolError } from '../../pool/errors.ts'
import type { UnsafePolicy } from '../unsafe-policy.ts'
import type { PoolStatus } from '../../pool/transaction.ts'

/**
 * What the two threads tell each other. Each posts an array of messages for a turn of its event
 * loop; what comes in thousands is packed into runs, whose buffers are handed over.
 */

/** What the RPC thread begins with. */
export type RpcStart = {
  /** Directory of the database, which is open in the consensus thread. */
  readonly path: string
  readonly host: string
  readonly port: number
  readonly allowedOrigins: readonly string[]
  readonly unsafePolicy: UnsafePolicy
  readonly chainName: string
  readonly properties: ChainProperties
  readonly genesisHash: Hash
  readonly head: Head
  readonly justified: Head
  /** Those that may not have reached the disk. */
  readonly justifications: readonly JustifiedBlock[]
  readonly isHalted: boolean
}

/** Answers of the pool, and what became of watched extrinsics; ids are the requests'. */
export type FromPool =
  /** Accepted; 32 bytes of hash for each id. */
  | { readonly type: 'submitted'; readonly ids: Uint32Array; readonly hashes: Uint8Array }
  | { readonly type: 'refused'; readonly id: number; readonly error: PoolError }
  | { readonly type: 'statuses'; readonly ids: Uint32Array; readonly status: PoolStatus }
  | {
      readonly type: 'included'
      readonly block: Head
      readonly ids: Uint32Array
      readonly indexes: Uint32Array
    }
  | { readonly type: 'nonce'; readonly id: number; readonly nonce: number }
  | { readonly type: 'pending'; readonly extrinsics: PackedBytes }
  | { readonly type: 'state'; readonly state: PoolState }

/** From the consensus thread to the RPC thread. */
export type ToRpc =
  | { readonly type: 'start'; readonly start: RpcStart }
  | {
      readonly type: 'block'
      readonly number: number
      readonly hash: Hash
      readonly header: Uint8Array
    }
  | { readonly type: 'justified'; readonly block: JustifiedBlock }
  /** Nothing is sealed any more. */
  | { readonly type: 'halted' }
  /** Take no more requests. */
  | { readonly type: 'drain' }
  /** Close connections and database. */
  | { readonly type: 'stop' }
  | FromPool

/** Requests to the pool. */
export type ToPool =
  /** Extrinsics under the ids from `firstId` on. */
  | {
      readonly type: 'submit'
      readonly firstId: number
      readonly flags: Uint8Array
      readonly extrinsics: PackedBytes
    }
  | { readonly type: 'unwatch'; readonly id: number }
  | {
      readonly type: 'nonce'
      readonly id: number
      readonly account: AccountId
      readonly stateNonce: number
    }
  | { readonly type: 'pending' }
  | { readonly type: 'state' }

/** From the RPC thread to the consensus thread. */
export type FromRpc =
  | { readonly type: 'listening'; readonly port: number }
  /** It could not start. */
  | { readonly type: 'failed'; readonly fault: NodeFault }
  | { readonly type: 'drained' }
  | {
      readonly type: 'log'
      readonly level: LogLevel
      readonly message: string
      readonly fields: LogFields
    }
  | ToPool

/** Byte strings in one buffer, one behind the other. */
export type PackedBytes = { readonly lengths: Uint32Array; readonly bytes: Uint8Array }

export function packBytes(items: readonly Uint8Array[]): PackedBytes {
  const lengths = Uint32Array.from(items, ({ length }) => length)
  const bytes = new Uint8Array(items.reduce((sum, { length }) => sum + length, 0))
  let at = 0
  for (const item of items) {
    bytes.set(item, at)
    at += item.length
  }
  return { lengths, bytes }
}

/** The buffers of a message that its sender needs no more. */
export function transferOf(message: ToRpc | FromRpc): readonly ArrayBuffer[] {
  return 'extrinsics' in message ? [message.extrinsics.bytes.buffer as ArrayBuffer] : []
}

/** Copies, so that keeping one does not keep the others. */
export function unpackBytes({ lengths, bytes }: PackedBytes): Uint8Array[] {
  let at = 0
  return Array.from(lengths, (length) => bytes.slice(at, (at += length)))
}

const SOURCES: readonly TransactionSource[] = ['InBlock', 'Local', 'External']

/** How an extrinsic is handed in, as one byte. */
export function packFlags(source: TransactionSource, isWatched: boolean): number {
  return SOURCES.indexOf(source) * 2 + (isWatched ? 1 : 0)
}

export function unpackFlags(flags: number): {
  readonly source: TransactionSource
  readonly isWatched: boolean
} {
  return { source: SOURCES[flags >> 1] ?? 'External', isWatched: (flags & 1) === 1 }
}
