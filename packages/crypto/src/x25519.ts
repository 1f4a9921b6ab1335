import { x25519 as curve } from '@noble/curves/ed25519.js'
import { err, ok, type Result } from '@tacit/base'

/** The other side's key is not 32 bytes, or of small order: the secret would be known to all. */
export type X25519Error = { readonly code: 'x25519_key_invalid' }

/** X25519 (RFC 7748): the 32-byte shared secret. */
export function x25519(
  privateKey: Uint8Array,
  publicKey: Uint8Array,
): Result<Uint8Array, X25519Error> {
  try {
    return ok(curve.getSharedSecret(privateKey, publicKey))
  } catch {
    return err({ code: 'x25519_key_invalid' })
  }
}

/** The public key of 32 private bytes. */
export function x25519PublicKey(privateKey: Uint8Array): Uint8Array {
  return curve.getPublicKey(privateKey)
}
