import { bytesToLatin1, compareBytes } from '@tacit/base'

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

/** How a kind of value is written; the same object for all values of the kind. */
export interface ValueForm<T> {
  encode(value: T): Uint8Array
  /** Throws where the bytes are no such value: the store is broken. */
  decode(bytes: Uint8Array): T
}

/** A new value of a key; undefined removes it. */
export interface Change {
  readonly key: Uint8Array
  readonly value: Uint8Array | undefined
}

const kept = new WeakMap<Uint8Array, string>()

/**
 * Keeps the string of a key that will be asked for again and again: making and hashing it is a good
 * part of what reading a value costs. Nobody changes the key from then on.
 */
export function keepKeyString(key: Uint8Array): void {
  kept.set(key, bytesToLatin1(key))
}

/** A key as a string of one character per byte: hashes and compares fast, orders as the bytes do. */
export function keyToString(key: Uint8Array): string {
  return kept.get(key) ?? bytesToLatin1(key)
}

/** Sort callback: ascending by key. */
export function compareChanges(a: Change, b: Change): number {
  return compareBytes(a.key, b.key)
}
