import { err, ok, type Result } from '@tacit/base'
import {
  CERTIFICATE_SCHEMES,
  readSignatureValue,
  readSignatureAlgorithm,
  type CertificateScheme,
  type CertificateSignature,
} from './algorithms.ts'
import { readDer, TAG, type DerReader, type DerReason } from './der.ts'
import { readExtension, readExtensions, readName } from './x509-common.ts'

/** The bytes are not one successful OCSP basic response that this reader understands. */
export type OcspError = {
  readonly code: 'ocsp_malformed'
  readonly reason: DerReason
  readonly at: number
}

/** A parsed response; nothing in it is trusted before its signature and its signer are verified. */
export interface OcspResponse {
  /** What the responder signed. */
  readonly tbs: Uint8Array
  readonly signature: CertificateSignature
  readonly responder: OcspResponder
  /** Unix seconds. */
  readonly producedAt: number
  readonly statuses: readonly OcspStatus[]
  /** What the requester sent, at most 32 bytes; undefined where the responder did not repeat it. */
  readonly nonce: Uint8Array | undefined
  /** Certificates of a delegated responder, DER. */
  readonly certificates: readonly Uint8Array[]
}

/** Who signed, by its name in DER or by the SHA-1 of its public key. */
export type OcspResponder =
  | { readonly by: 'name'; readonly der: Uint8Array }
  | { readonly by: 'key'; readonly sha1: Uint8Array }

/** What is said about one certificate. */
export interface OcspStatus {
  readonly certificate: OcspCertificateId
  /** `unknown` where the responder knows nothing of the certificate. */
  readonly status: 'good' | 'revoked' | 'unknown'
  /** Where revoked. Unix seconds. */
  readonly revokedAt: number | undefined
  /** Where revoked; `unspecified` where the responder gives no reason. */
  readonly reason: RevocationReason | undefined
  /** Unix seconds, inclusive. */
  readonly thisUpdate: number
  /** Unix seconds, inclusive. */
  readonly nextUpdate: number
}

/** Names a certificate by hashes of its issuer's name and key, and its serial number. */
export interface OcspCertificateId {
  readonly hash: OcspHash
  /** Of the issuer's distinguished name in DER. */
  readonly issuerName: Uint8Array
  /** Of the issuer's public key, the content of its bit string. */
  readonly issuerKey: Uint8Array
  /** As Certificate.serial. */
  readonly serial: Uint8Array
}

export type OcspHash = 'sha1' | 'sha256' | 'sha384'

/** Why a certificate was revoked, by number. Source: RFC 5280, section 5.3.1. */
export const REVOCATION_REASONS: Readonly<Record<number, RevocationReason>> = {
  0: 'unspecified',
  1: 'keyCompromise',
  2: 'cACompromise',
  3: 'affiliationChanged',
  4: 'superseded',
  5: 'cessationOfOperation',
  6: 'certificateHold',
  8: 'removeFromCRL',
  9: 'privilegeWithdrawn',
  10: 'aACompromise',
}

export type RevocationReason =
  | 'unspecified'
  | 'keyCompromise'
  | 'cACompromise'
  | 'affiliationChanged'
  | 'superseded'
  | 'cessationOfOperation'
  | 'certificateHold'
  | 'removeFromCRL'
  | 'privilegeWithdrawn'
  | 'aACompromise'

const MAX_BYTES = 64 * 1024
const MAX_STATUSES = 64
const MAX_CERTIFICATES = 4
const MAX_NONCE_BYTES = 32
const SUCCESSFUL = 0
const BASIC_RESPONSE = '1.3.6.1.5.5.7.48.1.1'
const NONCE = '1.3.6.1.5.5.7.48.1.2'
const KNOWN: ReadonlySet<string> = new Set([NONCE])
const NONE_KNOWN: ReadonlySet<string> = new Set()
const HASHES: Readonly<Record<string, { readonly hash: OcspHash; readonly size: number }>> = {
  '1.3.14.3.2.26': { hash: 'sha1', size: 20 },
  '2.16.840.1.101.3.4.2.1': { hash: 'sha256', size: 32 },
  '2.16.840.1.101.3.4.2.2': { hash: 'sha384', size: 48 },
}
/**
 * Reads one OCSP response in strict DER: successful, of the basic type, every status with
 * nextUpdate, at most 64 KiB, 64 statuses and 4 certificates. Source: RFC 6960, section 4.2.
 * @param schemes how the response may be signed; another way is `algorithm_unsupported`.
 */
export function parseOcspResponse(
  der: Uint8Array,
  schemes: readonly CertificateScheme[] = CERTIFICATE_SCHEMES,
): Result<OcspResponse, OcspError> {
  if (der.length > MAX_BYTES) return err({ code: 'ocsp_malformed', reason: 'too_long', at: 0 })
  const read = readDer(der, (input) => input.sequence((outer) => readOuter(outer, schemes)))
  return read.ok ? ok(read.value) : err({ code: 'ocsp_malformed', ...read.error })
}

function readOuter(outer: DerReader, schemes: readonly CertificateScheme[]): OcspResponse {
  const status = outer.content(TAG.enumerated)
  if (status.length !== 1 || status[0] !== SUCCESSFUL) outer.fail('value_invalid')
  return outer.inside(0xa0, (explicit) =>
    explicit.sequence((bytes) => {
      if (bytes.oid() !== BASIC_RESPONSE) bytes.fail('version_unsupported')
      return bytes.inside(TAG.octetString, (basic) =>
        basic.sequence((parts) => readBasic(parts, schemes)),
      )
    }),
  )
}

function readBasic(parts: DerReader, schemes: readonly CertificateScheme[]): OcspResponse {
  const { bytes: tbs, value } = parts.whole(TAG.sequence, readData)
  const { scheme } = readSignatureAlgorithm(parts, schemes)
  const signature = readSignatureValue(parts, scheme)
  const certificates: Uint8Array[] = []
  if (parts.remaining > 0) {
    parts.inside(0xa0, (explicit) =>
      explicit.each(TAG.sequence, MAX_CERTIFICATES, (list) => certificates.push(list.element())),
    )
  }
  return { tbs, signature, ...value, certificates }
}

function readData(data: DerReader): Omit<OcspResponse, 'tbs' | 'signature' | 'certificates'> {
  // Version 1 is the default, which DER leaves out.
  if (data.isNext(0xa0)) data.fail('version_unsupported')
  const responder = readResponder(data)
  const producedAt = readTime(data)
  const statuses: OcspStatus[] = []
  data.each(TAG.sequence, MAX_STATUSES, (list) => statuses.push(list.sequence(readStatus)))
  return { responder, producedAt, statuses, nonce: readNonce(data) }
}

function readResponder(data: DerReader): OcspResponder {
  if (data.isNext(0xa1)) return { by: 'name', der: data.inside(0xa1, readName).der }
  return { by: 'key', sha1: data.inside(0xa2, (key) => key.octets(20)) }
}

function readNonce(data: DerReader): Uint8Array | undefined {
  if (data.remaining === 0) return undefined
  const extensions = data.inside(0xa1, (wrapper) => readExtensions(wrapper, KNOWN))
  const content = extensions.get(NONCE)
  if (content === undefined) return undefined
  return readExtension(data, content, (input) => {
    const nonce = input.content(TAG.octetString)
    return nonce.length > MAX_NONCE_BYTES ? input.fail('too_long') : nonce
  })
}

function readStatus(single: DerReader): OcspStatus {
  const certificate = single.sequence(readCertificateId)
  const state = readCertificateState(single)
  const thisUpdate = readTime(single)
  const nextUpdate = single.inside(0xa0, readTime)
  if (single.remaining > 0) single.inside(0xa1, (wrapper) => readExtensions(wrapper, NONE_KNOWN))
  return { certificate, ...state, thisUpdate, nextUpdate }
}

function readCertificateId(id: DerReader): OcspCertificateId {
  const { hash, size } = id.sequence((algorithm) => {
    const found = HASHES[algorithm.oid()] ?? algorithm.fail('algorithm_unsupported')
    if (algorithm.remaining > 0 && algorithm.content(TAG.null).length > 0) {
      algorithm.fail('value_invalid')
    }
    return found
  })
  const [issuerName, issuerKey] = [id.octets(size), id.octets(size)]
  return { hash, issuerName, issuerKey, serial: id.unsignedBytes(20) }
}

/** Implicitly tagged: good and unknown are empty, revoked has a time and maybe a reason. */
function readCertificateState(
  single: DerReader,
): Pick<OcspStatus, 'status' | 'revokedAt' | 'reason'> {
  if (single.isNext(0xa1)) return single.inside(0xa1, readRevocation)
  const isGood = single.isNext(0x80)
  if (single.content(isGood ? 0x80 : 0x82).length > 0) single.fail('value_invalid')
  return { status: isGood ? 'good' : 'unknown', revokedAt: undefined, reason: undefined }
}

function readRevocation(info: DerReader): Pick<OcspStatus, 'status' | 'revokedAt' | 'reason'> {
  const revokedAt = readTime(info)
  if (info.remaining === 0) return { status: 'revoked', revokedAt, reason: 'unspecified' }
  const number = info.inside(0xa0, (explicit) => explicit.content(TAG.enumerated))
  const reason = number.length === 1 ? REVOCATION_REASONS[number[0] ?? 7] : undefined
  return { status: 'revoked', revokedAt, reason: reason ?? info.fail('value_invalid') }
}

/** Unix seconds of a GeneralizedTime. */
function readTime(input: DerReader): number {
  return input.isNext(TAG.generalizedTime) ? input.time() : input.fail('tag_unexpected')
}
