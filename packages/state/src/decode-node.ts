import { err, ok, Reader, ScaleFault, type Result } from '@tacit/base'
import type { Nibbles } from './nibbles.ts'
import type { Edge, NodeValue, TrieNode } from './node.ts'

/** Bytes are not one whole node. */
export type NodeError = { readonly code: 'node_malformed' }

type NodeKind = 'leaf' | 'branch'
type ValueKind = 'none' | NodeValue['kind']
interface Header {
  readonly kind: NodeKind
  readonly value: ValueKind
  /** Bits that are left for the length of the partial key. */
  readonly bits: number
}

const MAX_PARTIAL = 0xffff
const MAX_INLINE_VALUE = 0x3fff_ffff

/**
 * Decodes a node of either layout; the node's parts are views of the bytes. An empty trie has no
 * node: undefined.
 */
export function decodeNode(bytes: Uint8Array): Result<TrieNode | undefined, NodeError> {
  if (bytes.length === 1 && bytes[0] === 0) return ok(undefined)
  try {
    return ok(readNode(new Reader(bytes)))
  } catch (fault) {
    if (!(fault instanceof ScaleFault)) throw fault
    return err({ code: 'node_malformed' })
  }
}

function readNode(input: Reader): TrieNode {
  const first = input.u8()
  const header = readHeader(first)
  if (!header) return input.fail('variant_unknown')
  const partial = readPartial(input, readLength(input, first, header.bits))
  const bitmap = header.kind === 'branch' ? input.u16() : 0
  if (header.kind === 'branch' && bitmap === 0) input.fail('value_invalid')
  const value = readValue(input, header.value)
  const children = bitmap === 0 ? [] : readChildren(input, bitmap)
  if (input.remaining > 0) input.fail('trailing_bytes')
  return { partial, value, children }
}

function readHeader(first: number): Header | undefined {
  if (first >= 0xc0) return { kind: 'branch', value: 'inline', bits: 6 }
  if (first >= 0x80) return { kind: 'branch', value: 'none', bits: 6 }
  if (first >= 0x40) return { kind: 'leaf', value: 'inline', bits: 6 }
  if (first >= 0x20) return { kind: 'leaf', value: 'hashed', bits: 5 }
  if (first >= 0x10) return { kind: 'branch', value: 'hashed', bits: 4 }
  return undefined
}

function readLength(input: Reader, first: number, bits: number): number {
  const direct = (1 << bits) - 1
  let length = first & direct
  if (length < direct) return length
  for (;;) {
    const more = input.u8()
    length += more
    if (length > MAX_PARTIAL) input.fail('too_long')
    if (more < 255) return length
  }
}

function readPartial(input: Reader, length: number): Nibbles {
  const packed = input.take((length + 1) >> 1)
  const partial = new Uint8Array(length)
  const odd = length % 2
  for (let at = 0; at < length; at++) {
    const byte = packed[(at + odd) >> 1] ?? 0
    partial[at] = (at + odd) % 2 === 0 ? byte >> 4 : byte & 15
  }
  if (odd === 1 && (packed[0] ?? 0) > 15) input.fail('value_invalid')
  return partial
}

function readValue(input: Reader, kind: ValueKind): NodeValue | undefined {
  if (kind === 'none') return undefined
  if (kind === 'hashed') return { kind, hash: input.take(32) }
  return { kind, bytes: input.take(input.length(MAX_INLINE_VALUE)) }
}

function readChildren(input: Reader, bitmap: number): (Edge | undefined)[] {
  const children: (Edge | undefined)[] = []
  for (let index = 0; index < 16; index++) {
    const present = (bitmap >> index) & 1
    children.push(
      present ? { reference: input.take(input.length(32)), node: undefined } : undefined,
    )
  }
  return children
}
