import {
  concatBytes,
  decodePrefix,
  encode,
  err,
  ok,
  utf8,
  type Codec,
  type DecodeError,
  type Result,
} from '@tacit/base'
import type { Hashes } from '@tacit/crypto'
import { keepKeyString, keyToString } from '@tacit/state'

/** How a map's key is placed: all three keep the key readable, so that maps can be listed. */
export type StorageHasher = 'Blake2_128Concat' | 'Twox64Concat' | 'Identity'

/** The raw key of an item, or the prefix of all entries under the first keys. */
export type KeyMaker = (hashes: Hashes, ...keys: readonly unknown[]) => Uint8Array

/** Raw keys that one map remembers; then it forgets them all. */
const MAX_REMEMBERED = 4_096

/**
 * Makes the raw keys of an item: twox128(pallet) ++ twox128(name) ++ the keys as they are placed.
 * Whoever gets one leaves it unchanged: the same keys may give the same array again.
 */
export function createKeyMaker(
  pallet: string,
  name: string,
  hashers: readonly StorageHasher[],
  codecs: readonly Codec<unknown>[],
): KeyMaker {
  let root: Uint8Array | undefined
  const make: KeyMaker = (hashes, ...keys) => {
    if (!root) {
      root = concatBytes(hashes.twox128(utf8(pallet)), hashes.twox128(utf8(name)))
      keepKeyString(root)
    }
    if (keys.length === 0) return root
    const parts = keys.map((key, at) => placeKey(hashes, hashers[at], codecs[at], key))
    return concatBytes(root, ...parts)
  }
  return hashers.length === 1 ? rememberKeys(make) : make
}

/** A map's keys come again and again in a block, and hashing costs more than finding. */
function rememberKeys(make: KeyMaker): KeyMaker {
  const known = new Map<unknown, Uint8Array>()
  return (hashes, ...keys) => {
    const [key] = keys
    const name = key instanceof Uint8Array ? keyToString(key) : key
    if (keys.length !== 1 || typeof name === 'object') return make(hashes, ...keys)
    const found = known.get(name)
    if (found) return found
    const raw = make(hashes, key)
    if (known.size >= MAX_REMEMBERED) known.clear()
    keepKeyString(raw)
    known.set(name, raw)
    return raw
  }
}

function placeKey(
  hashes: Hashes,
  hasher: StorageHasher | undefined,
  codec: Codec<unknown> | undefined,
  key: unknown,
): Uint8Array {
  const encoded = codec ? encode(codec, key) : new Uint8Array()
  if (hasher === 'Blake2_128Concat') return concatBytes(hashes.blake2b128(encoded), encoded)
  if (hasher === 'Twox64Concat') return concatBytes(hashes.twox64(encoded), encoded)
  return encoded
}

const ITEM_PREFIX_LENGTH = 32
const HASH_LENGTH: { readonly [H in StorageHasher]: number } = {
  Blake2_128Concat: 16,
  Twox64Concat: 8,
  Identity: 0,
}

/** Reads the keys back from a raw key. */
export function readKeys(
  raw: Uint8Array,
  hashers: readonly StorageHasher[],
  codecs: readonly Codec<unknown>[],
): Result<readonly unknown[], DecodeError> {
  const keys: unknown[] = []
  let at = ITEM_PREFIX_LENGTH
  for (const [place, codec] of codecs.entries()) {
    at += HASH_LENGTH[hashers[place] ?? 'Identity']
    const key = decodePrefix(codec, raw.subarray(at))
    if (!key.ok) return key
    keys.push(key.value.value)
    at += key.value.length
  }
  if (at !== raw.length) return err({ code: 'scale_malformed', reason: 'trailing_bytes', at })
  return ok(keys)
}
