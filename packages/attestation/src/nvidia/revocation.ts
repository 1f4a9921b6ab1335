import { concatBytes, equalBytes } from '@tacit/base'
import type { Hashes } from '@tacit/crypto'
import {
  parseCertificate,
  readDer,
  type Certificate,
  type OcspResponse,
  type OcspStatus,
} from '@tacit/crypto/x509'
import type { EvidenceCheck } from '../assessment.ts'
import { signedCheck, type IssuedCertificate } from '../chain-rules.ts'
import { datedDocument, type Dated } from '../validity.ts'
import type { IssuedRole, NvidiaSignatureError, NvidiaTrustError, RevocableRole } from './errors.ts'
import type { RevocationKnowledge } from './verdict.ts'

export type OcspHashes = Pick<Hashes, 'sha1' | 'sha256' | 'sha384'>

/** What stapled responses come to for a chain, taking their signatures for granted. */
export interface RevocationFindings {
  /** Delegates that signed for the chain's CAs; the chain's rules apply to them too. */
  readonly responders: readonly IssuedCertificate<IssuedRole>[]
  readonly checks: readonly EvidenceCheck<NvidiaSignatureError['code']>[]
  readonly dated: readonly Dated<'ocsp', never>[]
  readonly problem: NvidiaTrustError | undefined
  readonly knowledge: RevocationKnowledge
}

interface Answer {
  readonly role: RevocableRole
  readonly certificate: Certificate
  readonly issuer: Certificate
  readonly status: OcspStatus
  readonly response: OcspResponse
  readonly index: number
}

const EXTENDED_KEY_USAGE = '2.5.29.37'
const OCSP_SIGNING = '1.3.6.1.5.5.7.3.9'
const MAX_PURPOSES = 16

/**
 * Matches responses with certificates that NVIDIA can revoke. A response counts where the certificate's
 * issuer signed it, or a delegate whom that issuer certified for it; responses about other
 * certificates are passed over. Where several speak of one certificate, the worst counts. A
 * delegate's own revocation is not asked for, as if it had id-pkix-ocsp-nocheck.
 * Source: RFC 6960, sections 3.2 and 4.2.2.2.
 * @param allowHold certificates on hold are listed in place of being an error.
 */
export function findRevocation(
  issued: readonly IssuedCertificate<RevocableRole>[],
  responses: readonly OcspResponse[],
  hashes: OcspHashes,
  allowHold: boolean,
): RevocationFindings {
  const answers = issued.flatMap((link) => answersFor(link, responses, hashes))
  const responders: IssuedCertificate<IssuedRole>[] = []
  const checks = new Map<OcspResponse, EvidenceCheck<NvidiaSignatureError['code']>>()
  let problem: NvidiaTrustError | undefined
  for (const { response, issuer, index } of answers) {
    const signer = findSigner(response, issuer, hashes)
    problem ??= signer === undefined ? { code: 'ocsp_responder_untrusted', index } : undefined
    if (signer === undefined) continue
    if (signer !== issuer) {
      responders.push({ role: 'ocsp_responder', certificate: signer, issuer })
    }
    checks.set(response, signedCheck('ocsp_signature_invalid', signer, response))
  }
  return {
    responders,
    checks: [...checks.values()],
    dated: answers.map(({ status: { thisUpdate, nextUpdate } }) =>
      datedDocument('ocsp', thisUpdate, nextUpdate),
    ),
    problem: problem ?? findBadStatus(answers, allowHold),
    knowledge: describe(issued, answers),
  }
}

function answersFor(
  { role, certificate, issuer }: IssuedCertificate<RevocableRole>,
  responses: readonly OcspResponse[],
  hashes: OcspHashes,
): readonly Answer[] {
  return responses.flatMap((response, index) =>
    response.statuses
      .filter((status) => isAbout(status, certificate, issuer, hashes))
      .map((status) => ({ role, certificate, issuer, status, response, index })),
  )
}

function isAbout(
  { certificate: { hash, issuerName, issuerKey, serial } }: OcspStatus,
  certificate: Certificate,
  issuer: Certificate,
  hashes: OcspHashes,
): boolean {
  return (
    equalBytes(serial, certificate.serial) &&
    equalBytes(issuerName, hashes[hash](issuer.subject.der)) &&
    equalBytes(issuerKey, hashes[hash](pointOf(issuer)))
  )
}

/** The issuer, or the first delegate among the response's certificates, that the response names. */
function findSigner(
  response: OcspResponse,
  issuer: Certificate,
  hashes: OcspHashes,
): Certificate | undefined {
  if (isNamed(response, issuer, hashes)) return issuer
  for (const der of response.certificates) {
    const parsed = parseCertificate(der)
    const isDelegate =
      parsed.ok &&
      isNamed(response, parsed.value, hashes) &&
      equalBytes(parsed.value.issuer.der, issuer.subject.der) &&
      maySignOcsp(parsed.value)
    if (isDelegate) return parsed.value
  }
  return undefined
}

function isNamed(
  { responder }: OcspResponse,
  certificate: Certificate,
  hashes: OcspHashes,
): boolean {
  return responder.by === 'name'
    ? equalBytes(responder.der, certificate.subject.der)
    : equalBytes(responder.sha1, hashes.sha1(pointOf(certificate)))
}

function maySignOcsp({ extensions }: Certificate): boolean {
  const content = extensions.get(EXTENDED_KEY_USAGE)
  if (content === undefined) return false
  const purposes: string[] = []
  const read = readDer(content, (input) =>
    input.each(0x30, MAX_PURPOSES, (list) => purposes.push(list.oid())),
  )
  return read.ok && purposes.includes(OCSP_SIGNING)
}

/** A key on a curve as the content of its bit string. */
function pointOf({ publicKey }: Certificate): Uint8Array {
  return concatBytes(Uint8Array.of(4), publicKey.bytes)
}

function findBadStatus(
  answers: readonly Answer[],
  allowHold: boolean,
): NvidiaTrustError | undefined {
  for (const { role, status } of answers) {
    const isHold = status.reason === 'certificateHold'
    if (status.status === 'revoked' && !(isHold && allowHold)) {
      const reason = status.reason ?? 'unspecified'
      return { code: 'certificate_revoked', certificate: role, reason }
    }
    if (status.status === 'unknown') {
      return { code: 'certificate_status_unknown', certificate: role }
    }
  }
  return undefined
}

function describe(
  issued: readonly IssuedCertificate<RevocableRole>[],
  answers: readonly Answer[],
): RevocationKnowledge {
  const ends = answers.map(({ status }) => status.nextUpdate)
  const unknown = issued.filter(
    (link) => !answers.some(({ certificate }) => certificate === link.certificate),
  )
  const onHold = answers.filter(({ status }) => status.status === 'revoked')
  return {
    unknown: rolesOf(unknown),
    onHold: rolesOf(onHold),
    until: ends.length === 0 ? undefined : Math.min(...ends),
  }
}

function rolesOf(links: readonly { readonly role: RevocableRole }[]): readonly RevocableRole[] {
  return [...new Set(links.map(({ role }) => role))]
}
