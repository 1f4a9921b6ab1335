import { compareBytes } from '@tacit/base'

/**
 * Read access to flat values, sorted by key. A store answers with bytes that nobody changes
 * afterwards: neither it nor its callers write into them.
 */
export interface KeyValue {
  get(key: Uint8Array): Uint8Array | undefined
  /**
   * The keys that begin with the prefix, ascending by unsigned bytes.
   * @param after only keys strictly greater than this one; it need not exist.
   * @param limit at most so many; all when left out or Infinity.
   */
  keysWithPrefix(prefix: Uint8Array, after?: Uint8Array, limit?: number): readonly Uint8Array[]
}

/** A new value of a key; undefined removes it. */
export interface Change {
  readonly key: Uint8Array
  readonly value: Uint8Array | undefined
}

/**
 * A key as a string of one character per byte: cheap to make (0.3 us for 64 bytes), hashes and
 * compares fast, and orders as the bytes do.
 */
export function keyToString(key: Uint8Array): string {
  if (key.length <= 4096) return String.fromCharCode.apply(null, key as unknown as number[])
  return keyToString(key.subarray(0, 4096)) + keyToString(key.subarray(4096))
}

/** Sort callback: ascending by key. */
export function compareChanges(a: Change, b: Change): number {
  return compareBytes(a.key, b.key)
}
