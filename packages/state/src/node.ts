import type { Nibbles } from './nibbles.ts'

/** A hash function with 32-byte output; BLAKE2b-256 on this chain. */
export type HashFunction = (bytes: Uint8Array) => Uint8Array

/**
 * Substrate's state versions: `v0` keeps every value inside its node, `v1` replaces a value of 33
 * bytes or more by its hash.
 */
export type TrieLayout = 'v0' | 'v1'

export interface TrieScheme {
  readonly hash: HashFunction
  readonly layout: TrieLayout
}

/** A value as its node holds it: the bytes, or the hash of bytes that are kept elsewhere. */
export type NodeValue =
  | { readonly kind: 'inline'; readonly bytes: Uint8Array }
  | { readonly kind: 'hashed'; readonly hash: Uint8Array }

/**
 * What a parent holds of a child, and the child itself once it is loaded. A reference of 32 bytes
 * is a hash; a shorter one is the child's whole encoding. One that is not up to date is undefined.
 */
export interface Edge {
  reference: Uint8Array | undefined
  node: TrieNode | undefined
}

export interface TrieNode {
  /** The nibbles between the node's place and the node. */
  partial: Nibbles
  value: NodeValue | undefined
  /** Sixteen places in a branch, none in a leaf. */
  children: (Edge | undefined)[]
}

/** The root of a trie without keys is the hash of this. */
export const EMPTY_NODE: Uint8Array = Uint8Array.of(0)

const HASHED_VALUE_LENGTH = 33

/** How a node of the layout holds these bytes. */
export function nodeValue(bytes: Uint8Array, { hash, layout }: TrieScheme): NodeValue {
  if (layout === 'v0' || bytes.length < HASHED_VALUE_LENGTH) return { kind: 'inline', bytes }
  return { kind: 'hashed', hash: hash(bytes) }
}

/** What a parent holds of an encoded node. */
export function nodeReference(encoded: Uint8Array, hash: HashFunction): Uint8Array {
  return encoded.length < 32 ? encoded : hash(encoded)
}
