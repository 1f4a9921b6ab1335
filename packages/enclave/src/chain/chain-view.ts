import type { Hash, Result } from '@tacit/base'
import type { Hashes } from '@tacit/crypto'
import type { State } from '@tacit/runtime'
import type { ProvenReadError } from './proven-state.ts'

/** A justified block that an enclave follows. */
export interface Head {
  readonly number: number
  readonly hash: Hash
  readonly stateRoot: Hash
}

/** The chain as an enclave sees it: its newest justified head, and proven state there. */
export interface ChainView {
  readonly genesis: Hash
  readonly hashes: Hashes
  head(): Head
  /** The hash of a justified header that was passed on the way, if still remembered. */
  hashAt(number: number): Hash | undefined
  /** Reads state at the head of this moment, which may have moved on when the result arrives. */
  read<T>(read: (state: State) => T): Promise<Result<T, ProvenReadError>>
}
