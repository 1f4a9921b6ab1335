import { compareBytes, equalBytes } from '@tacit/base'
import type { Hashes } from '@tacit/crypto'
import type { KeyValue } from '@tacit/state'
import type { StateAt } from '../storage/store.ts'
import { toHex } from './hex.ts'
import { isAbsent, isRecord, toKey } from './params.ts'
import { invalidParams } from './rpc-error.ts'
import { asksChildTrie } from './storage-query.ts'

/** Which part of two states archive_v1_storageDiff compares. */
export type DiffQuery = {
  readonly prefix: Uint8Array
  readonly asHash: boolean
  /** Of a child trie, all of which are empty. */
  readonly isEmpty: boolean
}

export type DiffItem = {
  readonly key: string
  readonly value?: string
  readonly hash?: string
  readonly type: 'added' | 'modified' | 'deleted'
}

/** Keys of each state that are compared between two turns of the event loop. */
const CHUNK = 256

export function toDiffQuery(value: unknown, at: number): DiffQuery {
  if (!isRecord(value)) throw invalidParams(`parameter ${at} must be a list of objects`)
  const { key, returnType, childTrieKey } = value
  if (returnType !== 'value' && returnType !== 'hash')
    throw invalidParams('returnType must be value or hash')
  const prefix = isAbsent(key) ? new Uint8Array() : toKey(key, at)
  return { prefix, asHash: returnType === 'hash', isEmpty: asksChildTrie(childTrieKey, at) }
}

/**
 * What differs between two states, in chunks; both are asked for anew for each, as they may be
 * pruned in between. A deleted entry shows what it was.
 */
export function* diffStates(
  queries: readonly DiffQuery[],
  read: () => { readonly before: StateAt; readonly after: StateAt } | undefined,
  hashes: Hashes,
): Generator<readonly DiffItem[], 'done' | 'pruned'> {
  for (const { prefix, asHash, isEmpty } of queries) {
    if (isEmpty) continue
    for (let last: Uint8Array | undefined; ;) {
      const states = read()
      if (!states) return 'pruned'
      const { keys, isLast } = nextKeys(states.before.values, states.after.values, prefix, last)
      yield keys.flatMap((key) => {
        const before = states.before.values.get(key)
        const after = states.after.values.get(key)
        return compare(key, before, after, asHash ? hashes : undefined)
      })
      if (isLast) break
      last = keys.at(-1)
    }
  }
  return 'done'
}

/** The next keys of either state, up to where both have been read. */
function nextKeys(
  before: KeyValue,
  after: KeyValue,
  prefix: Uint8Array,
  last: Uint8Array | undefined,
): { readonly keys: readonly Uint8Array[]; readonly isLast: boolean } {
  const lists = [before, after].map((values) => values.keysWithPrefix(prefix, last, CHUNK))
  const ends = lists.filter(({ length }) => length === CHUNK).map((keys) => keys[CHUNK - 1])
  const [until] = ends.filter((end) => end !== undefined).sort(compareBytes)
  const sorted = lists.flat().sort(compareBytes)
  const keys = sorted.filter((key, at) => {
    const previous = sorted[at - 1]
    const isTwin = previous !== undefined && equalBytes(previous, key)
    return !isTwin && (until === undefined || compareBytes(key, until) <= 0)
  })
  return { keys, isLast: until === undefined }
}

function compare(
  key: Uint8Array,
  before: Uint8Array | undefined,
  after: Uint8Array | undefined,
  asHash: Hashes | undefined,
): DiffItem[] {
  const shown = after ?? before
  if (!shown || (before && after && equalBytes(before, after))) return []
  const type = !before ? 'added' : after ? 'modified' : 'deleted'
  const content = asHash ? { hash: toHex(asHash.blake2b256(shown)) } : { value: toHex(shown) }
  return [{ key: toHex(key), ...content, type }]
}
