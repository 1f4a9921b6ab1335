import type { Hashes } from '@tacit/crypto'
import { toHex } from './hex.ts'
import type { StateAt } from '../storage/store.ts'
import { isAbsent, toBytes } from './params.ts'
import { invalidParams } from './rpc-error.ts'

const TYPES = ['value', 'hash', 'descendantsValues', 'descendantsHashes'] as const

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
)

const MAX_KEY_BYTES = 1_024
/** Items that are read from one view of the state, between two turns of the event loop. */
const CHUNK = 128

/** Reads one query; closestDescendantMerkleValue is not offered. */
export function toStorageQuery(value: unknown, at: number): StorageQuery {
  const { key, type, paginationStartKey } = Object(value) as { readonly [name: string]: unknown }
  const known = TYPES.find((name) => name === type)
  if (!known) throw invalidParams(`type must be one of ${TYPES.join(', ')}`)
  return {
    key: checkKey(toBytes(key, at)),
    type: known,
    after: isAbsent(paginationStartKey) ? undefined : checkKey(toBytes(paginationStartKey, at)),
  }
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
  for (const { key, type, after } of queries) {
    const asHash = type === 'hash' || type === 'descendantsHashes'
    const toItem = (found: Uint8Array, value: Uint8Array): StorageItem =>
      asHash
        ? { key: toHex(found), hash: toHex(hashes.blake2b256(value)) }
        : { key: toHex(found), value: toHex(value) }
    const many = type.startsWith('descendants')
    for (let last = after; ;) {
      const state = read()
      if (!state) return 'pruned'
      const keys = many ? state.values.keysWithPrefix(key, last, CHUNK) : [key]
      yield keys.flatMap((found) => {
        const value = state.values.get(found)
        return value ? [toItem(found, value)] : []
      })
      if (!many || keys.length < CHUNK) break
      last = keys.at(-1)
    }
  }
  return 'done'
}

function checkKey(key: Uint8Array): Uint8Array {
  if (key.length > MAX_KEY_BYTES) throw invalidParams(`a key has at most ${MAX_KEY_BYTES} bytes`)
  return key
}
