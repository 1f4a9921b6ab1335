import { err, ok, type Result } from '@tacit/base'
import { readDer, type DerReader, type DerReason } from './der.ts'

/** The bytes are not one ECDSA-Sig-Value that fits the curve. */
export type EcdsaSignatureError = {
  readonly code: 'signature_malformed'
  readonly reason: DerReason
  readonly at: number
}

/**
 * Turns an ECDSA-Sig-Value into r||s of fixed width.
 * Source: RFC 3279, section 2.2.3, in DER.
 * @param size bytes of one scalar: 32 for P-256, 48 for P-384.
 */
export function parseEcdsaSignature(
  der: Uint8Array,
  size: number,
): Result<Uint8Array, EcdsaSignatureError> {
  const read = readDer(der, (input) => readEcdsaSignature(input, size))
  return read.ok ? ok(read.value) : err({ code: 'signature_malformed', ...read.error })
}

export function readEcdsaSignature(input: DerReader, size: number): Uint8Array {
  return input.sequence((pair) => {
    const signature = new Uint8Array(2 * size)
    const r = pair.unsignedBytes(size)
    const s = pair.unsignedBytes(size)
    signature.set(r, size - r.length)
    signature.set(s, 2 * size - s.length)
    return signature
  })
}
