import { hexOf, latin1Of } from './byte-text.ts'
import { err, ok, type Result } from './result.ts'

/** A string did not spell bytes. */
export type HexError = { readonly code: 'hex_malformed' }

const NIBBLES = new Uint8Array(128).fill(16)
for (let value = 0; value < 16; value++) {
  const digit = value.toString(16)
  NIBBLES[digit.charCodeAt(0)] = value
  NIBBLES[digit.toUpperCase().charCodeAt(0)] = value
}
const encoder = new TextEncoder()
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** Lower-case hex without a prefix. */
export function bytesToHex(bytes: Uint8Array): string {
  return hexOf(bytes)
}

/**
 * A string of one character per byte, which names bytes in a map: shorter than hex, and ordered as the
 * bytes are.
 */
export function bytesToLatin1(bytes: Uint8Array): string {
  return latin1Of(bytes)
}

/** Lower-case hex with 0x, as JSON-RPC writes it. */
export function toHex(bytes: Uint8Array): `0x${string}` {
  return `0x${bytesToHex(bytes)}`
}

/** Reads hex of either case, with or without 0x, of even length. */
export function parseHex(text: string): Result<Uint8Array, HexError> {
  const from = text.startsWith('0x') ? 2 : 0
  const digits = text.length - from
  if (digits % 2 !== 0) return err({ code: 'hex_malformed' })
  const bytes = new Uint8Array(digits / 2)
  for (let at = 0; at < bytes.length; at++) {
    const high = nibbleOf(text.charCodeAt(from + 2 * at))
    const low = nibbleOf(text.charCodeAt(from + 2 * at + 1))
    if ((high | low) > 15) return err({ code: 'hex_malformed' })
    bytes[at] = (high << 4) | low
  }
  return ok(bytes)
}

/** The value of a hex digit's character; above 15 where it is none. */
function nibbleOf(character: number): number {
  return NIBBLES[character] ?? 16
}

export function concatBytes(...parts: readonly Uint8Array[]): Uint8Array {
  let length = 0
  for (const part of parts) length += part.length
  const out = new Uint8Array(length)
  let at = 0
  for (const part of parts) {
    out.set(part, at)
    at += part.length
  }
  return out
}

/** Compares public bytes; not constant-time. */
export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a === b) return true
  if (a.length !== b.length) return false
  for (let at = 0; at < a.length; at++) if (a[at] !== b[at]) return false
  return true
}

/** Lexicographic order of unsigned bytes, as a sort callback. */
export function compareBytes(a: Uint8Array, b: Uint8Array): number {
  const shared = Math.min(a.length, b.length)
  for (let at = 0; at < shared; at++) {
    const difference = (a[at] ?? 0) - (b[at] ?? 0)
    if (difference !== 0) return difference
  }
  return a.length - b.length
}

export function startsWith(bytes: Uint8Array, prefix: Uint8Array): boolean {
  return bytes.length >= prefix.length && equalBytes(bytes.subarray(0, prefix.length), prefix)
}

/** The unsigned integer that bytes spell, least significant first; 0 for none. */
export function littleEndianToBigInt(bytes: Uint8Array): bigint {
  let value = 0n
  for (let at = bytes.length - 1; at >= 0; at--) value = (value << 8n) | BigInt(bytes[at] ?? 0)
  return value
}

export function utf8(text: string): Uint8Array {
  return encoder.encode(text)
}

/** Strict UTF-8; undefined where the bytes are not. */
export function parseUtf8(bytes: Uint8Array): string | undefined {
  try {
    return decoder.decode(bytes)
  } catch {
    return undefined
  }
}
