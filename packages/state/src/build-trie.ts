import { InvariantError, type Hash } from '@tacit/base'
import { encodeNode } from './encode-node.ts'
import { extendPath, sharedLength, toNibbles, type Nibbles } from './nibbles.ts'
import {
  EMPTY_NODE,
  nodeReference,
  nodeValue,
  type Edge,
  type NodeValue,
  type TrieScheme,
} from './node.ts'

/** Builds a trie from entries in order, with the memory of one way from the root to a leaf. */
export interface TrieBuilder {
  /** Adds an entry; its key must be greater than the last one's. */
  add(key: Uint8Array, value: Uint8Array): void
  /** The root over all that was added; nothing may follow. */
  finish(): Hash
}

/** A branch that is not complete: `depth` nibbles of the last key lead to it. */
interface Open {
  readonly depth: number
  readonly value: NodeValue | undefined
  readonly children: (Edge | undefined)[]
}

interface Work {
  readonly scheme: TrieScheme
  /** From the root down, depths rising; all on the way to the last key. */
  readonly open: Open[]
  readonly onNode: (path: string, encoded: Uint8Array) => void
}

/**
 * Starts a build.
 * @param onNode gets each node that a node store holds, as updateTrie would leave it there, children
 *   before their parents; the path of the root is ''.
 */
export function buildTrie(
  scheme: TrieScheme,
  onNode?: (path: string, encoded: Uint8Array) => void,
): TrieBuilder {
  const work: Work = { scheme, open: [], onNode: onNode ?? (() => {}) }
  let last: { readonly key: Nibbles; readonly value: NodeValue } | undefined
  return {
    add: (key, bytes) => {
      const next = { key: toNibbles(key), value: nodeValue(bytes, scheme) }
      if (last) branchOff(work, last, next.key)
      last = next
    },
    finish: () => {
      const root = last ? closeBelow(work, last, -1) : EMPTY_NODE
      if (last) work.onNode('', root)
      return scheme.hash(root) as Hash
    },
  }
}

type Entry = { readonly key: Nibbles; readonly value: NodeValue }

/** Makes the place where the next key leaves the last one's way, and completes what lies behind. */
function branchOff(work: Work, { key, value }: Entry, next: Nibbles): void {
  const { open } = work
  const shared = sharedLength(key, next, 0)
  if (shared === key.length && shared < next.length) {
    open.push({ depth: shared, value, children: noChildren() })
    return
  }
  if ((next[shared] ?? -1) <= (key[shared] ?? -1))
    throw new InvariantError('entries of a trie must come in order, each key once')
  const encoded = closeBelow(work, { key, value }, shared)
  if (open.at(-1)?.depth !== shared)
    open.push({ depth: shared, value: undefined, children: noChildren() })
  attach(work, key, shared, encoded)
}

/**
 * Completes the last entry and the open branches deeper than `depth`.
 * @returns the encoded node that hangs at that depth, or at the nearest open branch above it.
 */
function closeBelow(work: Work, { key, value }: Entry, depth: number): Uint8Array {
  const { open } = work
  let from = Math.max(open.at(-1)?.depth ?? -1, depth)
  let encoded = encodeNode({ partial: key.subarray(from + 1), value, children: [] })
  for (let last = open.at(-1); last && last.depth > depth; last = open.at(-1)) {
    attach(work, key, last.depth, encoded)
    open.pop()
    from = Math.max(open.at(-1)?.depth ?? -1, depth)
    encoded = encodeNode({ ...last, partial: key.subarray(from + 1, last.depth) })
  }
  return encoded
}

/** Hangs a complete node into the open branch at a depth. */
function attach(
  { open, scheme, onNode }: Work,
  key: Nibbles,
  at: number,
  encoded: Uint8Array,
): void {
  const reference = nodeReference(encoded, scheme.hash)
  const branch = open.at(-1)
  if (branch) branch.children[key[at] ?? 0] = { reference, node: undefined }
  if (encoded.length >= 32) onNode(extendPath('', key.subarray(0, at + 1)), encoded)
}

function noChildren(): (Edge | undefined)[] {
  return Array.from({ length: 16 }, () => undefined)
}
