import { concatBytes, equalBytes } from '@tacit/base'
import type { Hashes } from '@tacit/crypto'
import {
  parseCertificate,
  readDer,
  type Certificate,
  type OcspHash,
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
  const checks: EvidenceCheck<NvidiaSignatureError['code']>[] = []
  let problem: NvidiaTrustError | undefined
  for (const { response, issuer, index } of listFirst(answers)) {
    const signer = findSigner(response, issuer, hashes)
    problem ??= signer === undefined ? { code: 'ocsp_responder_untrusted', index } : undefined
    if (signer === undefined) continue
    const isNew = !responders.some((known) => known.certificate === signer)
    if (signer !== issuer && isNew) {
      responders.push({ role: 'ocsp_responder', certificate: signer, issuer })
    }
    checks.push(signedCheck('ocsp_signature_invalid', signer, response))
  }
  return {
    responders,
    checks,
    dated: answers.map(({ status: { thisUpdate, nextUpdate } }) =>
      datedDocument('ocsp', thisUpdate, nextUpdate),
    ),
    problem: problem ?? findBadStatus(answers, allowHold),
    knowledge: describe(issued, answers),
  }
}

/**
 * The first answer of each response by each issuer: one response may have any number of statuses,
 * whose signer is looked for once.
 */
function listFirst(answers: readonly Answer[]): readonly Answer[] {
  const issuers = new Map<OcspResponse, Set<Certificate>>()
  return answers.filter(({ response, issuer }) => {
    const known = issuers.get(response) ?? new Set()
    issuers.set(response, known)
    return !known.has(issuer) && known.add(issuer)
  })
}

function answersFor(
  { role, certificate, issuer }: IssuedCertificate<RevocableRole>,
  responses: readonly OcspResponse[],
  hashes: OcspHashes,
): readonly Answer[] {
  const issuerId = nameIssuer(issuer, hashes)
  return responses.flatMap((response, index) =>
    response.statuses
      .filter((status) => isAbout(status, certificate, issuerId))
      .map((status) => ({ role, certificate, issuer, status, response, index })),
  )
}

type IssuerId = Pick<OcspStatus['certificate'], 'issuerName' | 'issuerKey'>

/** How responses name an issuer, hashed once by each algorithm that any of them uses. */
function nameIssuer(issuer: Certificate, hashes: OcspHashes): (hash: OcspHash) => IssuerId {
  const ids = new Map<OcspHash, IssuerId>()
  return (hash) => {
    const id = ids.get(hash) ?? {
      issuerName: hashes[hash](issuer.subject.der),
      issuerKey: hashes[hash](pointOf(issuer)),
    }
    ids.set(hash, id)
    return id
  }
}

function isAbout(
  { certificate: { hash, issuerName, issuerKey, serial } }: OcspStatus,
  certificate: Certificate,
  issuerId: (hash: OcspHash) => IssuerId,
): boolean {
  if (!equalBytes(serial, certificate.serial)) return false
  const id = issuerId(hash)
  return equalBytes(issuerName, id.issuerName) && equalBytes(issuerKey, id.issuerKey)
}

/** The issuer, or the first delegate among the response's certificates, that the response names. */
function findSigner(
  response: OcspResponse,
  issuer: Certificate,
  hashes: OcspHashes,
): Certificate | undefined {
  if (isNamed(response, issuer, hashes)) return issuer
  return readDelegates(response).find(
    (delegate) =>
      isNamed(response, delegate, hashes) &&
      equalBytes(delegate.issuer.der, issuer.subject.der) &&
      maySignOcsp(delegate),
  )
}

const delegates = new WeakMap<OcspResponse, readonly Certificate[]>()

/** A response's certificates that read, once for all devices and issuers that it is asked about. */
function readDelegates(response: OcspResponse): readonly Certificate[] {
  const known = delegates.get(response)
  if (known !== undefined) return known
  const read = response.certificates.flatMap((der) => {
    const parsed = parseCertificate(der)
    return parsed.ok ? [parsed.value] : []
  })
  delegates.set(response, read)
  return read
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
