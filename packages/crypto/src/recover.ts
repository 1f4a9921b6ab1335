import { secp256k1 } from '@noble/curves/secp256k1.js'
import { equalBytes } from '@tacit/base'
import type { HashFunction, SignatureCheck } from './types.ts'

/**
 * The compressed key that made a signature (r, s, v: 65 bytes) of a hash.
 * @returns undefined, or throws, where there is none.
 */
export type RecoverKey = (signature: Uint8Array, hash: Uint8Array) => Uint8Array | undefined

/** Recovers the signer's compressed key and compares it with the key or account that was named. */
export function ecdsaVerifier(
  recoverKey: RecoverKey,
  blake2b256: HashFunction,
): (check: SignatureCheck) => boolean {
  return ({ publicKey, message, signature }) => {
    const recovered = recoverKey(signature, blake2b256(message))
    if (!recovered) return false
    return equalBytes(publicKey.length === 33 ? recovered : blake2b256(recovered), publicKey)
  }
}

/** In JavaScript. */
export const recoverKeyPortably: RecoverKey = (signature, hash) =>
  secp256k1.Signature.fromBytes(signature.subarray(0, 64), 'compact')
    .addRecoveryBit(signature[64] ?? 0)
    .recoverPublicKey(hash)
    .toBytes(true)
