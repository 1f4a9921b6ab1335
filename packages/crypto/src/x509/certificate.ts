import { err, ok, type Result } from '@tacit/base'
import {
  CERTIFICATE_SCHEMES,
  readPublicKey,
  readSignature,
  readSignatureAlgorithm,
  type CertificateKey,
  type CertificateScheme,
  type CertificateSignature,
  type SignatureAlgorithm,
} from './algorithms.ts'
import { TAG, readDer, type DerReader, type DerReason } from './der.ts'
import {
  readExtension,
  readExtensions,
  readName,
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
  /**
   * Big-endian without a sign byte, at most 20 bytes. It may be zero, one byte 0: AMD gives that
   * number to every VCEK, against RFC 5280, section 4.1.2.2, whose other rules hold.
   */
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

/** Bits of the key usage extension. Source: RFC 5280, section 4.2.1.3. */
export const KEY_USAGE = {
  digitalSignature: 1,
  certificateSign: 32,
  crlSign: 64,
} as const

const MAX_BYTES = 16 * 1024
const KEY_USAGE_ID = '2.5.29.15'
const BASIC_CONSTRAINTS = '2.5.29.19'
const KNOWN: ReadonlySet<string> = new Set([KEY_USAGE_ID, BASIC_CONSTRAINTS])

/**
 * Reads one certificate in strict DER: version 3, keys and signatures of the given schemes, the
 * same signature algorithm inside and outside, at most 16 KiB. Source: RFC 5280, section 4.1.
 * @param schemes what the certificate may use; another one is `algorithm_unsupported`.
 */
export function parseCertificate(
  der: Uint8Array,
  schemes: readonly CertificateScheme[] = CERTIFICATE_SCHEMES,
): Result<Certificate, CertificateError> {
  if (der.length > MAX_BYTES)
    return err({ code: 'certificate_malformed', reason: 'too_long', at: 0 })
  const read = readDer(der, (input) =>
    input.sequence((outer) => {
      const { bytes: tbs, value } = outer.whole(TAG.sequence, (inner) => readTbs(inner, schemes))
      const { algorithm, fields } = value
      return { der, tbs, ...fields, signature: readSignature(outer, algorithm) }
    }),
  )
  return read.ok ? ok(read.value) : err({ code: 'certificate_malformed', ...read.error })
}

interface Tbs {
  readonly algorithm: SignatureAlgorithm
  readonly fields: Omit<Certificate, 'der' | 'tbs' | 'signature'>
}

function readTbs(tbs: DerReader, schemes: readonly CertificateScheme[]): Tbs {
  tbs.inside(0xa0, (version) => {
    if (version.unsigned(255) !== 2) version.fail('version_unsupported')
  })
  const serial = tbs.unsignedBytes(20)
  const algorithm = readSignatureAlgorithm(tbs, schemes)
  const issuer = readName(tbs)
  const [notBefore, notAfter] = tbs.sequence((validity) => [validity.time(), validity.time()])
  const subject = readName(tbs)
  const publicKey = readPublicKey(tbs, schemes)
  const extensions = tbs.inside(0xa3, (wrapper) => readExtensions(wrapper, KNOWN))
  const { isCa, pathLength } = readBasicConstraints(tbs, extensions)
  const keyUsage = readKeyUsage(tbs, extensions)
  const names = { serial, issuer, subject, notBefore, notAfter }
  const fields = { ...names, publicKey, isCa, pathLength, keyUsage, extensions }
  return { algorithm, fields }
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
