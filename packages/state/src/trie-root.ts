import { compareBytes, compactU32, encode, type Hash } from '@tacit/base'
import { encodeNode } from './encode-node.ts'
import { toNibbles, type Nibbles } from './nibbles.ts'
import {
  EMPTY_NODE,
  nodeReference,
  nodeValue,
  type Edge,
  type HashFunction,
  type TrieLayout,
  type TrieScheme,
} from './node.ts'

interface Entry {
  readonly path: Nibbles
  readonly value: Uint8Array
}

/**
 * The root of a trie with exactly these entries, whose keys differ. Built anew from sorted
 * keys, not by way of updates.
 */
export function trieRoot(
  entries: Iterable<readonly [key: Uint8Array, value: Uint8Array]>,
  scheme: TrieScheme,
): Hash {
  const sorted = [...entries].map(([key, value]): Entry => ({ path: toNibbles(key), value }))
  sorted.sort((a, b) => compareBytes(a.path, b.path))
  const root = sorted.length === 0 ? EMPTY_NODE : encodeRange(sorted, 0, scheme)
  return scheme.hash(root) as Hash
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

/** Encodes the node over entries that share their first `depth` nibbles; at least one entry. */
function encodeRange(entries: readonly Entry[], depth: number, scheme: TrieScheme): Uint8Array {
  const [first] = entries
  const last = entries.at(-1)
  if (!first || !last) return EMPTY_NODE
  let end = depth
  while (end < first.path.length && first.path[end] === last.path[end]) end++
  const own = first.path.length === end ? first : undefined
  const node = {
    partial: first.path.subarray(depth, end),
    value: own && nodeValue(own.value, scheme),
    children: encodeChildren(own ? entries.slice(1) : entries, end, scheme),
  }
  return encodeNode(node)
}

function encodeChildren(
  entries: readonly Entry[],
  depth: number,
  scheme: TrieScheme,
): (Edge | undefined)[] {
  if (entries.length === 0) return []
  const groups = Array.from({ length: 16 }, (): Entry[] => [])
  for (const entry of entries) groups[entry.path[depth] ?? 0]?.push(entry)
  return groups.map((group) => {
    if (group.length === 0) return undefined
    const reference = nodeReference(encodeRange(group, depth + 1, scheme), scheme.hash)
    return { reference, node: undefined }
  })
}
