import { decode, parseHex, type Hash } from '@tacit/base'
import { digestItem, type Header } from '@tacit/light'
import { TacitError } from './errors.ts'

/** A header as Substrate's JSON-RPC writes it. */
export type JsonHeader = {
  readonly parentHash: string
  /** 0x-hex. */
  readonly number: string
  readonly stateRoot: string
  readonly extrinsicsRoot: string
  /** SCALE-encoded digest items. */
  readonly digest: { readonly logs: readonly string[] }
}

/** Answer of chain_getBlock. */
export type JsonBlock = {
  readonly block: { readonly header: JsonHeader; readonly extrinsics: readonly string[] }
  readonly justifications:
    | readonly (readonly [engine: readonly number[], bytes: readonly number[]])[]
    | null
}

/** Bytes of hex that a node sent; what is not hex is the node's fault. */
export function nodeBytes(text: string): Uint8Array {
  const bytes = parseHex(text)
  if (!bytes.ok) throw nodeMisbehaves('sent something that is not hex')
  return bytes.value
}

/** Bytes that a node sent as numbers, as serde writes them. */
export function nodeNumbers(numbers: readonly number[]): Uint8Array {
  const isByte = (one: unknown): boolean => Number.isInteger(one) && one === (Number(one) & 0xff)
  if (!Array.isArray(numbers) || !numbers.every(isByte))
    throw nodeMisbehaves('sent something that is no list of bytes')
  return Uint8Array.from(numbers)
}

export function nodeMisbehaves(what: string): TacitError {
  return new TacitError({
    code: 'node_misbehaves',
    shortMessage: `The node ${what}`,
    fix: 'Connect to another node; nothing of this answer was used.',
  })
}

export function nodeHash(text: string): Hash {
  const bytes = nodeBytes(text)
  if (bytes.length !== 32) throw nodeMisbehaves('sent a hash that is not 32 bytes')
  return bytes as Hash
}

export function headerFromJson(json: JsonHeader): Header {
  const logs = json.digest.logs.map((log) => {
    const item = decode(digestItem, nodeBytes(log))
    if (!item.ok) throw nodeMisbehaves('sent a header with a malformed digest')
    return item.value
  })
  const number = Number(json.number)
  if (!Number.isInteger(number) || number < 0 || number > 0xffff_ffff) {
    throw nodeMisbehaves('sent a header with a malformed number')
  }
  return {
    parentHash: nodeHash(json.parentHash),
    number,
    stateRoot: nodeHash(json.stateRoot),
    extrinsicsRoot: nodeHash(json.extrinsicsRoot),
    digest: { logs },
  }
}
