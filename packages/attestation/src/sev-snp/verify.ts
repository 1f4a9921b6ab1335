import { err, ok, type Result } from '@tacit/base'
import type { SignatureCheck } from '@tacit/crypto'
import { findAnchor, type Anchor } from '../anchor.ts'
import { decide, type Assessment, type EvidenceCheck } from '../assessment.ts'
import { listChainChecks, listIssued, signedCheck } from '../chain-rules.ts'
import type { TrustedRoot } from '../trusted-root.ts'
import { commonWindow } from '../validity.ts'
import { findSnpRuleProblem, listSnpDated, type SnpIssued } from './amd-rules.ts'
import { findBindingProblem, findReservedTcb, splitTcbs } from './binding.ts'
import { parseSnpCollateral, type ParsedSnpCollateral, type SnpCollateral } from './collateral.ts'
import type { SnpError, SnpSignatureError, SnpTrustError } from './errors.ts'
import { parseSnpReport, type ParsedSnpReport } from './report.ts'
import type { SnpVerdict } from './verdict.ts'

/** What a verification is decided from; nothing else is read, no clock, no network. */
export interface SnpInput {
  /** 1184 bytes. */
  readonly report: Uint8Array
  readonly collateral: SnpCollateral
  readonly roots: readonly TrustedRoot[]
  /** Unix seconds. */
  readonly now: number
}

/** The same with collateral that was parsed before. */
export interface SnpReportInput extends Omit<SnpInput, 'collateral'> {
  readonly collateral: ParsedSnpCollateral
}

export type SnpCheck = EvidenceCheck<SnpSignatureError['code']>

/** Parsed evidence: what it comes to once the checks have verified. */
export type SnpAssessment = Assessment<SnpVerdict, SnpSignatureError['code'], SnpTrustError>

/**
 * Verifies SEV-SNP evidence with the caller's verifier.
 * @returns the verdict; whether its patch levels, its guest policy or its age are acceptable is for
 *   a policy to say. Errors: form first, then the first signature that does not verify, then what
 *   the signed content says.
 */
export function decideSnp(
  input: SnpInput,
  verify: (check: SignatureCheck) => boolean,
): Result<SnpVerdict, SnpError> {
  const assessment = assessSnp(input)
  return assessment.ok ? decide(assessment.value, verify) : assessment
}

/** Parses collateral and report and lists the checks; errors are about form and the pinned root. */
export function assessSnp(input: SnpInput): Result<SnpAssessment, SnpError> {
  const collateral = parseSnpCollateral(input.collateral)
  return collateral.ok ? assessSnpReport({ ...input, collateral: collateral.value }) : collateral
}

/**
 * The same with collateral that was parsed before, for those who keep it.
 * Source: SEV-SNP Firmware ABI (AMD 56860), chapter "Attestation"; VCEK Certificate and KDS
 * Interface Specification (AMD 57230).
 */
export function assessSnpReport(input: SnpReportInput): Result<SnpAssessment, SnpError> {
  const { collateral } = input
  const report = parseSnpReport(input.report)
  if (!report.ok) return report
  const reserved = findReservedTcb(report.value.fields, collateral)
  if (reserved !== undefined) return err(reserved)
  const anchor = findAnchor([collateral.chain], input.roots, 'amd')
  if (!anchor.ok) return anchor
  const issued = listIssued([collateral.chain], anchor.value.root)
  const evidence = { ...input, ...anchor.value, issued, report: report.value }
  const checks = listChecks(evidence)
  return ok({ checks, outcome: judge(evidence, checks.length) })
}

/** Everything that was read from the input, before any judgement. */
interface Evidence extends Omit<SnpReportInput, 'report'>, Anchor {
  readonly report: ParsedSnpReport
  readonly issued: SnpIssued
}

/** Issuers before what they issued; three signatures, four with a revocation list. */
function listChecks({ issued, root, collateral, report }: Evidence): readonly SnpCheck[] {
  const { crl, chain } = collateral
  return [
    ...listChainChecks(issued),
    ...(crl === undefined ? [] : [signedCheck('crl_signature_invalid', root, crl)]),
    {
      failure: 'report_signature_invalid',
      scheme: 'p384',
      publicKey: chain.leaf.publicKey.bytes,
      message: report.signed,
      signature: report.signature,
    },
  ]
}

/** What the evidence says, taking every signature for granted. */
function judge(evidence: Evidence, signatureChecks: number): Result<SnpVerdict, SnpTrustError> {
  const { issued, root, trusted, collateral, report, now } = evidence
  const dated = listSnpDated(issued, root, collateral)
  const { tcbBytes: _, ...fields } = report.fields
  const tcb = splitTcbs(report.fields, collateral)
  const problem =
    findSnpRuleProblem(issued, root, collateral, dated, now) ??
    findBindingProblem(report.fields, collateral, tcb)
  if (problem !== undefined) return err(problem)
  const { endorsement, chain, crl } = collateral
  const { from, until } = commonWindow(dated)
  const { name, vendor, fingerprint } = trusted
  return ok({
    tee: 'sev-snp',
    root: { name, vendor, fingerprint },
    family: endorsement.family,
    productName: endorsement.productName,
    cspId: endorsement.cspId,
    ...fields,
    tcb,
    issued: { endorsement: chain.leaf.notBefore, crl: crl?.thisUpdate },
    revocationKnownUntil: crl?.nextUpdate,
    verifiedAt: now,
    latestIssue: from,
    earliestExpiry: until,
    signatureChecks,
  })
}
