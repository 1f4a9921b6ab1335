import { constants, createPublicKey, verify, type KeyObject } from 'node:crypto'
import type { SignatureCheck, SignatureScheme } from '@tacit/crypto'
import { ecdsaSignature } from '@tacit/crypto/der-writer'
import type { Contender } from './interleave.ts'

/** A scheme by the names that OpenSSL has for it. */
interface Scheme {
  readonly hash: 'sha256' | 'sha384'
  readonly options: { dsaEncoding?: 'ieee-p1363'; padding?: number; saltLength?: number }
  readonly importKey: (publicKey: Uint8Array) => KeyObject
}

/** The schemes that vendors sign evidence with. */
const SCHEMES: Readonly<Partial<Record<SignatureScheme, Scheme>>> = {
  p256: ecdsa('sha256', 'P-256'),
  p384: ecdsa('sha384', 'P-384'),
  rsaPss: {
    hash: 'sha384',
    options: { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 48 },
    importKey: (modulus) => importJwk({ kty: 'RSA', n: base64Url(modulus), e: 'AQAB' }),
  },
}

/**
 * The bare checks, one after the other, with keys that were imported before: what no verifier of
 * the same evidence can do without.
 */
export function createFloor(checks: readonly SignatureCheck[]): Contender {
  return allOf(checks.map(prepare))
}

/** The same with ECDSA's signatures encoded before and the key alone, which Node decides sooner. */
export function createDerFloor(checks: readonly SignatureCheck[]): Contender {
  return allOf(checks.map(prepareDer))
}

function allOf(checks: readonly (() => boolean)[]): Contender {
  return () => {
    for (const check of checks) if (!check()) throw new Error('the floor refuses a signature')
  }
}

function prepare({ scheme, publicKey, message, signature }: SignatureCheck): () => boolean {
  const { hash, options, importKey } = schemeOf(scheme)
  const key = { ...options, key: importKey(publicKey) }
  return () => verify(hash, message, key, signature)
}

function prepareDer(check: SignatureCheck): () => boolean {
  const { scheme, publicKey, message, signature } = check
  if (scheme === 'rsaPss') return prepare(check)
  const { hash, importKey } = schemeOf(scheme)
  const der = ecdsaSignature(signature)
  const key = importKey(publicKey)
  return () => verify(hash, message, key, der)
}

function schemeOf(name: SignatureScheme): Scheme {
  const scheme = SCHEMES[name]
  if (scheme === undefined) throw new Error(`no floor for ${name}`)
  return scheme
}

function ecdsa(hash: Scheme['hash'], crv: string): Scheme {
  const importKey = (publicKey: Uint8Array): KeyObject => {
    const half = publicKey.length / 2
    const [x, y] = [publicKey.subarray(0, half), publicKey.subarray(half)].map(base64Url)
    return importJwk({ kty: 'EC', crv, x, y })
  }
  return { hash, options: { dsaEncoding: 'ieee-p1363' }, importKey }
}

function importJwk(key: Readonly<Record<string, string | undefined>>): KeyObject {
  return createPublicKey({ key, format: 'jwk' })
}

function base64Url(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64url')
}
