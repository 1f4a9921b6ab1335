import { createHash, hkdfSync } from 'node:crypto'
import { p256, p384 } from '@noble/curves/nist.js'
import { bytesToHex, domain, parseHex, unwrap } from '@tacit/base'

/** The kinds of the platform's keys, by the names of SignatureScheme. */
export type KeyScheme = CurveName | 'rsaPss'

type CurveName = 'p256' | 'p384'

/** A signing key of the platform. */
export interface PlatformKey {
  readonly scheme: KeyScheme
  /** x||y, 64 or 96 bytes; or an RSA modulus, 256, 384 or 512. */
  readonly publicKey: Uint8Array
  /** r||s over SHA-256 or SHA-384 of the message (RFC 6979), or RSASSA-PSS; always deterministic. */
  sign(message: Uint8Array): Uint8Array
}

const CURVES = {
  p256: { curve: p256, bytes: 32 },
  p384: { curve: p384, bytes: 48 },
} as const

/** Derives bytes of a label from the platform's seed, HKDF-SHA256. */
export function deriveBytes(seed: Uint8Array, label: string, length: number): Uint8Array {
  return new Uint8Array(hkdfSync('sha256', seed, domain('platformDev'), label, length))
}

/**
 * Derives a key of a label: bytes of one and a half times the group order's length, modulo the
 * order less one, plus one (FIPS 186-5, A.2.1).
 */
export function deriveKey(
  seed: Uint8Array,
  label: string,
  scheme: CurveName = 'p256',
): PlatformKey {
  const { curve, bytes } = CURVES[scheme]
  const wide = BigInt(`0x${bytesToHex(deriveBytes(seed, `key ${label}`, (bytes * 3) / 2))}`)
  const scalar = (wide % (curve.Point.CURVE().n - 1n)) + 1n
  const secretKey = unwrap(parseHex(scalar.toString(16).padStart(2 * bytes, '0')))
  const publicKey = curve.getPublicKey(secretKey, false).subarray(1)
  return { scheme, publicKey, sign: (message) => curve.sign(message, secretKey, { lowS: false }) }
}

export function sha256(...parts: readonly Uint8Array[]): Uint8Array {
  const hash = createHash('sha256')
  for (const part of parts) hash.update(part)
  return new Uint8Array(hash.digest())
}

export function sha384(...parts: readonly Uint8Array[]): Uint8Array {
  const hash = createHash('sha384')
  for (const part of parts) hash.update(part)
  return new Uint8Array(hash.digest())
}
