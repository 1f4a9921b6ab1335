import type { Hash } from '@tacit/base'
import type { Change } from '../key-value.ts'
import { createMemoryStore, type MemoryStore } from '../memory-store.ts'
import type { TrieScheme } from '../node.ts'
import { updateTrie, type TrieUpdate } from '../update-trie.ts'

/** Nodes and values in memory, kept as a node's store keeps them. */
export interface TestTrie {
  readonly nodes: Map<string, Uint8Array>
  readonly values: MemoryStore
  readonly hash: TrieScheme['hash']
  root: Hash
  apply(changes: readonly Change[]): TrieUpdate
}

export function createTestTrie(scheme: TrieScheme): TestTrie {
  const nodes = new Map<string, Uint8Array>()
  const values = createMemoryStore()
  const trie: TestTrie = {
    nodes,
    values,
    hash: scheme.hash,
    root: updateTrie(nodes, [], scheme).root,
    apply: (changes) => {
      const update = updateTrie(nodes, changes, scheme)
      for (const [path, node] of update.nodeChanges) {
        if (node) nodes.set(path, node)
        else nodes.delete(path)
      }
      values.apply(changes)
      trie.root = update.root
      return update
    },
  }
  return trie
}

/** All entries of a store, ascending. */
export function entriesOf(values: MemoryStore): (readonly [Uint8Array, Uint8Array])[] {
  const keys = values.keysWithPrefix(new Uint8Array())
  return keys.map((key) => [key, values.get(key) ?? new Uint8Array()] as const)
}
