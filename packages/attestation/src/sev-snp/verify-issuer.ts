import { boundedBytes, err, ok, struct, type Codec, type Result } from '@tacit/base'
import type { SignatureCheck } from '@tacit/crypto'
import { parseCertificate, parseCrl, parsePemCertificates, type Crl } from '@tacit/crypto/x509'
import { findAnchor } from '../anchor.ts'
import { parseChain, type CertificateChain } from '../chain.ts'
import { listChainChecks, listIssued, signedCheck } from '../chain-rules.ts'
import type { TrustedRoot } from '../trusted-root.ts'
import { commonWindow } from '../validity.ts'
import { findSnpRuleProblem, listSnpDated } from './amd-rules.ts'
import { signingKeyOf, SNP_SCHEMES } from './collateral.ts'
import { readEndorsement } from './endorsement.ts'
import type { SnpError, SnpIssuedRole } from './errors.ts'
import { SNP_FAMILIES, type SnpFamily } from './family.ts'
import type { SnpSigningKey, SnpVerdict } from './verdict.ts'

/** What AMD publishes about all chips of a family, as received. */
export interface SnpIssuerCollateral {
  /** PEM text: ASK or ASVK, ARK. */
  readonly chain: Uint8Array
  /** The ARK's revocation list, DER. */
  readonly crl: Uint8Array
}

/** Collateral as the chain stores it and extrinsics carry it. */
export const snpIssuerCollateralCodec: Codec<SnpIssuerCollateral> = struct({
  chain: boundedBytes(65_536),
  crl: boundedBytes(524_288),
})

/** Which keys AMD's collateral speaks for, and which a report's certificate needs. */
export interface SnpScope {
  readonly family: SnpFamily
  readonly signingKey: SnpSigningKey
}

/** What is true of AMD's collateral whose every signature and rule held. */
export interface SnpIssuerVerdict extends Pick<
  SnpVerdict,
  'root' | 'latestIssue' | 'earliestExpiry' | 'signatureChecks'
> {
  readonly scope: SnpScope
  /** Big-endian, at most 20 bytes; undefined where AMD does not number its lists. */
  readonly crlNumber: Uint8Array | undefined
  /** Unix seconds. */
  readonly crlIssued: number
}

const MAX_CERTIFICATES = 8

/** The scope that a report's own, unverified certificate names. */
export function readSnpScope(endorsement: Uint8Array): Result<SnpScope, SnpError> {
  const leaf = parseCertificate(endorsement, SNP_SCHEMES)
  if (!leaf.ok) return err({ ...leaf.error, certificate: 'vcek' })
  const read = readEndorsement(leaf.value)
  if (!read.ok) return read
  return ok({ family: read.value.family, signingKey: signingKeyOf(leaf.value) })
}

/** The scope that AMD's collateral itself names; nothing of it is verified. */
export function readSnpIssuerScope(collateral: SnpIssuerCollateral): Result<SnpScope, SnpError> {
  const parsed = parseIssuer(collateral)
  return parsed.ok ? ok(parsed.value.scope) : parsed
}

/**
 * Verifies AMD's collateral by itself, before any report needs it: form, signatures, chain, windows
 * and revocation. The rules are those of decideSnp(), less what concerns a report.
 */
export function decideSnpIssuer(
  input: {
    readonly collateral: SnpIssuerCollateral
    readonly roots: readonly TrustedRoot[]
    /** Unix seconds. */
    readonly now: number
  },
  verify: (check: SignatureCheck) => boolean,
): Result<SnpIssuerVerdict, SnpError> {
  const parsed = parseIssuer(input.collateral)
  if (!parsed.ok) return parsed
  const { scope, chain, crl } = parsed.value
  const anchor = findAnchor([chain], input.roots, 'amd')
  if (!anchor.ok) return anchor
  const { trusted, root } = anchor.value
  const issued = listIssued([chain], root)
  const checks = [...listChainChecks(issued), signedCheck('crl_signature_invalid', root, crl)]
  const failed = checks.find((check) => !verify(check))
  if (failed !== undefined) return err({ code: failed.failure })
  const dated = listSnpDated(issued, root, { crl })
  const rules = { endorsement: { family: scope.family }, crl }
  const problem = findSnpRuleProblem(issued, root, rules, dated, input.now)
  if (problem !== undefined) return err(problem)
  const { from: latestIssue, until: earliestExpiry } = commonWindow(dated)
  const { name, vendor, fingerprint } = trusted
  return ok({
    scope,
    root: { name, vendor, fingerprint },
    crlNumber: crl.crlNumber,
    crlIssued: crl.thisUpdate,
    latestIssue,
    earliestExpiry,
    signatureChecks: checks.length,
  })
}

interface ParsedIssuer {
  readonly scope: SnpScope
  readonly chain: CertificateChain<SnpSigningKey, SnpIssuedRole>
  readonly crl: Crl
}

function parseIssuer({
  chain: pem,
  crl: der,
}: SnpIssuerCollateral): Result<ParsedIssuer, SnpError> {
  const ders = parsePemCertificates(pem, MAX_CERTIFICATES)
  if (!ders.ok) return err({ code: 'chain_malformed', chain: 'vcek', reason: ders.error.reason })
  const read = parseChain('vcek', ders.value, ['ask'], SNP_SCHEMES)
  if (!read.ok) return read
  const commonName = read.value.leaf.subject.commonName ?? ''
  const scope = scopeOf(commonName)
  if (scope === undefined) {
    return err({ code: 'certificate_role_wrong', certificate: 'ask', commonName })
  }
  const role: SnpIssuedRole = scope.signingKey === 'vcek' ? 'ask' : 'asvk'
  const { leaf: certificate, root } = read.value
  const certificates = [{ role, certificate }]
  const chain = { name: scope.signingKey, leaf: certificate, certificates, root }
  const crl = parseCrl(der, ['rsaPss'])
  if (!crl.ok) return err({ ...crl.error, crl: 'crl' })
  return ok({ scope, chain, crl: crl.value })
}

/** AMD names its intermediates after the family and the key that they sign. */
function scopeOf(commonName: string): SnpScope | undefined {
  for (const family of SNP_FAMILIES) {
    if (commonName === `SEV-${family}`) return { family, signingKey: 'vcek' }
    if (commonName === `SEV-VLEK-${family}`) return { family, signingKey: 'vlek' }
  }
  return undefined
}
