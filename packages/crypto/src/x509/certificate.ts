import { err, ok, type Result } from '@tacit/base'
import { readDer, type DerReader, type DerReason } from './der.ts'
import {
  readExtension,
  readExtensions,
  readName,
  readSignature,
  readSignatureAlgorithm,
  type CertificateSignature,
  type DistinguishedName,
  type Extensions,
} from './x509-common.ts'

/** The bytes are not one X.509 v3 certificate that this reader understands. */
export type CertificateError = {
  readonly code: 'certificate_malformed'
  readonly reason: DerReason
  readonly at: number
}

/** A parsed certificate; nothing in it is trusted before its chain is verified. */
export interface Certificate {
  /** The whole certificate. */
  readonly der: Uint8Array
  /** What the issuer signed. */
  readonly tbs: Uint8Array
  /** Positive serial number, big-endian without a sign byte, at most 20 bytes. */
  readonly serial: Uint8Array
  readonly issuer: DistinguishedName
  readonly subject: DistinguishedName
  /** Unix seconds, inclusive. */
  readonly notBefore: number
  /** Unix seconds, inclusive. */
  readonly notAfter: number
  readonly publicKey: CertificateKey
  readonly signature: CertificateSignature
  readonly isCa: boolean
  /** How many CA certificates may stand between this one and a leaf; undefined is no limit. */
  readonly pathLength: number | undefined
  /** Bits of KEY_USAGE; undefined where the extension is absent. */
  readonly keyUsage: number | undefined
  readonly extensions: Extensions
}

/** A P-256 key as x||y, 64 bytes; whether it is on the curve is for the signature check to say. */
export interface CertificateKey {
  readonly scheme: 'p256'
  readonly bytes: Uint8Array
}

/** Bits of the key usage extension. Source: RFC 5280, section 4.2.1.3. */
export const KEY_USAGE = {
  digitalSignature: 1,
  certificateSign: 32,
  crlSign: 64,
} as const

const MAX_BYTES = 16 * 1024
const EC_PUBLIC_KEY = '1.2.840.10045.2.1'
const PRIME256V1 = '1.2.840.10045.3.1.7'
const KEY_USAGE_ID = '2.5.29.15'
const BASIC_CONSTRAINTS = '2.5.29.19'
const KNOWN: ReadonlySet<string> = new Set([KEY_USAGE_ID, BASIC_CONSTRAINTS])

/**
 * Reads one certificate in strict DER: version 3, ecdsa-with-SHA256, a P-256 key, at most 16 KiB.
 * Source: RFC 5280, section 4.1.
 */
export function parseCertificate(der: Uint8Array): Result<Certificate, CertificateError> {
  if (der.length > MAX_BYTES)
    return err({ code: 'certificate_malformed', reason: 'too_long', at: 0 })
  const read = readDer(der, (input) => input.sequence((outer) => readCertificate(der, outer)))
  return read.ok ? ok(read.value) : err({ code: 'certificate_malformed', ...read.error })
}

function readCertificate(der: Uint8Array, outer: DerReader): Certificate {
  const { bytes: tbs, value: fields } = outer.whole(0x30, readTbs)
  readSignatureAlgorithm(outer)
  return { der, tbs, ...fields, signature: readSignature(outer) }
}

function readTbs(tbs: DerReader): Omit<Certificate, 'der' | 'tbs' | 'signature'> {
  tbs.inside(0xa0, (version) => {
    if (version.unsigned(255) !== 2) version.fail('version_unsupported')
  })
  const serial = tbs.unsignedBytes(20)
  if (serial[0] === 0) tbs.fail('integer_invalid')
  readSignatureAlgorithm(tbs)
  const issuer = readName(tbs)
  const [notBefore, notAfter] = tbs.sequence((validity) => [validity.time(), validity.time()])
  const subject = readName(tbs)
  const publicKey = readPublicKey(tbs)
  const extensions = tbs.inside(0xa3, (wrapper) => readExtensions(wrapper, KNOWN))
  const constraints = readBasicConstraints(tbs, extensions)
  const keyUsage = readKeyUsage(tbs, extensions)
  const names = { serial, issuer, subject, notBefore, notAfter }
  return { ...names, publicKey, ...constraints, keyUsage, extensions }
}

function readPublicKey(tbs: DerReader): CertificateKey {
  return tbs.sequence((info) => {
    info.sequence((algorithm) => {
      const isP256 = algorithm.oid() === EC_PUBLIC_KEY && algorithm.oid() === PRIME256V1
      if (!isP256) algorithm.fail('algorithm_unsupported')
    })
    const point = info.bitString()
    if (point.length !== 65 || point[0] !== 4) info.fail('algorithm_unsupported')
    return { scheme: 'p256', bytes: point.subarray(1) }
  })
}

function readBasicConstraints(
  tbs: DerReader,
  extensions: Extensions,
): Pick<Certificate, 'isCa' | 'pathLength'> {
  const content = extensions.get(BASIC_CONSTRAINTS)
  if (content === undefined) return { isCa: false, pathLength: undefined }
  return readExtension(tbs, content, (input) =>
    input.sequence((constraints) => {
      const isCa = constraints.optionalTrue()
      const limited = isCa && constraints.remaining > 0
      return { isCa, pathLength: limited ? constraints.unsigned(255) : undefined }
    }),
  )
}

function readKeyUsage(tbs: DerReader, extensions: Extensions): number | undefined {
  const content = extensions.get(KEY_USAGE_ID)
  if (content === undefined) return undefined
  return readExtension(tbs, content, (input) => input.namedBits())
}
