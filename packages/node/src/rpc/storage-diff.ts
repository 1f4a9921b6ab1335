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
/** Bytes of values, of both states, behind which a chunk ends early. */
const CHUNK_BYTES = 262_144

/** What one request may compare. */
export type DiffLimits = {
  readonly keys: number
  /** Bytes of values, of both states. */
  readonly bytes: number
}

export const DIFF_LIMITS: DiffLimits = { keys: 65_536, bytes: 67_108_864 }

export function toDiffQuery(value: unknown, at: number): DiffQuery {
  if (!isRecord(value)) throw invalidParams(`parameter ${at} must be a list of objects`)
  const { key, returnType, childTrieKey } = value
  if (returnType !== 'value' && returnType !== 'hash')
    throw invalidParams('returnType must be value or hash')
  const prefix = isAbsent(key) ? new Uint8Array() : toKey(key, at)
  return { prefix, asHash: returnType === 'hash', isEmpty: asksChildTrie(childTrieKey, at) }
}

type States = { readonly before: StateAt; readonly after: StateAt }

/**
 * What differs between two states, in chunks; both are asked for anew for each, as they may be
 * pruned in between. A deleted entry shows what it was.
 */
export function* diffStates(
  queries: readonly DiffQuery[],
  read: () => States | undefined,
  hashes: Hashes,
  limits: DiffLimits = DIFF_LIMITS,
): Generator<readonly DiffItem[], 'done' | 'pruned' | 'too_many'> {
  let { keys: keysLeft, bytes: bytesLeft } = limits
  for (const { prefix, asHash, isEmpty } of queries) {
    if (isEmpty) continue
    for (let last: Uint8Array | undefined; ;) {
      const states = read()
      if (!states) return 'pruned'
      const { keys, isLast } = nextKeys(states.before.values, states.after.values, prefix, last)
      const { items, count, bytes } = compareKeys(states, keys, asHash ? hashes : undefined)
      keysLeft -= count
      bytesLeft -= bytes
      if (keysLeft < 0 || bytesLeft < 0) return 'too_many'
      yield items
      if (isLast && count === keys.length) break
      last = keys[count - 1]
    }
  }
  return 'done'
}

/** Compares keys until their values are enough for one chunk. */
function compareKeys(
  { before, after }: States,
  keys: readonly Uint8Array[],
  asHash: Hashes | undefined,
): { readonly items: readonly DiffItem[]; readonly count: number; readonly bytes: number } {
  const items: DiffItem[] = []
  let bytes = 0
  for (const [at, key] of keys.entries()) {
    const [was, is] = [before.values.get(key), after.values.get(key)]
    items.push(...compare(key, was, is, asHash))
    bytes += (was?.length ?? 0) + (is?.length ?? 0)
    if (bytes >= CHUNK_BYTES) return { items, count: at + 1, bytes }
  }
  return { items, count: keys.length, bytes }
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
