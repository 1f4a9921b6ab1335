import { equalBytes } from '@tacit/base'
import { isRevoked, type Certificate, type Crl } from '@tacit/crypto/x509'
import type { EvidenceCheck } from './assessment.ts'
import type { ChainLink } from './chain.ts'

/** A certificate with the one whose key must have signed it. */
export interface IssuedCertificate<Role extends string> extends ChainLink<Role> {
  readonly issuer: Certificate
}

/** What a certificate must be to stand in a role. */
export interface RoleRule {
  readonly isCa: boolean
  /** Bits of KEY_USAGE that the certificate must have; 0 where it need not name any. */
  readonly keyUsage: number
  /** Matches the subject's common name; undefined where bytes alone say who it is, as for a root. */
  readonly commonName: RegExp | undefined
}

/** The rules of a vendor's roles; the root's key is always `root`. */
export type RoleRules<Role extends string> = Readonly<Record<Role | 'root', RoleRule>>

/** A revocation list with the certificate whose key signed it and the roles that it answers for. */
export interface RevocationList<Role extends string, List extends string> {
  readonly name: List
  readonly crl: Crl
  readonly issuer: Certificate
  readonly covers: readonly Role[]
}

/** The first rule that a chain breaks. */
export type ChainRuleError<Role extends string> =
  /** A certificate's issuer is not its successor's subject. */
  | { readonly code: 'chain_issuer_mismatch'; readonly certificate: Role }
  /** A certificate that signs certificates is not a CA. */
  | { readonly code: 'certificate_not_ca'; readonly certificate: Role }
  /** A leaf claims to be a CA. */
  | { readonly code: 'certificate_is_ca'; readonly certificate: Role }
  /** The key usage does not allow what the certificate is used for. */
  | { readonly code: 'certificate_key_usage_wrong'; readonly certificate: Role }
  /** More CA certificates follow than the issuer's path length allows. */
  | { readonly code: 'certificate_path_too_long'; readonly certificate: Role }
  /** The subject's common name is not the role's. */
  | {
      readonly code: 'certificate_role_wrong'
      readonly certificate: Role
      readonly commonName: string
    }

/** What a revocation list says, or that it is not the right one. */
export type RevocationError<Role extends string, List extends string> =
  /** A revocation list is not by the issuer whose certificates it must cover. */
  | { readonly code: 'crl_issuer_mismatch'; readonly crl: List }
  | { readonly code: `${Role}_revoked` }

/**
 * The different certificates of all chains, issuers before what they issued, without the root. One
 * certificate in two roles is listed for both, so that both roles' rules apply to it.
 * @param listed what other chains under the same root have; it comes first and is not repeated.
 */
export function listIssued<Role extends string>(
  chains: readonly { readonly certificates: readonly ChainLink<Role>[] }[],
  root: Certificate,
  listed: readonly IssuedCertificate<Role>[] = [],
): readonly IssuedCertificate<Role>[] {
  const issued = [...listed]
  for (const chain of chains) {
    let issuer = root
    for (const link of chain.certificates.toReversed()) {
      const { role, certificate } = link
      const isKnown = issued.some(
        (seen) => seen.role === role && equalBytes(seen.certificate.der, certificate.der),
      )
      if (!isKnown) issued.push({ ...link, issuer })
      issuer = certificate
    }
  }
  return issued
}

/** A check for each certificate; it fails as well where scheme and issuer's key do not go together. */
export function listChainChecks<Role extends string>(
  issued: readonly IssuedCertificate<Role>[],
): readonly EvidenceCheck<`${Role}_signature_invalid`>[] {
  return issued.map(({ role, certificate, issuer }) =>
    signedCheck(`${role}_signature_invalid`, issuer, certificate),
  )
}

/**
 * The check that an issuer signed a certificate or revocation list. Its scheme is the signature's:
 * an issuer's key of another scheme has another length, so that no verifier accepts it.
 */
export function signedCheck<Code extends string>(
  failure: Code,
  issuer: Certificate,
  { tbs, signature }: Pick<Certificate, 'tbs' | 'signature'>,
): EvidenceCheck<Code> {
  const { scheme, bytes } = signature
  return { failure, scheme, publicKey: issuer.publicKey.bytes, message: tbs, signature: bytes }
}

/** The first rule of RFC 5280, section 6.1, or of the vendor's roles that a chain breaks. */
export function findChainProblem<Role extends string>(
  issued: readonly IssuedCertificate<Role>[],
  root: Certificate,
  rules: RoleRules<Role>,
): ChainRuleError<Role | 'root'> | undefined {
  const rootProblem = findCertificateProblem('root', root, rules.root)
  if (rootProblem !== undefined) return rootProblem
  for (const { role, certificate, issuer } of issued) {
    if (!equalBytes(certificate.issuer.der, issuer.subject.der)) {
      return { code: 'chain_issuer_mismatch', certificate: role }
    }
    if (certificate.isCa && issuer.pathLength === 0) {
      return { code: 'certificate_path_too_long', certificate: role }
    }
    const problem = findCertificateProblem(role, certificate, rules[role])
    if (problem !== undefined) return problem
  }
  return undefined
}

function findCertificateProblem<Role extends string>(
  role: Role,
  certificate: Certificate,
  { isCa, keyUsage, commonName }: RoleRule,
): ChainRuleError<Role> | undefined {
  if (isCa && !certificate.isCa) return { code: 'certificate_not_ca', certificate: role }
  if (!isCa && certificate.isCa) return { code: 'certificate_is_ca', certificate: role }
  if (((certificate.keyUsage ?? 0) & keyUsage) !== keyUsage) {
    return { code: 'certificate_key_usage_wrong', certificate: role }
  }
  const name = certificate.subject.commonName ?? ''
  return commonName === undefined || commonName.test(name)
    ? undefined
    : { code: 'certificate_role_wrong', certificate: role, commonName: name }
}

/** Whether the revocation lists are by the issuers of what they must cover, and name none of it. */
export function findRevocation<Role extends string, List extends string>(
  issued: readonly IssuedCertificate<Role>[],
  lists: readonly RevocationList<Role, List>[],
): RevocationError<Role, List> | undefined {
  for (const { name, crl, issuer, covers } of lists) {
    const isIssuers = equalBytes(crl.issuer.der, issuer.subject.der)
    if (!isIssuers) return { code: 'crl_issuer_mismatch', crl: name }
    for (const link of issued.filter(({ role }) => covers.includes(role))) {
      if (!isSameIssuer(link.issuer, issuer)) return { code: 'crl_issuer_mismatch', crl: name }
      if (isRevoked(crl, link.certificate.serial)) return { code: `${link.role}_revoked` }
    }
  }
  return undefined
}

/** An issuer's certificate may have been renewed; name and key say who the issuer is. */
function isSameIssuer(a: Certificate, b: Certificate): boolean {
  return (
    equalBytes(a.publicKey.bytes, b.publicKey.bytes) && equalBytes(a.subject.der, b.subject.der)
  )
}
