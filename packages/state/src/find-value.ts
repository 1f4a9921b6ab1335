import { err, ok, type Result } from '@tacit/base'
import { decodeNode, type NodeError } from './decode-node.ts'
import { extendPath, NIBBLE_DIGITS, sharedLength, toNibbles } from './nibbles.ts'
import type { NodeValue, TrieNode } from './node.ts'

/** Gives the encoded node that a hash names; the path is where it stands. */
export type FetchNode<E> = (hash: Uint8Array, path: string) => Result<Uint8Array, E>

/** The last node on the way to a key, and how much of the key its path covers. */
type Reached = {
  readonly node: TrieNode
  /** What its parent holds of it, or the root. */
  readonly reference: Uint8Array
  /** Whether all of the node's partial key stands in the key. */
  readonly whole: boolean
  /** Whether nothing of the key is left behind what the two share. */
  readonly exhausted: boolean
}

/** Goes down from the root to a key; undefined: no value is there. */
export function findValue<E>(
  root: Uint8Array,
  key: Uint8Array,
  fetch: FetchNode<E>,
): Result<NodeValue | undefined, E | NodeError> {
  const reached = descend(root, key, fetch)
  if (!reached.ok) return reached
  const found = reached.value
  return ok(found?.whole && found.exhausted ? found.node.value : undefined)
}

/**
 * The Merkle value of the node at a key or, where no node stands exactly there, of its closest
 * descendant: its hash, or its encoding if that is shorter than 32 bytes. Undefined: nothing in the
 * trie begins with the key. Definition: Polkadot protocol specification, Merkle value.
 */
export function findDescendant<E>(
  root: Uint8Array,
  key: Uint8Array,
  fetch: FetchNode<E>,
): Result<Uint8Array | undefined, E | NodeError> {
  const reached = descend(root, key, fetch)
  if (!reached.ok) return reached
  return ok(reached.value?.exhausted ? reached.value.reference : undefined)
}

function descend<E>(
  root: Uint8Array,
  key: Uint8Array,
  fetch: FetchNode<E>,
): Result<Reached | undefined, E | NodeError> {
  const nibbles = toNibbles(key)
  let reference = root
  let path = ''
  for (let depth = 0; ; depth++) {
    const encoded = reference.length === 32 ? fetch(reference, path) : ok(reference)
    if (!encoded.ok) return encoded
    const decoded = decodeNode(encoded.value)
    if (!decoded.ok) return err(decoded.error)
    const node = decoded.value
    if (!node) return ok(undefined)
    const shared = sharedLength(node.partial, nibbles, depth)
    const whole = shared === node.partial.length
    const exhausted = depth + shared === nibbles.length
    depth += shared
    const index = nibbles[depth]
    if (!whole || index === undefined) return ok({ node, reference, whole, exhausted })
    const child = node.children[index]
    if (!child?.reference) return ok(undefined)
    reference = child.reference
    path = extendPath(path, node.partial) + NIBBLE_DIGITS[index]
  }
}
