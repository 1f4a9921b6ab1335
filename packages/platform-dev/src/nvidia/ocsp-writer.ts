import { createHash } from 'node:crypto'
import { concatBytes } from '@tacit/base'
import { extension, issueCertificate, subjectName, type CertificateSpec } from '../certificates.ts'
import {
  bits,
  ecdsaSignature,
  element,
  enumerated,
  generalizedTime,
  integer,
  nothing,
  octets,
  oid,
  sequence,
} from '@tacit/crypto/der-writer'
import type { PlatformKey } from '../keys.ts'

/** What a response says and who signs it; an honest `good` by the issuer where not given. */
export interface OcspOptions {
  readonly status?: 'good' | 'revoked' | 'unknown'
  /** Where revoked, by RFC 5280's number; 6 is a hold. None where not given. */
  readonly reason?: number
  /** Of the certificate's identifier; SHA-1 where not given. */
  readonly hash?: 'sha1' | 'sha256' | 'sha384'
  /** Unix seconds; a day around the platform's now where not given. */
  readonly from?: number
  readonly until?: number
  /** How the response names its signer. */
  readonly namedBy?: 'name' | 'key'
  /** A delegate of the issuer signs, with these deviations from an honest one. */
  readonly delegate?: Partial<CertificateSpec>
  /** The delegate's extended key usages; OCSP signing where not given. */
  readonly purposes?: readonly string[]
  /** The delegate's certificate is by its own key, in the issuer's name. */
  readonly certifiedBy?: 'delegate'
  /** The delegate's key signs the response, whoever it names. */
  readonly signedBy?: 'delegate'
  /** The delegate is another CA's, by this name. */
  readonly delegatedBy?: string
  /** What the requester sent. */
  readonly nonce?: Uint8Array
  /** How often the response says the same; once where not given. */
  readonly times?: number
}

/** The certificate that is asked about and who issued it. */
export interface OcspSubject {
  readonly serial: Uint8Array
  readonly issuerName: string
  readonly issuer: PlatformKey
  /** Of a delegate of the issuer. */
  readonly delegate: PlatformKey
  /** Unix seconds. */
  readonly now: number
}

const DAY = 86_400
const DIGITAL_SIGNATURE = 0x80
const OCSP_SIGNING = '1.3.6.1.5.5.7.3.9'
const BASIC_RESPONSE = '1.3.6.1.5.5.7.48.1.1'
const NONCE = '1.3.6.1.5.5.7.48.1.2'
const ECDSA_SHA384 = sequence(oid('1.2.840.10045.4.3.3'))
const HASHES = {
  sha1: '1.3.14.3.2.26',
  sha256: '2.16.840.1.101.3.4.2.1',
  sha384: '2.16.840.1.101.3.4.2.2',
} as const

/** Writes one OCSP basic response in DER. Source: RFC 6960, section 4.2.1. */
export function issueOcsp(subject: OcspSubject, options: OcspOptions): Uint8Array {
  const { issuer, issuerName, delegate, now } = subject
  const isDelegated = options.delegate !== undefined
  const spec: CertificateSpec = {
    commonName: `${issuerName} OCSP`,
    serial: Uint8Array.of(0x41, 0x0c, 0x59),
    notBefore: now - DAY,
    notAfter: now + DAY,
    publicKey: delegate.publicKey,
    isCa: false,
    pathLength: undefined,
    keyUsage: DIGITAL_SIGNATURE,
    extensions: [purposes(options.purposes ?? [OCSP_SIGNING])],
    ...options.delegate,
  }
  const signer = isDelegated ? delegate : issuer
  const signerName = isDelegated ? spec.commonName : issuerName
  const data = responseData(subject, options, signer, signerName)
  const certifier = options.certifiedBy === undefined ? issuer : delegate
  const certificates = isDelegated
    ? element(0xa0, sequence(issueCertificate(spec, options.delegatedBy ?? issuerName, certifier)))
    : nothing()
  const key = options.signedBy === undefined ? signer : delegate
  const basic = sequence(data, ECDSA_SHA384, bits(ecdsaSignature(key.sign(data))), certificates)
  return sequence(enumerated(0), element(0xa0, sequence(oid(BASIC_RESPONSE), octets(basic))))
}

function responseData(
  subject: OcspSubject,
  options: OcspOptions,
  signer: PlatformKey,
  signerName: string,
): Uint8Array {
  const { from = subject.now - DAY, until = subject.now + DAY, nonce, times = 1 } = options
  const responder =
    options.namedBy === 'key'
      ? element(0xa2, octets(digest('sha1', point(signer))))
      : element(0xa1, subjectName(signerName))
  const single = sequence(
    certificateId(subject, options.hash ?? 'sha1'),
    certificateState(options, from),
    generalizedTime(from),
    element(0xa0, generalizedTime(until)),
  )
  const extensions =
    nonce === undefined
      ? nothing()
      : element(0xa1, sequence(extension(NONCE, false, octets(nonce))))
  const statuses = Array.from({ length: times }, () => single)
  return sequence(responder, generalizedTime(from), sequence(...statuses), extensions)
}

function certificateId(
  { serial, issuerName, issuer }: OcspSubject,
  hash: keyof typeof HASHES,
): Uint8Array {
  return sequence(
    sequence(oid(HASHES[hash]), element(0x05)),
    octets(digest(hash, subjectName(issuerName))),
    octets(digest(hash, point(issuer))),
    integer(serial),
  )
}

function certificateState({ status = 'good', reason }: OcspOptions, at: number): Uint8Array {
  if (status !== 'revoked') return element(status === 'good' ? 0x80 : 0x82)
  const why = reason === undefined ? nothing() : element(0xa0, enumerated(reason))
  return element(0xa1, generalizedTime(at), why)
}

function purposes(ids: readonly string[]): Uint8Array {
  return extension('2.5.29.37', false, sequence(...ids.map(oid)))
}

function point({ publicKey }: PlatformKey): Uint8Array {
  return concatBytes(Uint8Array.of(4), publicKey)
}

function digest(hash: keyof typeof HASHES, bytes: Uint8Array): Uint8Array {
  return new Uint8Array(createHash(hash).update(bytes).digest())
}
