import { bytesToHex, InvariantError, parseHex, unwrap } from '@tacit/base'
import { decodeNode } from './decode-node.ts'
import { extendPath, NIBBLE_DIGITS } from './nibbles.ts'
import type { TrieNode } from './node.ts'
import type { NodeReader } from './update-trie.ts'

interface Query {
  readonly nodes: NodeReader
  /** Hex of the prefix; hex orders as bytes do. */
  readonly prefix: string
  readonly after: string | undefined
  readonly limit: number
  readonly found: Uint8Array[]
}

/**
 * The keys of a stored trie that begin with a prefix, ascending: KeyValue's keysWithPrefix from nodes
 * alone. Reads the nodes of what it returns and those on the way there, nothing else.
 * A store whose nodes do not fit together is a bug and throws.
 */
export function keysInTrie(
  nodes: NodeReader,
  prefix: Uint8Array,
  after?: Uint8Array,
  limit: number = Number.POSITIVE_INFINITY,
): readonly Uint8Array[] {
  const query: Query = {
    nodes,
    prefix: bytesToHex(prefix),
    after: after && bytesToHex(after),
    limit,
    found: [],
  }
  const root = nodes.get('')
  const node = root && unwrap(decodeNode(root), 'stored root')
  if (node) visit(query, node, '')
  return query.found
}

/** @param place the nibbles before the node's own. */
function visit(query: Query, node: TrieNode, place: string): void {
  const { prefix, after, limit, found } = query
  const path = extendPath(place, node.partial)
  if (!mayHold(query, path)) return
  const isAsked = path.startsWith(prefix) && (after === undefined || path > after)
  if (node.value && isAsked && found.length < limit) found.push(unwrap(parseHex(path)))
  for (let index = 0; index < node.children.length && found.length < limit; index++) {
    const reference = node.children[index]?.reference
    if (!reference) continue
    const below = path + NIBBLE_DIGITS[index]
    if (!mayHold(query, below)) continue
    const encoded = reference.length === 32 ? query.nodes.get(below) : reference
    const child = encoded && unwrap(decodeNode(encoded), 'stored node')
    if (!child) throw new InvariantError(`the trie has no node at '${below}'`)
    visit(query, child, below)
  }
}

/** Whether keys that begin with these nibbles can be asked for: no smaller path leads behind `after`. */
function mayHold({ prefix, after }: Query, path: string): boolean {
  if (!path.startsWith(prefix) && !prefix.startsWith(path)) return false
  return after === undefined || path > after || after.startsWith(path)
}
