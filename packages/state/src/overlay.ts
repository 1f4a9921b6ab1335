import { InvariantError } from '@tacit/base'
import { createJournaledMap } from './journaled-map.ts'
import { compareChanges, keyToString, type Change, type KeyValue } from './key-value.ts'
import { createSortedKeys } from './sorted-keys.ts'

/** Changes over a base that are read at once, can be undone by transaction and are kept apart. */
export interface Overlay extends KeyValue {
  set(key: Uint8Array, value: Uint8Array): void
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
 * Makes an overlay. It keeps the arrays that it is given: whoever set them leaves them unchanged.
 * Closing a transaction that was never opened is a bug and throws.
 */
export function createOverlay(base: KeyValue): Overlay {
  const current = createJournaledMap<Change>()
  const order = createSortedKeys()
  const ordered = new Set<string>()

  function write(key: Uint8Array, value: Uint8Array | undefined): void {
    const name = keyToString(key)
    current.set(name, { key, value })
    if (ordered.has(name)) return
    ordered.add(name)
    order.add(name)
  }

  function get(key: Uint8Array): Uint8Array | undefined {
    const change = current.get(keyToString(key))
    return change ? change.value : base.get(key)
  }

  function keysWithPrefix(
    prefix: Uint8Array,
    after?: Uint8Array,
    limit: number = Number.POSITIVE_INFINITY,
  ): readonly Uint8Array[] {
    const mine = changesWithPrefix(keyToString(prefix), after && keyToString(after))
    if (mine.length === 0) return base.keysWithPrefix(prefix, after, limit)
    const removed = mine.filter((change) => change.value === undefined).length
    const theirs = base.keysWithPrefix(prefix, after, limit + removed)
    return mergeKeys(theirs, mine, limit)
  }

  function changesWithPrefix(prefix: string, after: string | undefined): readonly Change[] {
    const found: Change[] = []
    const start = after !== undefined && after > prefix ? after : prefix
    for (let at = order.from(start); ; at++) {
      const name = order.at(at)
      if (name === undefined || !name.startsWith(prefix)) return found
      const change = current.get(name)
      if (change && name !== after) found.push(change)
    }
  }

  return {
    get,
    keysWithPrefix,
    set: write,
    delete: (key) => write(key, undefined),
    clearPrefix: (prefix, limit) => {
      const keys = keysWithPrefix(prefix, undefined, limit)
      for (const key of keys) write(key, undefined)
      return keys.length
    },
    begin: () => current.begin(),
    commit: () => current.commit(),
    rollback: () => current.rollback(),
    changes: () => {
      if (current.depth() > 0) throw new InvariantError('a transaction is open')
      return [...current.values()].sort(compareChanges)
    },
  }
}

/** Merges the base's keys with changes over them; both ascend. */
function mergeKeys(
  base: readonly Uint8Array[],
  changes: readonly Change[],
  limit: number,
): readonly Uint8Array[] {
  const merged: Uint8Array[] = []
  let next = 0
  for (const key of base) {
    const name = keyToString(key)
    let change = changes[next]
    let hidden = false
    while (change && keyToString(change.key) <= name) {
      if (change.value) merged.push(change.key)
      hidden = keyToString(change.key) === name
      change = changes[++next]
    }
    if (!hidden) merged.push(key)
    if (merged.length >= limit) return merged.slice(0, limit)
  }
  for (const change of changes.slice(next)) if (change.value) merged.push(change.key)
  return merged.slice(0, limit)
}
