import { gcm } from '@noble/ciphers/aes.js'
import { err, ok, type Result } from '@tacit/base'

/** The ciphertext was not made with this key, nonce and aad, or was changed since. */
export type AeadError = { readonly code: 'aead_open_failed' }

type Place = {
  /** 32 bytes for AES-256, 16 for AES-128. */
  readonly key: Uint8Array
  /** 12 bytes, never used twice with a key. */
  readonly nonce: Uint8Array
  readonly aad: Uint8Array
}

/** AES-GCM (NIST SP 800-38D): the ciphertext, then a tag of 16 bytes. */
export function aeadSeal(input: Place & { readonly plaintext: Uint8Array }): Uint8Array {
  return gcm(input.key, input.nonce, input.aad).encrypt(input.plaintext)
}

export function aeadOpen(
  input: Place & { readonly ciphertext: Uint8Array },
): Result<Uint8Array, AeadError> {
  if (input.ciphertext.length < 16) return err({ code: 'aead_open_failed' })
  try {
    return ok(gcm(input.key, input.nonce, input.aad).decrypt(input.ciphertext))
  } catch {
    return err({ code: 'aead_open_failed' })
  }
}
