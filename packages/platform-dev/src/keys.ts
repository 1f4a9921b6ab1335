import { createHash, hkdfSync } from 'node:crypto'
import { p256 } from '@noble/curves/nist.js'
import { bytesToHex, domain, parseHex, unwrap } from '@tacit/base'

/** A P-256 key of the platform. */
export interface PlatformKey {
  /** x||y, 64 bytes. */
  readonly publicKey: Uint8Array
  /** r||s over SHA-256 of the message, deterministic (RFC 6979). */
  sign(message: Uint8Array): Uint8Array
}

const GROUP_ORDER = p256.Point.CURVE().n

/** Derives bytes of a label from the platform's seed, HKDF-SHA256. */
export function deriveBytes(seed: Uint8Array, label: string, length: number): Uint8Array {
  return new Uint8Array(hkdfSync('sha256', seed, domain('platformDev'), label, length))
}

/** Derives a key of a label: 48 bytes modulo the group's order less one, plus one (FIPS 186-5, A.2.1). */
export function deriveKey(seed: Uint8Array, label: string): PlatformKey {
  const wide = BigInt(`0x${bytesToHex(deriveBytes(seed, `key ${label}`, 48))}`)
  const scalar = (wide % (GROUP_ORDER - 1n)) + 1n
  const secretKey = unwrap(parseHex(scalar.toString(16).padStart(64, '0')))
  const publicKey = p256.getPublicKey(secretKey, false).subarray(1)
  return { publicKey, sign: (message) => p256.sign(message, secretKey, { lowS: false }) }
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
