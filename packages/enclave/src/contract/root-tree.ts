import { encode, struct, bytes, utf8, type Codec, type Hash } from '@tacit/base'
import type { Hashes } from '@tacit/crypto'
import { updateTrie, type TrieScheme } from '@tacit/state'
import { domainMac } from '../release/contract-keys.ts'

/** Changes of a state: new values by key; undefined removes the key. */
export type StateChanges = ReadonlyMap<string, Uint8Array | undefined>

/**
 * The commitment to a contract's state: a trie from HMAC(key) to HMAC(key, value), so that the
 * root tells nobody without the commitment key anything, not even short values.
 */
export interface RootTree {
  readonly root: Hash
  /** A new tree with the changes; this one stays as it is. */
  update(changes: StateChanges): RootTree
}

type Leaf = { readonly key: Uint8Array; readonly value: Uint8Array }
/** SCALE, for a key's end must not be movable into the value. */
const leaf: Codec<Leaf> = struct({ key: bytes, value: bytes })

/** @param commitmentKey 32 secret bytes. */
export function createRootTree(
  hashes: Hashes,
  commitmentKey: Uint8Array,
  values: ReadonlyMap<string, Uint8Array>,
): RootTree {
  const scheme: TrieScheme = { hash: hashes.blake2b256, layout: 'v1' }

  function treeOf(nodes: ReadonlyMap<string, Uint8Array>, changes: StateChanges): RootTree {
    const leaves = [...changes].map(([name, value]) => {
      const key = utf8(name)
      return {
        key: domainMac(commitmentKey, 'stateLeafKey', key),
        value: value && domainMac(commitmentKey, 'stateLeafValue', encode(leaf, { key, value })),
      }
    })
    const { root, nodeChanges } = updateTrie(nodes, leaves, scheme)
    const next = new Map(nodes)
    for (const [path, node] of nodeChanges) {
      if (node === undefined) next.delete(path)
      else next.set(path, node)
    }
    return { root, update: (further) => treeOf(next, further) }
  }

  return treeOf(new Map(), values)
}
