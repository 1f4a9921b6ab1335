import { compareBytes } from '@tacit/base'
import { createGoneKeys } from './gone-keys.ts'
import type { JournaledMap } from './journaled-map.ts'
import { keyToString, type KeyValue } from './key-value.ts'
import { isRemoved, type Entry } from './overlay-entry.ts'
import { createSortedKeys, type SortedKeys } from './sorted-keys.ts'

/** The keys of an overlay in their order. */
export interface OverlayKeys {
  keysWithPrefix: KeyValue['keysWithPrefix']
  /** A key was written. */
  written(name: string, entry: Entry): void
  /** What was written came to be undone. */
  undone(): void
}

/** @param current the changes over the base, by name. */
export function createOverlayKeys(
  base: Pick<KeyValue, 'keysWithPrefix'>,
  current: Pick<JournaledMap<Entry>, 'get'>,
): OverlayKeys {
  const order = createSortedKeys()
  const ordered = new Set<string>()
  const gone = createGoneKeys()

  function keysWithPrefix(
    prefix: Uint8Array,
    after?: Uint8Array,
    limit: number = Number.POSITIVE_INFINITY,
  ): readonly Uint8Array[] {
    const under = keyToString(prefix)
    const end = gone.until(under)
    const isBehind = after !== undefined && (end === undefined || compareBytes(after, end) > 0)
    const start = isBehind ? after : end
    const mine = changesUnder(order, current, under, start && keyToString(start))
    if (mine.length === 0) return base.keysWithPrefix(prefix, start, limit)
    const removed = mine.filter(isRemoved)
    const theirs = base.keysWithPrefix(prefix, start, limit + removed.length)
    const keys = mergeKeys(theirs, mine, limit)
    const last = isBehind || limit <= 0 ? undefined : lastBefore(removed, keys[0])
    if (last) gone.put(under, last.key)
    return keys
  }

  return {
    keysWithPrefix,
    written: (name, entry) => {
      if (!isRemoved(entry)) gone.revive(name)
      if (ordered.has(name)) return
      ordered.add(name)
      order.add(name)
    },
    undone: () => gone.clear(),
  }
}

/** Changes under a prefix, ascending, behind a key if one is given. */
function changesUnder(
  order: SortedKeys,
  current: Pick<JournaledMap<Entry>, 'get'>,
  prefix: string,
  after: string | undefined,
): readonly Entry[] {
  const found: Entry[] = []
  const start = after !== undefined && after > prefix ? after : prefix
  for (let at = order.from(start); ; at++) {
    const name = order.at(at)
    if (name === undefined || !name.startsWith(prefix)) return found
    const change = current.get(name)
    if (change && name !== after) found.push(change)
  }
}

function lastBefore(removed: readonly Entry[], first: Uint8Array | undefined): Entry | undefined {
  return first ? removed.findLast(({ key }) => compareBytes(key, first) < 0) : removed.at(-1)
}

/** Merges the base's keys with changes over them; both ascend. */
function mergeKeys(
  base: readonly Uint8Array[],
  changes: readonly Entry[],
  limit: number,
): readonly Uint8Array[] {
  const merged: Uint8Array[] = []
  let next = 0
  for (const key of base) {
    const name = keyToString(key)
    let change = changes[next]
    let hidden = false
    while (change && keyToString(change.key) <= name) {
      if (!isRemoved(change)) merged.push(change.key)
      hidden = keyToString(change.key) === name
      change = changes[++next]
    }
    if (!hidden) merged.push(key)
    if (merged.length >= limit) return merged.slice(0, limit)
  }
  for (const change of changes.slice(next)) if (!isRemoved(change)) merged.push(change.key)
  return merged.slice(0, limit)
}
