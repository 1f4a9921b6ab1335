import { compareBytes, compactU32, encode, type Hash } from '@tacit/base'
import { buildTrie } from './build-trie.ts'
import type { HashFunction, TrieLayout, TrieScheme } from './node.ts'

/**
 * The root of a trie with exactly these entries, whose keys differ. Built anew from sorted
 * keys, not by way of updates.
 */
export function trieRoot(
  entries: Iterable<readonly [key: Uint8Array, value: Uint8Array]>,
  scheme: TrieScheme,
): Hash {
  const builder = buildTrie(scheme)
  const sorted = [...entries].sort(([a], [b]) => compareBytes(a, b))
  for (const [key, value] of sorted) builder.add(key, value)
  return builder.finish()
}

/**
 * The root over a list, keyed by compact index: a header's extrinsics root. Substrate uses layout
 * `v0` for it while the runtime's system_version is 0 or 1, as ours is and Polkadot's, and `v1` from
 * 2 on (RFC-0042), whatever the layout of the state.
 */
export function orderedTrieRoot(
  values: readonly Uint8Array[],
  hash: HashFunction,
  layout: TrieLayout = 'v0',
): Hash {
  return trieRoot(
    values.map((value, index) => [encode(compactU32, index), value]),
    { hash, layout },
  )
}
