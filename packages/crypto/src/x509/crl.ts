import { equalBytes, err, ok, type Result } from '@tacit/base'
import {
  CERTIFICATE_SCHEMES,
  readSignature,
  readSignatureAlgorithm,
  type CertificateScheme,
  type CertificateSignature,
  type SignatureAlgorithm,
} from './algorithms.ts'
import { TAG, readDer, type DerReader, type DerReason } from './der.ts'
import { readExtension, readExtensions, readName, type DistinguishedName } from './x509-common.ts'

/** The bytes are not one X.509 v2 revocation list that this reader understands. */
export type CrlError = {
  readonly code: 'crl_malformed'
  readonly reason: DerReason
  readonly at: number
}

/** A parsed revocation list; nothing in it is trusted before its signature is verified. */
export interface Crl {
  readonly der: Uint8Array
  /** What the issuer signed. */
  readonly tbs: Uint8Array
  readonly issuer: DistinguishedName
  /** Unix seconds, inclusive. */
  readonly thisUpdate: number
  /** Unix seconds, inclusive. */
  readonly nextUpdate: number
  /** Big-endian without a sign byte; undefined where the issuer does not number its lists. */
  readonly crlNumber: Uint8Array | undefined
  /** Serial numbers as in Certificate.serial. */
  readonly revoked: readonly Uint8Array[]
  readonly signature: CertificateSignature
}

const MAX_BYTES = 512 * 1024
const MAX_REVOKED = 16_384
const CRL_NUMBER = '2.5.29.20'
/** Delta and indirect lists mark their extensions critical, so that this reader refuses them. */
const KNOWN: ReadonlySet<string> = new Set()
const NOTHING = new Uint8Array()

/**
 * Reads one complete revocation list in strict DER: version 2, nextUpdate present, the same
 * signature algorithm inside and outside, at most 512 KiB and 16384 entries.
 * Source: RFC 5280, section 5.1.
 * @param schemes how the list may be signed; another way is `algorithm_unsupported`.
 */
export function parseCrl(
  der: Uint8Array,
  schemes: readonly CertificateScheme[] = CERTIFICATE_SCHEMES,
): Result<Crl, CrlError> {
  if (der.length > MAX_BYTES) return err({ code: 'crl_malformed', reason: 'too_long', at: 0 })
  const read = readDer(der, (input) =>
    input.sequence((outer) => {
      const { bytes: tbs, value } = outer.whole(TAG.sequence, (inner) => readTbs(inner, schemes))
      const { algorithm, fields } = value
      return { der, tbs, ...fields, signature: readSignature(outer, algorithm) }
    }),
  )
  return read.ok ? ok(read.value) : err({ code: 'crl_malformed', ...read.error })
}

/** Whether the list names a serial number. */
export function isRevoked(crl: Crl, serial: Uint8Array): boolean {
  return crl.revoked.some((revoked) => equalBytes(revoked, serial))
}

interface Tbs {
  readonly algorithm: SignatureAlgorithm
  readonly fields: Omit<Crl, 'der' | 'tbs' | 'signature'>
}

function readTbs(tbs: DerReader, schemes: readonly CertificateScheme[]): Tbs {
  if (tbs.unsigned(255) !== 1) tbs.fail('version_unsupported')
  const algorithm = readSignatureAlgorithm(tbs, schemes)
  const issuer = readName(tbs)
  const thisUpdate = tbs.time()
  const nextUpdate = tbs.time()
  const revoked = readRevoked(tbs)
  const crlNumber = readCrlNumber(tbs)
  return { algorithm, fields: { issuer, thisUpdate, nextUpdate, crlNumber, revoked } }
}

function readRevoked(tbs: DerReader): Uint8Array[] {
  const revoked: Uint8Array[] = []
  if (!tbs.isNext(TAG.sequence)) return revoked
  let seen: Uint8Array = NOTHING
  const readEntry = (entry: DerReader): void => {
    revoked.push(entry.unsignedBytes(20))
    entry.time()
    if (entry.remaining > 0) seen = readEntryExtensions(entry, seen)
  }
  tbs.each(TAG.sequence, MAX_REVOKED, (list) => list.sequence(readEntry))
  return revoked.length > 0 ? revoked : tbs.fail('value_invalid')
}

/** Most entries give the same reason in the same bytes, which need to be read but once. */
function readEntryExtensions(entry: DerReader, seen: Uint8Array): Uint8Array {
  const { at } = entry
  const bytes = entry.element()
  if (equalBytes(bytes, seen)) return seen
  entry.at = at
  readExtensions(entry, KNOWN)
  return bytes
}

function readCrlNumber(tbs: DerReader): Uint8Array | undefined {
  if (tbs.remaining === 0) return undefined
  const extensions = tbs.inside(0xa0, (wrapper) => readExtensions(wrapper, KNOWN))
  const content = extensions.get(CRL_NUMBER)
  if (content === undefined) return undefined
  return readExtension(tbs, content, (input) => input.unsignedBytes(20))
}
