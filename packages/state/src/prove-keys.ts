import { compareBytes, InvariantError, ok, unwrap } from '@tacit/base'
import { findDescendant, findValue, type FetchNode } from './find-value.ts'
import { keyToString, type KeyValue } from './key-value.ts'
import { EMPTY_NODE, type HashFunction } from './node.ts'
import type { NodeReader } from './update-trie.ts'

/** A trie as it is stored: its nodes by path, its values by key. */
export interface StoredTrie {
  readonly nodes: NodeReader
  readonly values: Pick<KeyValue, 'get'>
  readonly hash: HashFunction
}

/**
 * Proves what a stored trie holds at keys, also that it holds nothing there: the nodes on the ways
 * to the keys and the values that these nodes hold as hashes, each read once, ascending by bytes as
 * state_getReadProof gives them. A store whose parts do not fit together is a bug and throws.
 */
export function proveKeys(
  { nodes, values, hash }: StoredTrie,
  keys: Iterable<Uint8Array>,
): readonly Uint8Array[] {
  const root = nodes.get('') ?? EMPTY_NODE
  const rootHash = hash(root)
  const parts = new Map<string, Uint8Array>([[keyToString(rootHash), root]])
  const part = (reference: Uint8Array, read: () => Uint8Array | undefined): Uint8Array => {
    const name = keyToString(reference)
    const bytes = parts.get(name) ?? present(read())
    parts.set(name, bytes)
    return bytes
  }
  for (const key of keys) {
    const found = findValue(rootHash, key, (reference, path) =>
      ok(part(reference, () => nodes.get(path))),
    )
    const value = unwrap(found, 'stored trie')
    if (value?.kind === 'hashed') part(value.hash, () => values.get(key))
  }
  return [...parts.values()].sort(compareBytes)
}

/**
 * The Merkle value of the closest node whose path begins with a key; undefined: there is none. The
 * root's is always its hash.
 */
export function closestMerkleValue(
  { nodes, hash }: Pick<StoredTrie, 'nodes' | 'hash'>,
  key: Uint8Array,
): Uint8Array | undefined {
  const root = nodes.get('') ?? EMPTY_NODE
  const fetch: FetchNode<never> = (_, path) => ok(path === '' ? root : present(nodes.get(path)))
  return unwrap(findDescendant(hash(root), key, fetch), 'stored trie')
}

function present(bytes: Uint8Array | undefined): Uint8Array {
  if (!bytes) throw new InvariantError('the stored trie lacks a node or a value')
  return bytes
}
