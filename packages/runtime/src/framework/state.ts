import type { Hashes } from '@tacit/crypto'

/**
 * What the rules may touch: one view of the chain's storage. Values are never mutated after they
 * were passed in or handed out.
 */
export interface State {
  readonly hashes: Hashes
  get(key: Uint8Array): Uint8Array | undefined
  set(key: Uint8Array, value: Uint8Array): void
  delete(key: Uint8Array): void
  /** Keys that begin with prefix, in ascending order, after startAfter, at most limit. */
  keysWithPrefix(prefix: Uint8Array, startAfter?: Uint8Array, limit?: number): readonly Uint8Array[]
}
