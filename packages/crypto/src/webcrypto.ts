import { concatBytes } from '@tacit/base'
import { isWellFormed } from './acceptance.ts'
import { portable } from './portable/index.ts'
import { remembered } from './remembered.ts'
import type { SignatureCheck } from './types.ts'

/** Signature checks off the caller's thread. */
export interface AsyncVerifier {
  /** As CryptoProvider.verify: total, and with the same answers. The bytes are copied at once. */
  verify(check: SignatureCheck): Promise<boolean>
}

const MAX_KEYS = 256
const UNCOMPRESSED = Uint8Array.of(4)

/**
 * WebCrypto for p256, p384 and rsaPss behind the acceptance set; portable code for the other
 * schemes, and wherever WebCrypto is missing or refuses a key or a call.
 * Source: W3C Web Cryptography API, sections 21 (RSA-PSS) and 23 (ECDSA).
 * @param subtle undefined in pages that are not secure contexts.
 */
export function createWebcrypto(subtle: SubtleCrypto | undefined): AsyncVerifier {
  if (subtle === undefined) return { verify: async (check) => portable.verify(check) }
  const verifiers = createVerifiers(subtle)
  return {
    verify: async (check) => {
      const { scheme } = check
      if (scheme !== 'p256' && scheme !== 'p384' && scheme !== 'rsaPss')
        return portable.verify(check)
      const copy = copyOf(check)
      if (!isWellFormed(copy)) return false
      try {
        return await verifiers[scheme](copy)
      } catch {
        return portable.verify(copy)
      }
    },
  }
}

/** WebCrypto takes no view of shared memory. */
type OwnBytes = Uint8Array<ArrayBuffer>
type OwnCheck = SignatureCheck & { readonly message: OwnBytes; readonly signature: OwnBytes }
type AsyncCheck = (check: OwnCheck) => Promise<boolean>

function createVerifiers(
  subtle: SubtleCrypto,
): Readonly<Record<'p256' | 'p384' | 'rsaPss', AsyncCheck>> {
  const ecdsa = (namedCurve: string, hash: string): AsyncCheck => {
    const keyOf = remembered((publicKey) => {
      const point = concatBytes(UNCOMPRESSED, publicKey)
      return subtle.importKey('raw', new Uint8Array(point), { name: 'ECDSA', namedCurve }, false, [
        'verify',
      ])
    }, MAX_KEYS)
    return async ({ publicKey, message, signature }) =>
      subtle.verify({ name: 'ECDSA', hash }, await keyOf(publicKey), signature, message)
  }
  const rsaKey = remembered((modulus) => {
    const key = { kty: 'RSA', n: base64Url(modulus), e: 'AQAB' }
    return subtle.importKey('jwk', key, { name: 'RSA-PSS', hash: 'SHA-384' }, false, ['verify'])
  }, MAX_KEYS)
  return {
    p256: ecdsa('P-256', 'SHA-256'),
    p384: ecdsa('P-384', 'SHA-384'),
    rsaPss: async ({ publicKey, message, signature }) =>
      subtle.verify(
        { name: 'RSA-PSS', saltLength: 48 },
        await rsaKey(publicKey),
        signature,
        message,
      ),
  }
}

function copyOf({ scheme, publicKey, message, signature }: SignatureCheck): OwnCheck {
  return {
    scheme,
    publicKey: new Uint8Array(publicKey),
    message: new Uint8Array(message),
    signature: new Uint8Array(signature),
  }
}

function base64Url(bytes: Uint8Array): string {
  const text = btoa(String.fromCharCode(...bytes))
  return text.replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')
}

/** The runner of browsers, and of Node where waiting is cheaper than blocking. */
export const webcrypto: AsyncVerifier = createWebcrypto(globalThis.crypto?.subtle)
