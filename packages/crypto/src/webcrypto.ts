import { concatBytes } from '@tacit/base'
import { isWellFormed } from './acceptance.ts'
import { evidenceVerifiers } from './portable/evidence.ts'
import { remembered } from './remembered.ts'
import type { EvidenceScheme, SignatureCheck } from './types.ts'

export { evidenceHashes } from './portable/evidence.ts'

/** Checks of the signatures of evidence, off the caller's thread. */
export interface AsyncVerifier {
  /**
   * As CryptoProvider.verify for p256, p384 and rsaPss: total, and with the same answers. False for
   * the schemes of accounts, which sign no evidence. The bytes are copied at once.
   */
  verify(check: SignatureCheck): Promise<boolean>
}

const MAX_KEYS = 256
const UNCOMPRESSED = Uint8Array.of(4)

/**
 * WebCrypto behind the acceptance set; portable code wherever WebCrypto is missing, or refuses a
 * key or a call. It brings no code of accounts along, so that a verifier stays small.
 * Source: W3C Web Cryptography API, sections 21 (RSA-PSS) and 23 (ECDSA).
 * @param subtle undefined in pages that are not secure contexts.
 */
export function createWebcrypto(subtle: SubtleCrypto | undefined): AsyncVerifier {
  const verifiers = subtle && createVerifiers(subtle)
  return {
    verify: async (check) => {
      const { scheme } = check
      if (scheme !== 'p256' && scheme !== 'p384' && scheme !== 'rsaPss') return false
      const copy = copyOf(check)
      if (!isWellFormed(copy)) return false
      if (verifiers === undefined) return verifyPortable(scheme, copy)
      try {
        return await verifiers[scheme](copy)
      } catch {
        return verifyPortable(scheme, copy)
      }
    },
  }
}

/** A library's exception about form is a false. */
function verifyPortable(scheme: EvidenceScheme, check: SignatureCheck): boolean {
  try {
    return evidenceVerifiers[scheme](check)
  } catch {
    return false
  }
}

/** WebCrypto takes no view of shared memory. */
type OwnBytes = Uint8Array<ArrayBuffer>
type OwnCheck = SignatureCheck & { readonly message: OwnBytes; readonly signature: OwnBytes }
type AsyncCheck = (check: OwnCheck) => Promise<boolean>

function createVerifiers(subtle: SubtleCrypto): Readonly<Record<EvidenceScheme, AsyncCheck>> {
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
