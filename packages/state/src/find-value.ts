import { err, ok, type Result } from '@tacit/base'
import { decodeNode, type NodeError } from './decode-node.ts'
import { extendPath, NIBBLE_DIGITS, sharedLength, toNibbles } from './nibbles.ts'
import type { NodeValue } from './node.ts'

/** Gives the encoded node that a hash names; the path is where it stands. */
export type FetchNode<E> = (hash: Uint8Array, path: string) => Result<Uint8Array, E>

/** Goes down from the root to a key; undefined: no value is there. */
export function findValue<E>(
  root: Uint8Array,
  key: Uint8Array,
  fetch: FetchNode<E>,
): Result<NodeValue | undefined, E | NodeError> {
  const nibbles = toNibbles(key)
  let reference = root
  let path = ''
  for (let depth = 0; ; depth++) {
    const encoded = reference.length === 32 ? fetch(reference, path) : ok(reference)
    if (!encoded.ok) return encoded
    const decoded = decodeNode(encoded.value)
    if (!decoded.ok) return err(decoded.error)
    const node = decoded.value
    if (!node || sharedLength(node.partial, nibbles, depth) < node.partial.length) {
      return ok(undefined)
    }
    depth += node.partial.length
    const index = nibbles[depth]
    if (index === undefined) return ok(node.value)
    const child = node.children[index]
    if (!child?.reference) return ok(undefined)
    reference = child.reference
    path = extendPath(path, node.partial) + NIBBLE_DIGITS[index]
  }
}
