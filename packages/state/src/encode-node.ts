import { InvariantError } from '@tacit/base'
import type { Nibbles } from './nibbles.ts'
import type { NodeValue, TrieNode } from './node.ts'

interface Header {
  /** The kind of node, in the upper bits. */
  readonly mark: number
  /** Bits that are left for the length of the partial key. */
  readonly bits: number
}

/**
 * Encodes a node; its children's references must be up to date.
 * Format: Polkadot protocol specification, state storage and the storage trie; sp-trie's NodeCodec.
 */
export function encodeNode({ partial, value, children }: TrieNode): Uint8Array {
  const branch = children.length > 0
  const header = nodeHeader(branch, value)
  const out = new Uint8Array(encodedLength(header, { partial, value, children }))
  let at = putHeader(out, header, partial.length)
  at = putPartial(out, at, partial)
  if (branch) at = putBitmap(out, at, children)
  if (value?.kind === 'inline') at = putBytes(out, at, value.bytes)
  else if (value) {
    out.set(value.hash, at)
    at += value.hash.length
  }
  for (const child of children) if (child) at = putBytes(out, at, upToDate(child.reference))
  return out
}

function nodeHeader(branch: boolean, value: NodeValue | undefined): Header {
  const hashed = value?.kind === 'hashed'
  if (!branch) return hashed ? { mark: 0x20, bits: 5 } : { mark: 0x40, bits: 6 }
  if (!value) return { mark: 0x80, bits: 6 }
  return hashed ? { mark: 0x10, bits: 4 } : { mark: 0xc0, bits: 6 }
}

function encodedLength({ bits }: Header, { partial, value, children }: TrieNode): number {
  const direct = (1 << bits) - 1
  let length = 1 + ((partial.length + 1) >> 1)
  if (partial.length >= direct) length += Math.floor((partial.length - direct) / 255) + 1
  if (children.length > 0) length += 2
  if (value) length += value.kind === 'hashed' ? value.hash.length : prefixedLength(value.bytes)
  for (const child of children) if (child) length += prefixedLength(upToDate(child.reference))
  return length
}

function putHeader(out: Uint8Array, { mark, bits }: Header, length: number): number {
  const direct = (1 << bits) - 1
  let at = 0
  if (length < direct) {
    out[at++] = mark | length
    return at
  }
  out[at++] = mark | direct
  let rest = length - direct
  for (; rest >= 255; rest -= 255) out[at++] = 255
  out[at++] = rest
  return at
}

function putPartial(out: Uint8Array, start: number, partial: Nibbles): number {
  let at = start
  let from = 0
  if (partial.length % 2 === 1) out[at++] = partial[from++] ?? 0
  for (; from < partial.length; from += 2) {
    out[at++] = ((partial[from] ?? 0) << 4) | (partial[from + 1] ?? 0)
  }
  return at
}

function putBitmap(out: Uint8Array, at: number, children: TrieNode['children']): number {
  let bitmap = 0
  for (let index = 0; index < children.length; index++) if (children[index]) bitmap |= 1 << index
  out[at] = bitmap & 255
  out[at + 1] = bitmap >> 8
  return at + 2
}

/** Compact length, then the bytes. */
function putBytes(out: Uint8Array, start: number, bytes: Uint8Array): number {
  const { length } = bytes
  let at = start
  if (length < 1 << 6) out[at++] = length << 2
  else if (length < 1 << 14) {
    out[at++] = ((length << 2) | 1) & 255
    out[at++] = length >> 6
  } else {
    const word = length * 4 + 2
    out[at++] = word & 255
    out[at++] = (word >>> 8) & 255
    out[at++] = (word >>> 16) & 255
    out[at++] = (word >>> 24) & 255
  }
  out.set(bytes, at)
  return at + length
}

function prefixedLength({ length }: Uint8Array): number {
  if (length < 1 << 6) return length + 1
  if (length < 1 << 14) return length + 2
  if (length < 2 ** 30) return length + 4
  throw new InvariantError('a value of a gigabyte')
}

function upToDate(reference: Uint8Array | undefined): Uint8Array {
  if (!reference) throw new InvariantError('a child was not encoded before its parent')
  return reference
}
