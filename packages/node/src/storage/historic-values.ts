import { bytesToHex, compareBytes } from '@tacit/base'
import type { Change, KeyValue } from '@tacit/state'
import { findBefore, findBeforeUnder, type Undo } from './undo.ts'

/**
 * Values as they were before some blocks.
 * @param latest the values now.
 * @param load gives what each of those blocks replaced, the oldest block first.
 */
export function historicValues(latest: KeyValue, load: () => readonly Undo[]): KeyValue {
  let loaded: readonly Undo[] | undefined
  const undos = (): readonly Undo[] => (loaded ??= load())
  return {
    get: (key) => {
      for (const undo of undos()) {
        const before = findBefore(undo, key)
        if (before) return before.value
      }
      return latest.get(key)
    },
    keysWithPrefix: (prefix, after, limit = Number.POSITIVE_INFINITY) => {
      const changed = changedUnder(undos(), prefix)
      const absent = changed.filter(({ value }) => value === undefined).length
      const now = latest.keysWithPrefix(prefix, after, limit + absent)
      const gone = new Set(changed.map(({ key }) => bytesToHex(key)))
      const keys = now.filter((key) => !gone.has(bytesToHex(key)))
      for (const { key, value } of changed)
        if (value && (after === undefined || compareBytes(key, after) > 0)) keys.push(key)
      return keys.sort(compareBytes).slice(0, limit)
    },
  }
}

/** The oldest block that changed a key knows what it held before all of them. */
function changedUnder(undos: readonly Undo[], prefix: Uint8Array): Change[] {
  const oldest = new Map<string, Change>()
  for (const undo of undos) {
    for (const change of findBeforeUnder(undo, prefix)) {
      const name = bytesToHex(change.key)
      if (!oldest.has(name)) oldest.set(name, change)
    }
  }
  return [...oldest.values()]
}
