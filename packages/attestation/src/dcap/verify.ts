import { equalBytes, err, ok, type Result } from '@tacit/base'
import type { Hashes, SignatureCheck } from '@tacit/crypto'
import { parseCertificate, type Certificate } from '@tacit/crypto/x509'
import {
  findChainProblem,
  findRevocation,
  listIssued,
  type IssuedCertificate,
} from './chain-rules.ts'
import {
  parseChain,
  parseCollateral,
  type CertificateChain,
  type DcapCollateral,
  type ParsedCollateral,
} from './collateral.ts'
import type { DcapError, DcapSignatureError, DcapTrustError } from './errors.ts'
import { parsePckPlatform, type PckPlatform } from './pck-extension.ts'
import { judgeSgx, judgeTdx, type TcbJudgement } from './platform-tcb.ts'
import { parseQuote, type Quote } from './quote.ts'
import { findEnclaveProblem, isKeyCertified, matchEnclaveLevel } from './quoting-enclave.ts'
import type { TrustedRoot } from './roots.ts'
import { splitSgxReport, type SgxReport } from './sgx-report.ts'
import { splitTdReport, type TdReport } from './td-report.ts'
import { commonWindow, findInvalid, listDated } from './validity.ts'
import type { DcapVerdict } from './verdict.ts'

/** What a verification is decided from; nothing else is read, no clock, no network. */
export interface DcapInput {
  /** At most as much as fits into memory; bytes behind the signature data are never touched. */
  readonly quote: Uint8Array
  readonly collateral: DcapCollateral
  readonly roots: readonly TrustedRoot[]
  /** Unix seconds. */
  readonly now: number
  readonly hashes: Pick<Hashes, 'sha256'>
  /** TCB info and QE identity must have at least this number. */
  readonly minimumTcbEvaluationDataNumber?: number
}

/** The same with collateral that was parsed before. */
export interface QuoteInput extends Omit<DcapInput, 'collateral'> {
  readonly collateral: ParsedCollateral
}

/** A signature to decide, with the error that it stands for when it does not verify. */
export interface DcapCheck extends SignatureCheck {
  readonly failure: DcapSignatureError['code']
}

/** Claims that hold if, and only if, every check verifies. */
export interface DcapEvidence {
  readonly claims: DcapVerdict
  readonly checks: readonly DcapCheck[]
}

/** Parsed evidence: what it comes to once the checks have verified, good or bad. */
export interface DcapAssessment {
  /** In the order in which a failure is to be reported. */
  readonly checks: readonly DcapCheck[]
  readonly outcome: Result<DcapVerdict, DcapTrustError>
}

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
  if (!assessment.ok) return assessment
  return concludeDcap(assessment.value, assessment.value.checks.map(verify))
}

/** Joins an assessment with its checks' results, in the same order, as a runner returned them. */
export function concludeDcap(
  { checks, outcome }: DcapAssessment,
  results: readonly boolean[],
): Result<DcapVerdict, DcapError> {
  const failed = checks.find((_, index) => results[index] !== true)
  return failed === undefined ? outcome : err({ code: failed.failure })
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
  const pckChain = parseChain('pck', quote.value.pckChain, ['pck', 'pck_ca'])
  if (!pckChain.ok) return pckChain
  const trusted = findRoot(pckChain.value, input)
  if (!trusted.ok) return trusted
  const { pckCrlChain, tcbInfo, qeIdentity } = input.collateral
  const { anchor, root } = trusted.value
  const chains = [pckCrlChain, tcbInfo.chain, qeIdentity.chain, pckChain.value]
  const issued = listIssued(chains, root)
  const pck = issued.find(({ role }) => role === 'pck')?.certificate
  if (pck === undefined) return err({ code: 'chain_length_wrong', chain: 'pck', length: 0 })
  const platform = parsePckPlatform(pck)
  if (!platform.ok) return platform
  const qeReport = splitSgxReport(quote.value.qeReport)
  const evidence = { ...input, quote: quote.value, anchor, root, issued, pck, qeReport }
  return ok(assess({ ...evidence, platform: platform.value }))
}

/** Everything that was read from the input, before any judgement. */
interface Evidence extends Omit<QuoteInput, 'quote'> {
  readonly quote: Quote
  readonly anchor: TrustedRoot
  readonly root: Certificate
  readonly issued: readonly IssuedCertificate[]
  readonly pck: Certificate
  readonly platform: PckPlatform
  readonly qeReport: SgxReport
}

function findRoot(
  pckChain: CertificateChain,
  { roots, collateral }: QuoteInput,
): Result<{ anchor: TrustedRoot; root: Certificate }, DcapError> {
  const anchor = roots.find(({ certificate }) => equalBytes(certificate, pckChain.root))
  if (anchor === undefined) return err({ code: 'root_untrusted', chain: 'pck' })
  const { pckCrlChain, tcbInfo, qeIdentity } = collateral
  for (const { name, root } of [pckCrlChain, tcbInfo.chain, qeIdentity.chain]) {
    if (!equalBytes(root, anchor.certificate)) return err({ code: 'root_untrusted', chain: name })
  }
  const root = parseCertificate(anchor.certificate)
  return root.ok ? ok({ anchor, root: root.value }) : err({ ...root.error, certificate: 'root' })
}

/**
 * The quote's own signature counts only under a key that the quoting enclave certified: where it
 * did not, that is the finding, resting on all the other signatures.
 */
function assess(evidence: Evidence): DcapAssessment {
  const checks = listChecks(evidence)
  const { quote, qeReport, hashes } = evidence
  if (!isKeyCertified(quote, qeReport, hashes)) {
    return { checks: checks.slice(0, -1), outcome: err({ code: 'qe_report_data_mismatch' }) }
  }
  return { checks, outcome: judge(evidence, checks.length) }
}

/** Nine checks where the quote and the collateral share the PCK CA and TCB signing certificates. */
function listChecks({ issued, root, pck, quote, collateral }: Evidence): readonly DcapCheck[] {
  const { rootCrl, pckCrl, pckCa, tcbInfo, qeIdentity } = collateral
  const certificates = issued.flatMap(({ role, certificate: { tbs, signature }, issuer }) =>
    role === 'root'
      ? []
      : [check(`${role}_signature_invalid`, issuer.publicKey.bytes, tbs, signature.bytes)],
  )
  const rootKey = root.publicKey.bytes
  const tcbKey = tcbInfo.chain.certificates[0]?.certificate.publicKey.bytes ?? NO_KEY
  const qeKey = qeIdentity.chain.certificates[0]?.certificate.publicKey.bytes ?? NO_KEY
  const { qeReport, qeReportSignature, attestationKey, signed, signature } = quote
  return [
    ...certificates,
    check('root_crl_signature_invalid', rootKey, rootCrl.tbs, rootCrl.signature.bytes),
    check('pck_crl_signature_invalid', pckCa.publicKey.bytes, pckCrl.tbs, pckCrl.signature.bytes),
    check('tcb_info_signature_invalid', tcbKey, tcbInfo.bytes, tcbInfo.signature),
    check('qe_identity_signature_invalid', qeKey, qeIdentity.bytes, qeIdentity.signature),
    check('qe_report_signature_invalid', pck.publicKey.bytes, qeReport, qeReportSignature),
    check('quote_signature_invalid', attestationKey, signed, signature),
  ]
}

/** No signature verifies under it. */
const NO_KEY = new Uint8Array(64)

function check(
  failure: DcapCheck['failure'],
  publicKey: Uint8Array,
  message: Uint8Array,
  signature: Uint8Array,
): DcapCheck {
  return { failure, scheme: 'p256', publicKey, message, signature }
}

/** What the evidence says, taking every signature for granted. */
function judge(evidence: Evidence, signatureChecks: number): Result<DcapVerdict, DcapTrustError> {
  const { issued, root, collateral, now } = evidence
  const dated = listDated(issued, root, collateral)
  const problem =
    findChainProblem(issued, root) ??
    findInvalid(dated, now) ??
    findRevocation(issued, root, collateral) ??
    findMismatch(evidence)
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

function describe({ quote, anchor, platform, pck, collateral, now }: Evidence) {
  const { tcbInfo, qeIdentity, rootCrl, pckCrl } = collateral
  const { name, vendor, fingerprint } = anchor
  const isProcessor = pck.issuer.commonName?.includes('Processor') === true
  return {
    quoteVersion: quote.version,
    root: { name, vendor, fingerprint },
    platform: { ...platform, ca: isProcessor ? ('processor' as const) : ('platform' as const) },
    tcbEvaluationDataNumber: tcbInfo.value.tcbEvaluationDataNumber,
    qeIdentityEvaluationDataNumber: qeIdentity.value.tcbEvaluationDataNumber,
    issued: {
      tcbInfo: tcbInfo.value.issueDate,
      qeIdentity: qeIdentity.value.issueDate,
      rootCrl: rootCrl.thisUpdate,
      pckCrl: pckCrl.thisUpdate,
    },
    verifiedAt: now,
  }
}
