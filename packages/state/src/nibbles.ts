/** Half-bytes, one per element, the higher of a byte first: the steps of a path in the trie. */
export type Nibbles = Uint8Array

/** The digit of each nibble in a node's path. */
export const NIBBLE_DIGITS: readonly string[] = '0123456789abcdef'.split('')

export function toNibbles(key: Uint8Array): Nibbles {
  const nibbles = new Uint8Array(2 * key.length)
  for (let at = 0; at < key.length; at++) {
    const byte = key[at] ?? 0
    nibbles[2 * at] = byte >> 4
    nibbles[2 * at + 1] = byte & 15
  }
  return nibbles
}

/** Appends the digits of nibbles to a path. */
export function extendPath(path: string, nibbles: Nibbles): string {
  let extended = path
  for (const nibble of nibbles) extended += NIBBLE_DIGITS[nibble]
  return extended
}

/** How many nibbles of `partial` stand in `key` from `depth` on. */
export function sharedLength(partial: Nibbles, key: Nibbles, depth: number): number {
  const most = Math.min(partial.length, key.length - depth)
  let shared = 0
  while (shared < most && partial[shared] === key[depth + shared]) shared++
  return shared
}

/** Joins a branch's nibbles, the index of its child and the child's nibbles. */
export function joinNibbles(first: Nibbles, index: number, last: Nibbles): Nibbles {
  const joined = new Uint8Array(first.length + 1 + last.length)
  joined.set(first)
  joined[first.length] = index
  joined.set(last, first.length + 1)
  return joined
}
