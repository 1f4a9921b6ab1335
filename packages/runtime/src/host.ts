import type { Hashes } from '@tacit/crypto'
import type { ValueForm } from '@tacit/state'
import type { HostServices } from './framework/context.ts'

/**
 * Storage under the rules: a view with nested transactions, such as @tacit/state's overlay.
 * Handed-out values, encoded or not, stay as they are: a store that reuses buffers copies first.
 */
export interface HostStorage {
  get(key: Uint8Array): Uint8Array | undefined
  set(key: Uint8Array, value: Uint8Array): void
  load<T>(key: Uint8Array, form: ValueForm<T>): T | undefined
  store<T>(key: Uint8Array, value: T, form: ValueForm<T>): void
  delete(key: Uint8Array): void
  keysWithPrefix(prefix: Uint8Array, startAfter?: Uint8Array, limit?: number): readonly Uint8Array[]
  begin(): void
  commit(): void
  rollback(): void
}

/** All that the runtime gets from outside: storage, hashes, signature checks, log. */
export interface Host extends HostServices {
  readonly storage: HostStorage
  readonly hashes: Hashes
}
