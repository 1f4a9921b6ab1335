import { utf8, type Hash } from '@tacit/base'
import type { Hashes } from '@tacit/crypto'
import { updateTrie, type Change, type KeyValue, type NodeReader } from '@tacit/state'

/** Key of a trie node in the store: never empty, though the root's path is. */
export function nodeKey(path: string): Uint8Array {
  return utf8(`/${path}`)
}

/** Stored nodes as the trie reads them. */
export function nodeReader(nodes: Pick<KeyValue, 'get'>): NodeReader {
  return { get: (path) => nodes.get(nodeKey(path)) }
}

/** The state root behind changes, and what they change in the store of nodes. */
export function computeRoot(
  nodes: Pick<KeyValue, 'get'>,
  changes: readonly Change[],
  hashes: Hashes,
): { readonly root: Hash; readonly nodes: readonly Change[] } {
  const scheme = { hash: hashes.blake2b256, layout: 'v1' } as const
  const { root, nodeChanges } = updateTrie(nodeReader(nodes), changes, scheme)
  const changed = [...nodeChanges].map(([path, value]) => ({ key: nodeKey(path), value }))
  return { root, nodes: changed }
}
