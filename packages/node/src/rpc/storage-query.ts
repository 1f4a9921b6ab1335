import type { Hashes } from '@tacit/crypto'
import { closestMerkleValue } from '@tacit/state'
import { nodeReader } from '../storage/state-root.ts'
import type { StateAt } from '../storage/store.ts'
import { toHex } from './hex.ts'
import { isAbsent, isRecord, toBytes, toKey } from './params.ts'
import { invalidParams } from './rpc-error.ts'

const TYPES = [
  'value',
  'hash',
  'closestDescendantMerkleValue',
  'descendantsValues',
  'descendantsHashes',
] as const

/** One question about storage, as chainHead_v1_storage and archive_v1_storage ask it. */
export type StorageQuery = {
  readonly key: Uint8Array
  readonly type: (typeof TYPES)[number]
  /** For descendants: only those behind this key. */
  readonly after: Uint8Array | undefined
}

export type StorageItem = { readonly key: string } & (
  | { readonly value: string }
  | { readonly hash: string }
  | { readonly closestDescendantMerkleValue: string }
)

/** Items that are read from one view of the state, between two turns of the event loop. */
const CHUNK = 128
/** Bytes of values behind which a chunk ends early. */
const CHUNK_BYTES = 262_144

/** Reads one query; where to go on is told of descendants alone. */
export function toStorageQuery(value: unknown, at: number): StorageQuery {
  if (!isRecord(value)) throw invalidParams(`parameter ${at} must be a list of objects`)
  const { key, type, paginationStartKey } = value
  const known = TYPES.find((name) => name === type)
  if (!known) throw invalidParams(`type must be one of ${TYPES.join(', ')}`)
  const after = isAbsent(paginationStartKey) ? undefined : toKey(paginationStartKey, at)
  if (after && !known.startsWith('descendants'))
    throw invalidParams('paginationStartKey is for descendants')
  return { key: toKey(key, at), type: known, after }
}

/**
 * Reads the key of a child trie. This chain has none, so all of them are empty.
 * @returns whether a child trie is asked for.
 */
export function asksChildTrie(value: unknown, at: number): boolean {
  if (isAbsent(value)) return false
  toBytes(value, at)
  return true
}

/**
 * Answers queries in chunks. The state is asked for anew for each chunk, as it may be pruned in
 * between: undefined ends the answer.
 */
export function* answerQueries(
  queries: readonly StorageQuery[],
  read: () => StateAt | undefined,
  hashes: Hashes,
): Generator<readonly StorageItem[], 'done' | 'pruned'> {
  for (const query of queries) {
    for (let last = query.after; ;) {
      const state = read()
      if (!state) return 'pruned'
      const { items, next } = query.type.startsWith('descendants')
        ? readDescendants(state, query, last, hashes)
        : { items: readOne(state, query, hashes), next: undefined }
      yield items
      if (!next) break
      last = next
    }
  }
  return 'done'
}

function readOne(state: StateAt, { key, type }: StorageQuery, hashes: Hashes): StorageItem[] {
  if (type !== 'closestDescendantMerkleValue') {
    const value = state.values.get(key)
    return value ? [toItem(key, value, type === 'hash' ? hashes : undefined)] : []
  }
  const trie = { nodes: nodeReader(state.nodes), hash: hashes.blake2b256 }
  const found = closestMerkleValue(trie, key)
  return found ? [{ key: toHex(key), closestDescendantMerkleValue: toHex(found) }] : []
}

function readDescendants(
  { values }: StateAt,
  { key: prefix, type }: StorageQuery,
  last: Uint8Array | undefined,
  hashes: Hashes,
): { readonly items: StorageItem[]; readonly next: Uint8Array | undefined } {
  const keys = values.keysWithPrefix(prefix, last, CHUNK)
  const items: StorageItem[] = []
  let bytes = 0
  for (const [index, key] of keys.entries()) {
    const value = values.get(key)
    if (!value) continue
    items.push(toItem(key, value, type === 'descendantsHashes' ? hashes : undefined))
    bytes += value.length
    const isLast = index === keys.length - 1
    if (bytes >= CHUNK_BYTES && !isLast) return { items, next: key }
  }
  return { items, next: keys.length < CHUNK ? undefined : keys.at(-1) }
}

function toItem(key: Uint8Array, value: Uint8Array, asHash: Hashes | undefined): StorageItem {
  return asHash
    ? { key: toHex(key), hash: toHex(asHash.blake2b256(value)) }
    : { key: toHex(key), value: toHex(value) }
}
