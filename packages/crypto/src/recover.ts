import { secp256k1 } from '@noble/curves/secp256k1.js'
import { blake2b } from '@noble/hashes/blake2.js'
import { equalBytes } from '@tacit/base'
import type { SignatureCheck } from './types.ts'

/** Recovers the signer's compressed key and compares it with the key or account that was named. */
export function verifyEcdsa({ publicKey, message, signature }: SignatureCheck): boolean {
  const recovered = recoverKey(signature, blake2b(message, { dkLen: 32 }))
  if (!recovered) return false
  const named = publicKey.length === 33 ? recovered : blake2b(recovered, { dkLen: 32 })
  return equalBytes(named, publicKey)
}

function recoverKey(signature: Uint8Array, hash: Uint8Array): Uint8Array | undefined {
  try {
    return secp256k1.Signature.fromBytes(signature.subarray(0, 64), 'compact')
      .addRecoveryBit(signature[64] ?? 0)
      .recoverPublicKey(hash)
      .toBytes(true)
  } catch {
    return undefined
  }
}
