import { equalBytes } from '@tacit/base'
import { TAG, readDer, type DerReader } from './der.ts'
import { readEcdsaSignature } from './ecdsa-signature.ts'

/** The schemes of SignatureCheck that certificates and revocation lists may use. */
export type CertificateScheme = 'p256' | 'p384' | 'rsaPss'

/**
 * A public key in the form that SignatureCheck takes: x||y for the curves, the modulus for rsaPss,
 * whose exponent is 65537. Whether it is acceptable is for the signature check to say.
 */
export interface CertificateKey {
  readonly scheme: CertificateScheme
  readonly bytes: Uint8Array
}

/** A signature in the form that SignatureCheck takes; its scheme is what the certificate names. */
export interface CertificateSignature {
  readonly scheme: CertificateScheme
  readonly bytes: Uint8Array
}

export const CERTIFICATE_SCHEMES: readonly CertificateScheme[] = ['p256', 'p384', 'rsaPss']

/** A signature algorithm as it stands in a certificate, once inside and once outside. */
export interface SignatureAlgorithm {
  readonly scheme: CertificateScheme
  readonly der: Uint8Array
}

const ECDSA_WITH_SHA256 = '1.2.840.10045.4.3.2'
const ECDSA_WITH_SHA384 = '1.2.840.10045.4.3.3'
const RSASSA_PSS = '1.2.840.113549.1.1.10'
const RSA_ENCRYPTION = '1.2.840.113549.1.1.1'
const MGF1 = '1.2.840.113549.1.1.8'
const SHA384 = '2.16.840.1.101.3.4.2.2'
const EC_PUBLIC_KEY = '1.2.840.10045.2.1'
const CURVES: Readonly<
  Record<string, { readonly scheme: CertificateScheme; readonly size: number }>
> = {
  '1.2.840.10045.3.1.7': { scheme: 'p256', size: 32 },
  '1.3.132.0.34': { scheme: 'p384', size: 48 },
}
const MODULUS_BYTES: readonly number[] = [256, 384, 512]
const PUBLIC_EXPONENT = 65_537

/**
 * ecdsa-with-SHA256 and ecdsa-with-SHA384 without parameters, id-RSASSA-PSS with SHA-384
 * throughout and a salt of 48 bytes; everything else is unsupported.
 * Source: RFC 5758, section 3.2; RFC 4055, section 3.1.
 */
export function readSignatureAlgorithm(
  input: DerReader,
  schemes: readonly CertificateScheme[],
): SignatureAlgorithm {
  const { bytes: der, value: scheme } = input.whole(TAG.sequence, (algorithm) => {
    const id = algorithm.oid()
    if (id === ECDSA_WITH_SHA256) return allowed(algorithm, schemes, 'p256')
    if (id === ECDSA_WITH_SHA384) return allowed(algorithm, schemes, 'p384')
    if (id !== RSASSA_PSS) return algorithm.fail('algorithm_unsupported')
    readPssParameters(algorithm)
    return allowed(algorithm, schemes, 'rsaPss')
  })
  return { scheme, der }
}

/**
 * The algorithm outside of what is signed, which must be the one inside, and the signature.
 * Source: RFC 5280, sections 4.1.1.2 and 5.1.1.2.
 */
export function readSignature(input: DerReader, inside: SignatureAlgorithm): CertificateSignature {
  if (!equalBytes(input.element(), inside.der)) input.fail('algorithm_mismatch')
  return readSignatureValue(input, inside.scheme)
}

/** The bit string that holds a signature of the scheme. */
export function readSignatureValue(
  input: DerReader,
  scheme: CertificateScheme,
): CertificateSignature {
  const at = input.at
  const content = input.bitString()
  if (scheme === 'rsaPss') {
    if (!MODULUS_BYTES.includes(content.length)) input.fail('value_invalid')
    return { scheme, bytes: content }
  }
  const size = scheme === 'p256' ? 32 : 48
  const signature = readDer(content, (der) => readEcdsaSignature(der, size))
  if (signature.ok) return { scheme, bytes: signature.value }
  input.at = at
  return input.fail(signature.error.reason)
}

/**
 * SubjectPublicKeyInfo of an uncompressed point of P-256 or P-384, or of an RSA key of 2048, 3072
 * or 4096 bits with exponent 65537. Source: RFC 5480, section 2; RFC 4055, section 1.2.
 */
export function readPublicKey(
  input: DerReader,
  schemes: readonly CertificateScheme[],
): CertificateKey {
  return input.sequence((info) => {
    const curve = info.sequence((algorithm) => readKeyAlgorithm(algorithm, schemes))
    const at = info.at
    const content = info.bitString()
    if (curve !== undefined) {
      const { scheme, size } = curve
      if (content.length !== 1 + 2 * size || content[0] !== 4) info.fail('algorithm_unsupported')
      return { scheme, bytes: content.subarray(1) }
    }
    const modulus = readDer(content, readRsaKey)
    if (modulus.ok) return { scheme: 'rsaPss', bytes: modulus.value }
    info.at = at
    return info.fail(modulus.error.reason)
  })
}

/** The curve; undefined for RSA. */
function readKeyAlgorithm(algorithm: DerReader, schemes: readonly CertificateScheme[]) {
  const id = algorithm.oid()
  if (id === EC_PUBLIC_KEY) {
    const curve = CURVES[algorithm.oid()] ?? algorithm.fail('algorithm_unsupported')
    allowed(algorithm, schemes, curve.scheme)
    return curve
  }
  if (id !== RSA_ENCRYPTION && id !== RSASSA_PSS) algorithm.fail('algorithm_unsupported')
  allowed(algorithm, schemes, 'rsaPss')
  if (id === RSA_ENCRYPTION) readNull(algorithm)
  else if (algorithm.remaining > 0) readPssParameters(algorithm)
  return undefined
}

function allowed(
  input: DerReader,
  schemes: readonly CertificateScheme[],
  scheme: CertificateScheme,
): CertificateScheme {
  return schemes.includes(scheme) ? scheme : input.fail('algorithm_unsupported')
}

function readRsaKey(input: DerReader): Uint8Array {
  return input.sequence((key) => {
    const modulus = key.unsignedBytes(512)
    const isWhole = MODULUS_BYTES.includes(modulus.length) && (modulus[0] ?? 0) >= 0x80
    if (!isWhole || key.unsigned(2 ** 32 - 1) !== PUBLIC_EXPONENT) key.fail('algorithm_unsupported')
    return modulus
  })
}

/** RSASSA-PSS-params; AMD writes the trailer field's default in roots and leaves it out in others. */
function readPssParameters(algorithm: DerReader): void {
  algorithm.sequence((parameters) => {
    parameters.inside(0xa0, readSha384)
    parameters.inside(0xa1, (mask) =>
      mask.sequence((generator) => {
        if (generator.oid() !== MGF1) generator.fail('algorithm_unsupported')
        readSha384(generator)
      }),
    )
    parameters.inside(0xa2, (salt) => {
      if (salt.unsigned(255) !== 48) salt.fail('algorithm_unsupported')
    })
    if (parameters.remaining === 0) return
    parameters.inside(0xa3, (trailer) => {
      if (trailer.unsigned(255) !== 1) trailer.fail('algorithm_unsupported')
    })
  })
}

/** With NULL parameters or none: RFC 4055, section 2.1, has both accepted. */
function readSha384(input: DerReader): void {
  input.sequence((hash) => {
    if (hash.oid() !== SHA384) hash.fail('algorithm_unsupported')
    if (hash.remaining > 0) readNull(hash)
  })
}

function readNull(input: DerReader): void {
  if (input.content(TAG.null).length > 0) input.fail('value_invalid')
}
