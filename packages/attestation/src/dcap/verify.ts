import { equalBytes, err, ok, type Result } from '@tacit/base'
import type { Hashes, SignatureCheck } from '@tacit/crypto'
import type { Certificate } from '@tacit/crypto/x509'
import { decide, type Assessment } from '../assessment.ts'
import { findAnchor, type Anchor } from '../anchor.ts'
import { listIssued } from '../chain-rules.ts'
import { parsePemChain } from '../chain.ts'
import { commonWindow } from '../validity.ts'
import { DCAP_SCHEMES, parseCollateral, type ParsedCollateral } from './collateral.ts'
import type { DcapError, DcapSignatureError, DcapTrustError } from './errors.ts'
import { findRuleProblem, listDated, type DcapIssued } from './intel-rules.ts'
import { parsePckPlatform, type PckPlatform } from './pck-extension.ts'
import { judgeSgx, judgeTdx, type TcbJudgement } from './platform-tcb.ts'
import { parseQuote, type Quote } from './quote.ts'
import { findEnclaveProblem, isKeyCertified, matchEnclaveLevel } from './quoting-enclave.ts'
import { splitSgxReport, type SgxReport } from './sgx-report.ts'
import { listCollateralChecks, listQuoteChecks, type DcapCheck } from './signature-checks.ts'
import { splitTdReport, type TdReport } from './td-report.ts'
import type { DcapVerdict } from './verdict.ts'
import { caOf, describeCollateral, type CollateralInput } from './verify-collateral.ts'

/** What a verification is decided from; nothing else is read, no clock, no network. */
export interface DcapInput extends CollateralInput {
  /** At most as much as fits into memory; bytes behind the signature data are never touched. */
  readonly quote: Uint8Array
  readonly hashes: Pick<Hashes, 'sha256'>
  /** TCB info and QE identity must have at least this number. */
  readonly minimumTcbEvaluationDataNumber?: number
}

/** The same with collateral that was parsed before. */
export interface QuoteInput extends Omit<DcapInput, 'collateral'> {
  readonly collateral: ParsedCollateral
}

/** Claims that hold if, and only if, every check verifies. */
export interface DcapEvidence {
  readonly claims: DcapVerdict
  readonly checks: readonly DcapCheck[]
}

/** Parsed evidence: what it comes to once the checks have verified. */
export type DcapAssessment = Assessment<DcapVerdict, DcapSignatureError['code'], DcapTrustError>

/**
 * Reads DCAP evidence for SGX or TDX, quote versions 3 to 5, without deciding any signature.
 * An error about trust is only as good as the unchecked bytes that it was read from; decideDcap()
 * decides the signatures first.
 * Source: Intel DCAP Quote Verification Library and Intel TDX DCAP Quoting Library API.
 */
export function verifyDcap(input: DcapInput): Result<DcapEvidence, DcapError> {
  const assessment = assessDcap(input)
  if (!assessment.ok) return assessment
  const { checks, outcome } = assessment.value
  return outcome.ok ? ok({ claims: outcome.value, checks }) : outcome
}

/**
 * Verifies DCAP evidence with the caller's verifier.
 * @returns the verdict, whose status may well be OutOfDate, Revoked or NotSupported: whether it is
 *   acceptable is for a policy to say. Errors: form first, then the first signature that does not
 *   verify, then what the signed content says.
 */
export function decideDcap(
  input: DcapInput,
  verify: (check: SignatureCheck) => boolean,
): Result<DcapVerdict, DcapError> {
  const assessment = assessDcap(input)
  return assessment.ok ? decide(assessment.value, verify) : assessment
}

/** Parses collateral and quote and lists the checks; errors are about form and the pinned root. */
export function assessDcap(input: DcapInput): Result<DcapAssessment, DcapError> {
  const collateral = parseCollateral(input.collateral)
  return collateral.ok ? assessQuote({ ...input, collateral: collateral.value }) : collateral
}

/** As assessDcap(), with collateral that was parsed before. */
export function assessQuote(input: QuoteInput): Result<DcapAssessment, DcapError> {
  const quote = parseQuote(input.quote)
  if (!quote.ok) return quote
  const pckChain = parsePemChain('pck', quote.value.pckChain, ['pck', 'pck_ca'], DCAP_SCHEMES)
  if (!pckChain.ok) return pckChain
  const { pckCrlChain, tcbInfo, qeIdentity } = input.collateral
  const pckFirst = [pckChain.value, qeIdentity.chain, tcbInfo.chain, pckCrlChain] as const
  const anchor = findAnchor(pckFirst, input.roots, 'intel')
  if (!anchor.ok) return anchor
  const pck = pckChain.value.leaf
  const platform = parsePckPlatform(pck)
  if (!platform.ok) return platform
  return ok(
    assess({
      ...input,
      ...anchor.value,
      quote: quote.value,
      issued: listIssued(pckFirst.toReversed(), anchor.value.root),
      pck,
      platform: platform.value,
      qeReport: splitSgxReport(quote.value.qeReport),
    }),
  )
}

/** Everything that was read from the input, before any judgement. */
interface Evidence extends Omit<QuoteInput, 'quote'>, Anchor {
  readonly quote: Quote
  readonly issued: DcapIssued
  readonly pck: Certificate
  readonly platform: PckPlatform
  readonly qeReport: SgxReport
}

/**
 * The quote's own signature counts only under a key that the quoting enclave certified: where it
 * did not, that is the finding, resting on all the other signatures.
 */
function assess(evidence: Evidence): DcapAssessment {
  const { issued, root, collateral, quote, pck, qeReport, hashes } = evidence
  const checks = [...listCollateralChecks(issued, root, collateral), ...listQuoteChecks(quote, pck)]
  if (!isKeyCertified(quote, qeReport, hashes)) {
    return { checks: checks.slice(0, -1), outcome: err({ code: 'qe_report_data_mismatch' }) }
  }
  return { checks, outcome: judge(evidence, checks.length) }
}

/** What the evidence says, taking every signature for granted. */
function judge(evidence: Evidence, signatureChecks: number): Result<DcapVerdict, DcapTrustError> {
  const { issued, root, collateral, now } = evidence
  const dated = listDated(issued, root, collateral)
  const problem = findRuleProblem(issued, root, collateral, dated, now) ?? findMismatch(evidence)
  if (problem !== undefined) return err(problem)
  const quotingEnclave = describeQuotingEnclave(evidence)
  const report = splitReport(evidence.quote)
  const judged = judgeTcb(evidence, report, quotingEnclave)
  if (!judged.ok) return judged
  const { from, until } = commonWindow(dated)
  return ok({
    ...report,
    ...judged.value,
    ...describe(evidence),
    debug: report.flags.debug,
    quotingEnclave,
    latestIssue: from,
    earliestExpiry: until,
    signatureChecks,
  })
}

/** Whether quote, PCK certificate and collateral speak of the same platform and enclave. */
function findMismatch(evidence: Evidence): DcapTrustError | undefined {
  const { quote, platform, qeReport, collateral } = evidence
  const tcbInfo = collateral.tcbInfo.value
  const identity = collateral.qeIdentity.value
  if (tcbInfo.tee !== quote.tee) return { code: 'tcb_info_tee_mismatch' }
  if (identity.id !== (quote.tee === 'tdx' ? 'TD_QE' : 'QE')) {
    return { code: 'qe_identity_tee_mismatch' }
  }
  const minimum = evidence.minimumTcbEvaluationDataNumber ?? 0
  const number = tcbInfo.tcbEvaluationDataNumber
  if (number < minimum)
    return { code: 'tcb_evaluation_too_old', document: 'tcb_info', number, minimum }
  const qeNumber = identity.tcbEvaluationDataNumber
  if (qeNumber < minimum) {
    return { code: 'tcb_evaluation_too_old', document: 'qe_identity', number: qeNumber, minimum }
  }
  if (!equalBytes(tcbInfo.fmspc, platform.fmspc)) return { code: 'fmspc_mismatch' }
  if (!equalBytes(tcbInfo.pceId, platform.pceId)) return { code: 'pce_id_mismatch' }
  return findEnclaveProblem(qeReport, identity)
}

type Report = ({ readonly tee: 'sgx' } & SgxReport) | ({ readonly tee: 'tdx' } & TdReport)

function splitReport({ tee, body }: Quote): Report {
  return tee === 'sgx' ? { tee, ...splitSgxReport(body) } : { tee, ...splitTdReport(body) }
}

function judgeTcb(
  { platform, collateral }: Evidence,
  report: Report,
  { status }: DcapVerdict['quotingEnclave'],
): Result<TcbJudgement, DcapTrustError> {
  const info = collateral.tcbInfo.value
  if (report.tee === 'tdx') return judgeTdx(report, platform, info, status)
  return ok(judgeSgx(platform, info, status))
}

function describeQuotingEnclave({ qeReport, collateral }: Evidence): DcapVerdict['quotingEnclave'] {
  const { mrEnclave, mrSigner, isvProdId, isvSvn } = qeReport
  const level = matchEnclaveLevel(collateral.qeIdentity.value.levels, isvSvn)
  return { mrEnclave, mrSigner, isvProdId, isvSvn, ...level }
}

function describe({ quote, trusted, platform, pck, collateral, now }: Evidence) {
  return {
    quoteVersion: quote.version,
    ...describeCollateral(trusted, collateral),
    platform: { ...platform, ca: caOf(pck.issuer) },
    verifiedAt: now,
  }
}
