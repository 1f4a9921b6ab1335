import type { MultiSignature } from '@tacit/runtime'

/** Wraps a signature of an account's scheme. */
export function toMultiSignature(
  scheme: 'sr25519' | 'ed25519' | 'ecdsa',
  signature: Uint8Array,
): MultiSignature {
  switch (scheme) {
    case 'sr25519':
      return { type: 'Sr25519', value: signature }
    case 'ed25519':
      return { type: 'Ed25519', value: signature }
    case 'ecdsa':
      return { type: 'Ecdsa', value: signature }
  }
}
