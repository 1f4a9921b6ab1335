import type { Hashes } from '@tacit/crypto'
import type { ValueForm } from '@tacit/state'

/**
 * What the rules may touch: one view of the chain's storage. Values, encoded or not, are never
 * mutated after they were passed in or handed out.
 */
export interface State {
  readonly hashes: Hashes
  get(key: Uint8Array): Uint8Array | undefined
  set(key: Uint8Array, value: Uint8Array): void
  /** Reads a decoded value. */
  load<T>(key: Uint8Array, form: ValueForm<T>): T | undefined
  /** Writes a decoded value. */
  store<T>(key: Uint8Array, value: T, form: ValueForm<T>): void
  delete(key: Uint8Array): void
  /** Keys that begin with prefix, in ascending order, after startAfter, at most limit. */
  keysWithPrefix(prefix: Uint8Array, startAfter?: Uint8Array, limit?: number): readonly Uint8Array[]
}
