import { equalBytes, InvariantError, unwrap, type Hash } from '@tacit/base'
import { decodeNode } from './decode-node.ts'
import { encodeNode } from './encode-node.ts'
import type { Change } from './key-value.ts'
import {
  extendPath,
  joinNibbles,
  NIBBLE_DIGITS,
  sharedLength,
  toNibbles,
  type Nibbles,
} from './nibbles.ts'
import {
  EMPTY_NODE,
  nodeReference,
  nodeValue,
  type Edge,
  type NodeValue,
  type TrieNode,
  type TrieScheme,
} from './node.ts'

/**
 * Stored trie nodes by path: the nibbles that lead to a node, one lower-case hex digit each, without
 * the node's own partial key; the root's path is ''. A path is a prefix of the hex of every key
 * below it. A Map is a reader. Nodes that fit into their parents (under 32 bytes) are not stored.
 */
export interface NodeReader {
  get(path: string): Uint8Array | undefined
}

export interface TrieUpdate {
  readonly root: Hash
  /** What to write to the node store: encoded nodes by path; undefined removes. */
  readonly nodeChanges: ReadonlyMap<string, Uint8Array | undefined>
}

interface Work {
  readonly nodes: NodeReader
  readonly scheme: TrieScheme
  readonly nodeChanges: Map<string, Uint8Array | undefined>
}

type Removal = 'unchanged' | 'changed' | 'gone'

/**
 * Applies changes to a stored trie. Reads and encodes only the nodes on the ways to changed keys,
 * each once, whatever the size of the trie. The later of two changes of one key counts. Values that
 * the layout hashes are not in the node store: keep them by key.
 * A store whose nodes do not fit together is a bug and throws.
 */
export function updateTrie(
  nodes: NodeReader,
  changes: Iterable<Change>,
  scheme: TrieScheme,
): TrieUpdate {
  const work: Work = { nodes, scheme, nodeChanges: new Map() }
  let root = rootEdge(work)
  for (const { key, value } of changes) {
    const nibbles = toNibbles(key)
    if (value === undefined) {
      if (root && remove(work, root, nibbles, 0) === 'gone') root = undefined
    } else if (root) insert(work, root, nibbles, 0, nodeValue(value, scheme))
    else root = newLeaf(nibbles, nodeValue(value, scheme))
  }
  return { root: finishRoot(work, root), nodeChanges: work.nodeChanges }
}

function rootEdge({ nodes, scheme }: Work): Edge | undefined {
  const stored = nodes.get('')
  const node = stored && unwrap(decodeNode(stored), 'stored root')
  return node && { reference: scheme.hash(stored), node }
}

function newLeaf(partial: Nibbles, value: NodeValue): Edge {
  return { reference: undefined, node: { partial, value, children: [] } }
}

/** Puts a value below an edge that is reached after `depth` nibbles of the key; says if it was new. */
function insert(work: Work, edge: Edge, key: Nibbles, depth: number, value: NodeValue): boolean {
  const node = load(work, edge, key, depth)
  const shared = sharedLength(node.partial, key, depth)
  const target = shared < node.partial.length ? split(node, shared) : node
  edge.node = target
  if (!place(work, target, key, depth + shared, value)) return false
  edge.reference = undefined
  return true
}

/** Puts a value at the node or below it; the node is reached in full after `at` nibbles. */
function place(work: Work, node: TrieNode, key: Nibbles, at: number, value: NodeValue): boolean {
  const index = key[at]
  if (index === undefined) {
    if (node.value && sameValue(node.value, value)) return false
    node.value = value
    return true
  }
  const child = node.children[index]
  if (child) return insert(work, child, key, at + 1, value)
  if (node.children.length === 0) node.children = noChildren()
  node.children[index] = newLeaf(key.subarray(at + 1), value)
  return true
}

/** The branch that takes a node's place where a key leaves the node's partial key. */
function split(node: TrieNode, shared: number): TrieNode {
  const lower: TrieNode = { ...node, partial: node.partial.subarray(shared + 1) }
  const children = noChildren()
  children[node.partial[shared] ?? 0] = { reference: undefined, node: lower }
  return { partial: node.partial.subarray(0, shared), value: undefined, children }
}

function noChildren(): (Edge | undefined)[] {
  return Array.from({ length: 16 }, () => undefined)
}

function remove(work: Work, edge: Edge, key: Nibbles, depth: number): Removal {
  const node = load(work, edge, key, depth)
  if (sharedLength(node.partial, key, depth) < node.partial.length) return 'unchanged'
  const at = depth + node.partial.length
  const index = key[at]
  if (index === undefined) {
    if (!node.value) return 'unchanged'
    node.value = undefined
  } else {
    const child = node.children[index]
    const removal = child ? remove(work, child, key, at + 1) : 'unchanged'
    if (removal === 'unchanged') return removal
    if (removal === 'gone') node.children[index] = undefined
  }
  edge.reference = undefined
  return shrink(work, edge, node, key, at)
}

/** Gives a node that lost something the form that its content asks for. */
function shrink(work: Work, edge: Edge, node: TrieNode, key: Nibbles, at: number): Removal {
  let left = 0
  let last = 0
  for (let index = 0; index < node.children.length; index++) {
    if (!node.children[index]) continue
    left++
    last = index
  }
  if (left === 0) {
    node.children = []
    if (node.value) return 'changed'
    work.nodeChanges.set(pathOf(key, at - node.partial.length), undefined)
    return 'gone'
  }
  const only = node.children[last]
  if (left > 1 || node.value || !only) return 'changed'
  const path = pathOf(key, at) + NIBBLE_DIGITS[last]
  const child = loadAt(work, only, path)
  work.nodeChanges.set(path, undefined)
  edge.node = { ...child, partial: joinNibbles(node.partial, last, child.partial) }
  return 'changed'
}

function load(work: Work, edge: Edge, key: Nibbles, depth: number): TrieNode {
  return edge.node ?? loadAt(work, edge, pathOf(key, depth))
}

function loadAt({ nodes }: Work, edge: Edge, path: string): TrieNode {
  if (edge.node) return edge.node
  const encoded = edge.reference?.length === 32 ? nodes.get(path) : edge.reference
  const node = encoded && unwrap(decodeNode(encoded), 'stored node')
  if (!node) throw new InvariantError(`the trie has no node at '${path}'`)
  edge.node = node
  return node
}

function pathOf(key: Nibbles, length: number): string {
  return extendPath('', key.subarray(0, length))
}

function sameValue(a: NodeValue, b: NodeValue): boolean {
  return a.kind === 'inline'
    ? b.kind === 'inline' && equalBytes(a.bytes, b.bytes)
    : b.kind === 'hashed' && equalBytes(a.hash, b.hash)
}

function finishRoot(work: Work, root: Edge | undefined): Hash {
  const { hash } = work.scheme
  if (!root?.node) return hash(EMPTY_NODE) as Hash
  if (root.reference) return root.reference as Hash
  const encoded = finishNode(work, root.node, '')
  work.nodeChanges.set('', encoded)
  return hash(encoded) as Hash
}

/** Encodes a node after what changed below it. */
function finishNode(work: Work, node: TrieNode, path: string): Uint8Array {
  const below = node.children.length > 0 ? extendPath(path, node.partial) : ''
  for (let index = 0; index < node.children.length; index++) {
    const child = node.children[index]
    if (!child?.node || child.reference) continue
    const place = below + NIBBLE_DIGITS[index]
    const encoded = finishNode(work, child.node, place)
    child.reference = nodeReference(encoded, work.scheme.hash)
    work.nodeChanges.set(place, child.reference.length === 32 ? encoded : undefined)
  }
  return encodeNode(node)
}
