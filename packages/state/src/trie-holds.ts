import { equalBytes, InvariantError, ok, unwrap } from '@tacit/base'
import { findValue } from './find-value.ts'
import { EMPTY_NODE, nodeValue, type TrieScheme } from './node.ts'
import type { NodeReader } from './update-trie.ts'

/**
 * Whether a stored trie holds exactly this at a key; undefined: nothing. A store whose nodes do not
 * fit together is a bug and throws.
 */
export function trieHolds(
  { nodes, ...scheme }: TrieScheme & { readonly nodes: NodeReader },
  key: Uint8Array,
  value: Uint8Array | undefined,
): boolean {
  const root = nodes.get('') ?? EMPTY_NODE
  const found = findValue(scheme.hash(root), key, (_hash, path) => {
    const node = path === '' ? root : nodes.get(path)
    if (!node) throw new InvariantError(`the trie has no node at '${path}'`)
    return ok(node)
  })
  const held = unwrap(found, 'stored trie')
  if (!held || value === undefined) return !held && value === undefined
  const asked = nodeValue(value, scheme)
  return held.kind === 'inline'
    ? asked.kind === 'inline' && equalBytes(held.bytes, asked.bytes)
    : asked.kind === 'hashed' && equalBytes(held.hash, asked.hash)
}
