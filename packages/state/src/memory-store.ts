import { keyToString, type Change, type KeyValue } from './key-value.ts'
import { createSortedKeys } from './sorted-keys.ts'

/** Flat values in memory, for tests, genesis and readers of a few keys. */
export interface MemoryStore extends KeyValue {
  apply(changes: Iterable<Change>): void
}

export function createMemoryStore(entries: Iterable<Change> = []): MemoryStore {
  const values = new Map<string, { readonly key: Uint8Array; readonly value: Uint8Array }>()
  const order = createSortedKeys()
  const ordered = new Set<string>()

  function write({ key, value }: Change): void {
    const name = keyToString(key)
    if (value === undefined) {
      values.delete(name)
      return
    }
    values.set(name, { key, value })
    if (ordered.has(name)) return
    ordered.add(name)
    order.add(name)
  }

  function keysWithPrefix(
    prefix: Uint8Array,
    after?: Uint8Array,
    limit: number = Number.POSITIVE_INFINITY,
  ): readonly Uint8Array[] {
    const begin = keyToString(prefix)
    const last = after && keyToString(after)
    const keys: Uint8Array[] = []
    for (let at = order.from(last !== undefined && last > begin ? last : begin); ; at++) {
      const name = order.at(at)
      if (name === undefined || !name.startsWith(begin) || keys.length >= limit) return keys
      const entry = values.get(name)
      if (entry && name !== last) keys.push(entry.key)
    }
  }

  for (const entry of entries) write(entry)
  return {
    get: (key) => values.get(keyToString(key))?.value,
    keysWithPrefix,
    apply: (changes) => {
      for (const change of changes) write(change)
    },
  }
}
