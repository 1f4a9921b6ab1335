import { InvariantError } from '@tacit/base'
import { createJournaledMap } from './journaled-map.ts'
import {
  compareChanges,
  keyToString,
  type Change,
  type KeyValue,
  type ValueForm,
} from './key-value.ts'
import { bytesOf, decodedOf, plainEntry, type Entry } from './overlay-entry.ts'
import { createOverlayKeys } from './overlay-keys.ts'

/** Changes over a base that are read at once, can be undone by transaction and are kept apart. */
export interface Overlay extends KeyValue {
  set(key: Uint8Array, value: Uint8Array): void
  /** Reads a decoded value; what was read or put in this form before is not decoded again. */
  load<T>(key: Uint8Array, form: ValueForm<T>): T | undefined
  /** Sets a decoded value, which is encoded once its bytes are asked for. */
  store<T>(key: Uint8Array, value: T, form: ValueForm<T>): void
  delete(key: Uint8Array): void
  /**
   * Removes keys that begin with the prefix in ascending order, at most limit of them.
   * @returns how many it removed.
   */
  clearPrefix(prefix: Uint8Array, limit?: number): number
  /** Opens a transaction within the current one. */
  begin(): void
  /** Keeps what the innermost transaction did, as part of the one around it. */
  commit(): void
  /** Undoes what the innermost transaction did. */
  rollback(): void
  /** What differs from the base, ascending by key; no transaction may be open. */
  changes(): readonly Change[]
}

/**
 * Makes an overlay. It keeps the arrays and values that it is given and hands them out again: nobody
 * changes them. The base must stay as it is. Closing a transaction that was never opened is a bug and throws.
 */
export function createOverlay(base: KeyValue): Overlay {
  const current = createJournaledMap<Entry>()
  /** What was decoded of the base. */
  const loaded = new Map<string, Entry>()
  const keys = createOverlayKeys(base, current)

  function write(entry: Entry): void {
    const name = keyToString(entry.key)
    current.set(name, entry)
    keys.written(name, entry)
  }

  function get(key: Uint8Array): Uint8Array | undefined {
    const name = keyToString(key)
    const entry = current.get(name) ?? loaded.get(name)
    return entry ? bytesOf(entry) : base.get(key)
  }

  function load<T>(key: Uint8Array, form: ValueForm<T>): T | undefined {
    const name = keyToString(key)
    let entry = current.get(name) ?? loaded.get(name)
    if (!entry) {
      entry = plainEntry(key, base.get(key))
      loaded.set(name, entry)
    }
    return decodedOf(entry, form)
  }

  return {
    get,
    keysWithPrefix: keys.keysWithPrefix,
    load,
    set: (key, value) => write(plainEntry(key, value)),
    store: (key, decoded, form) => write({ key, bytes: undefined, form, decoded }),
    delete: (key) => write(plainEntry(key, undefined)),
    clearPrefix: (prefix, limit) => {
      const found = keys.keysWithPrefix(prefix, undefined, limit)
      for (const key of found) write(plainEntry(key, undefined))
      return found.length
    },
    begin: () => current.begin(),
    commit: () => current.commit(),
    rollback: () => {
      current.rollback()
      keys.undone()
    },
    changes: () => {
      if (current.depth() > 0) throw new InvariantError('a transaction is open')
      const changes = [...current.values()].map((entry) => ({
        key: entry.key,
        value: bytesOf(entry),
      }))
      return changes.sort(compareChanges)
    },
  }
}
