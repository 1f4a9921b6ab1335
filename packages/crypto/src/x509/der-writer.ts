import { concatBytes, utf8 } from '@tacit/base'

/** An element of DER: tag, length in its shortest form, content. */
export function element(tag: number, ...parts: readonly Uint8Array[]): Uint8Array {
  const content = concatBytes(...parts)
  return concatBytes(Uint8Array.of(tag, ...lengthBytes(content.length)), content)
}

export function sequence(...parts: readonly Uint8Array[]): Uint8Array {
  return element(0x30, ...parts)
}

/** A non-negative integer from big-endian bytes, brought to its shortest form. */
export function integer(bytes: Uint8Array): Uint8Array {
  const first = bytes.findIndex((byte) => byte !== 0)
  const magnitude = first < 0 ? Uint8Array.of(0) : bytes.subarray(first)
  const sign = (magnitude[0] ?? 0) >= 0x80 ? Uint8Array.of(0) : new Uint8Array()
  return element(0x02, sign, magnitude)
}

/** ECDSA-Sig-Value of r||s, each of the same width. Source: RFC 3279, section 2.2.3. */
export function ecdsaSignature(signature: Uint8Array): Uint8Array {
  const half = signature.length / 2
  return sequence(integer(signature.subarray(0, half)), integer(signature.subarray(half)))
}

/** A number from 0 to 2^32 - 1. */
export function smallInteger(value: number): Uint8Array {
  return integer(Uint8Array.of(value >>> 24, value >>> 16, value >>> 8, value))
}

export function boolean(value: boolean): Uint8Array {
  return element(0x01, Uint8Array.of(value ? 0xff : 0))
}

export function enumerated(value: number): Uint8Array {
  return element(0x0a, Uint8Array.of(value))
}

export function octets(bytes: Uint8Array): Uint8Array {
  return element(0x04, bytes)
}

/** A bit string whose last byte has so many unused bits. */
export function bits(bytes: Uint8Array, unused = 0): Uint8Array {
  return element(0x03, Uint8Array.of(unused), bytes)
}

export function text(value: string): Uint8Array {
  return element(0x0c, utf8(value))
}

/** An object identifier from its dotted form. */
export function oid(dotted: string): Uint8Array {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number)
  return element(0x06, Uint8Array.from([40 * first + second, ...rest].flatMap(base128)))
}

/** UTCTime through 2049, GeneralizedTime after that. */
export function time(unixSeconds: number): Uint8Array {
  const digits = `${isoTime(unixSeconds).replaceAll(/[-:TZ]/g, '')}Z`
  return digits < '2050' ? element(0x17, utf8(digits.slice(2))) : element(0x18, utf8(digits))
}

/** GeneralizedTime of any year. */
export function generalizedTime(unixSeconds: number): Uint8Array {
  return element(0x18, utf8(`${isoTime(unixSeconds).replaceAll(/[-:TZ]/g, '')}Z`))
}

/** An optional element that is left out. */
export function nothing(): Uint8Array {
  return new Uint8Array()
}

/** `2026-01-31T10:20:30Z`. */
export function isoTime(unixSeconds: number): string {
  return new Date(unixSeconds * 1000).toISOString().replace('.000Z', 'Z')
}

function lengthBytes(length: number): number[] {
  if (length < 0x80) return [length]
  if (length < 0x100) return [0x81, length]
  if (length < 0x1_0000) return [0x82, length >> 8, length & 255]
  return [0x83, length >> 16, (length >> 8) & 255, length & 255]
}

function base128(arc: number): number[] {
  const digits = [arc & 0x7f]
  for (let rest = Math.floor(arc / 128); rest > 0; rest = Math.floor(rest / 128)) {
    digits.unshift((rest & 0x7f) | 0x80)
  }
  return digits
}
