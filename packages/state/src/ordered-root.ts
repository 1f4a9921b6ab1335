import { compactU32, encode, type Hash } from '@tacit/base'
import type { HashFunction, TrieLayout } from './node.ts'
import { updateTrie } from './update-trie.ts'

/**
 * The root of a trie whose keys are the compact-encoded positions of values: Substrate's
 * extrinsics root. Its layout is V0 up to system version 1, which is ours, and V1 from 2 on.
 */
export function orderedTrieRoot(
  values: readonly Uint8Array[],
  hash: HashFunction,
  layout: TrieLayout = 'v0',
): Hash {
  const changes = values.map((value, at) => ({ key: encode(compactU32, at), value }))
  return updateTrie(new Map(), changes, { hash, layout }).root
}
