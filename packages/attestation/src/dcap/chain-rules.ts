import { equalBytes } from '@tacit/base'
import { isRevoked, KEY_USAGE, type Certificate } from '@tacit/crypto/x509'
import type { CertificateChain, ChainLink, ParsedCollateral } from './collateral.ts'
import type { CertificateRole, DcapTrustError } from './errors.ts'

/** A certificate with the one whose key must have signed it. */
export interface IssuedCertificate extends ChainLink {
  readonly issuer: Certificate
}

const COMMON_NAMES: Readonly<Record<CertificateRole, RegExp>> = {
  // A root is what its bytes are; verifiers name it themselves.
  root: /^/,
  pck_ca: /^Intel SGX PCK (?:Processor|Platform) CA$/,
  pck: /^Intel SGX PCK Certificate$/,
  tcb_signing: /^Intel SGX TCB Signing$/,
}
const CA_USAGE = KEY_USAGE.certificateSign | KEY_USAGE.crlSign

/**
 * The different certificates of all chains, issuers before what they issued, without the root. One
 * certificate in two roles is listed for both, so that both roles' rules apply to it.
 */
export function listIssued(
  chains: readonly CertificateChain[],
  root: Certificate,
): readonly IssuedCertificate[] {
  const issued: IssuedCertificate[] = []
  for (const chain of chains) {
    let issuer = root
    for (const link of chain.certificates.toReversed()) {
      const { role, certificate } = link
      const isKnown = issued.some(
        (seen) => seen.role === role && equalBytes(seen.certificate.der, certificate.der),
      )
      if (!isKnown) issued.push({ ...link, issuer })
      issuer = link.certificate
    }
  }
  return issued
}

/** The first rule of RFC 5280 or of Intel's roles that a chain breaks. */
export function findChainProblem(
  issued: readonly IssuedCertificate[],
  root: Certificate,
): DcapTrustError | undefined {
  const rootProblem = findCertificateProblem('root', root)
  if (rootProblem !== undefined) return rootProblem
  for (const { role, certificate, issuer } of issued) {
    if (!equalBytes(certificate.issuer.der, issuer.subject.der)) {
      return { code: 'chain_issuer_mismatch', certificate: role }
    }
    if (certificate.isCa && issuer.pathLength === 0) {
      return { code: 'certificate_path_too_long', certificate: role }
    }
    const problem = findCertificateProblem(role, certificate)
    if (problem !== undefined) return problem
  }
  return undefined
}

function findCertificateProblem(
  role: CertificateRole,
  certificate: Certificate,
): DcapTrustError | undefined {
  const mustBeCa = role === 'root' || role === 'pck_ca'
  if (mustBeCa && !certificate.isCa) return { code: 'certificate_not_ca', certificate: role }
  if (!mustBeCa && certificate.isCa) return { code: 'certificate_is_ca', certificate: role }
  const usage = mustBeCa ? CA_USAGE : KEY_USAGE.digitalSignature
  if (((certificate.keyUsage ?? 0) & usage) !== usage) {
    return { code: 'certificate_key_usage_wrong', certificate: role }
  }
  const commonName = certificate.subject.commonName ?? ''
  return COMMON_NAMES[role].test(commonName)
    ? undefined
    : { code: 'certificate_role_wrong', certificate: role, commonName }
}

/** Whether both revocation lists are by the issuers of what they must cover, and name none of it. */
export function findRevocation(
  issued: readonly IssuedCertificate[],
  root: Certificate,
  collateral: ParsedCollateral,
): DcapTrustError | undefined {
  const { rootCrl, pckCrl, pckCa } = collateral
  if (!equalBytes(rootCrl.issuer.der, root.subject.der)) {
    return { code: 'crl_issuer_mismatch', crl: 'root_crl' }
  }
  for (const { role, certificate, issuer } of issued) {
    if (role === 'pck' && !isCrlOf(collateral, issuer)) {
      return { code: 'crl_issuer_mismatch', crl: 'pck_crl' }
    }
    const crl = role === 'pck' ? pckCrl : rootCrl
    if (isRevoked(crl, certificate.serial)) return { code: `${role}_revoked` }
  }
  return equalBytes(pckCrl.issuer.der, pckCa.subject.der)
    ? undefined
    : { code: 'crl_issuer_mismatch', crl: 'pck_crl' }
}

/** Intel may renew its intermediate's certificate; name and key say who the issuer is. */
function isCrlOf({ pckCa, pckCrl }: ParsedCollateral, issuer: Certificate): boolean {
  return (
    equalBytes(pckCa.publicKey.bytes, issuer.publicKey.bytes) &&
    equalBytes(pckCa.subject.der, issuer.subject.der) &&
    equalBytes(pckCrl.issuer.der, issuer.subject.der)
  )
}
