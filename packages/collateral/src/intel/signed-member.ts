import { err, ok, parseHex, type Result } from '@tacit/base'

/** A body is not one JSON object with a signed member and its signature. */
export type SignedMemberError = {
  readonly code: 'document_malformed'
  readonly document: 'tcb_info' | 'qe_identity'
  readonly reason: 'not_json' | 'member_missing' | 'signature_malformed'
}

export interface SignedMember {
  /** The member's value, byte for byte as it came: what Intel signed. */
  readonly bytes: Uint8Array
  /** r||s, 64 bytes. */
  readonly signature: Uint8Array
}

const NAMES = { tcb_info: 'tcbInfo', qe_identity: 'enclaveIdentity' } as const
const QUOTE = 0x22
const BACKSLASH = 0x5c

/**
 * Cuts a signed member out of a body such as `{"tcbInfo":{...},"signature":"hex"}`. The bytes are
 * never parsed and written again: any other spelling of the same JSON has another signature.
 * Source: Intel SGX and TDX Provisioning Certification Service, API version 4.
 */
export function cutSignedMember(
  body: Uint8Array,
  document: SignedMemberError['document'],
): Result<SignedMember, SignedMemberError> {
  const failed = (reason: SignedMemberError['reason']): Result<never, SignedMemberError> =>
    err({ code: 'document_malformed', document, reason })
  const members = isJson(body) ? cutMembers(body) : undefined
  if (members === undefined) return failed('not_json')
  const bytes = members.get(NAMES[document])
  if (bytes === undefined) return failed('member_missing')
  const text = textOf(members.get('signature') ?? new Uint8Array())
  const hex = /^"([0-9a-fA-F]{128})"$/.exec(text)?.[1]
  const signature = hex === undefined ? undefined : parseHex(hex)
  return signature?.ok ? ok({ bytes, signature: signature.value }) : failed('signature_malformed')
}

/** Strictly JSON: what follows may then look for brackets and quotes alone. */
function isJson(body: Uint8Array): boolean {
  try {
    JSON.parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(body))
    return true
  } catch {
    return false
  }
}

/** The members of an object as spans of its bytes; undefined for no object, or a name twice. */
function cutMembers(json: Uint8Array): ReadonlyMap<string, Uint8Array> | undefined {
  const members = new Map<string, Uint8Array>()
  let at = skipBlank(json, 0)
  if (json[at] !== 0x7b) return undefined
  at = skipBlank(json, at + 1)
  while (json[at] === QUOTE) {
    const nameEnd = skipValue(json, at)
    const name = textOf(json.subarray(at + 1, nameEnd - 1))
    const start = skipBlank(json, skipBlank(json, nameEnd) + 1)
    const end = skipValue(json, start)
    if (members.has(name)) return undefined
    members.set(name, json.subarray(start, end))
    at = skipBlank(json, end)
    if (json[at] === 0x2c) at = skipBlank(json, at + 1)
  }
  return members
}

/** Where a value ends: behind its closing bracket or quote, or where a bare word does. */
function skipValue(json: Uint8Array, from: number): number {
  let depth = 0
  let at = from
  while (at < json.length) {
    const byte = json[at] ?? 0
    if (byte === QUOTE) at = skipString(json, at)
    else {
      if (isOpening(byte)) depth++
      else if (isClosing(byte) && depth-- === 0) return at
      else if (depth === 0 && (byte === 0x2c || isBlank(byte))) return at
      at++
    }
    if (depth === 0 && (byte === QUOTE || isClosing(byte))) return at
  }
  return at
}

function skipString(json: Uint8Array, from: number): number {
  let at = from + 1
  while (at < json.length && json[at] !== QUOTE) at += json[at] === BACKSLASH ? 2 : 1
  return at + 1
}

function skipBlank(json: Uint8Array, from: number): number {
  let at = from
  while (isBlank(json[at] ?? 0)) at++
  return at
}

function isBlank(byte: number): boolean {
  return byte === 0x20 || byte === 0x09 || byte === 0x0a || byte === 0x0d
}

function isOpening(byte: number): boolean {
  return byte === 0x7b || byte === 0x5b
}

function isClosing(byte: number): boolean {
  return byte === 0x7d || byte === 0x5d
}

function textOf(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes)
}
