import { equalBytes, err, ok, type Result } from '@tacit/base'
import type { Hashes } from '@tacit/crypto'
import type { Certificate } from '@tacit/crypto/x509'
import type { Anchor } from '../anchor.ts'
import type { TrustedRoot } from '../trusted-root.ts'
import { commonWindow } from '../validity.ts'
import type { ParsedCollateral } from './collateral.ts'
import type { DcapTrustError } from './errors.ts'
import { findRuleProblem, listDated, type DcapIssued } from './intel-rules.ts'
import type { PckPlatform } from './pck-extension.ts'
import { findModule, judgeSgx, judgeTdx, type TcbJudgement } from './platform-tcb.ts'
import type { Quote } from './quote.ts'
import { findEnclaveProblem, matchEnclaveLevel } from './quoting-enclave.ts'
import { splitSgxReport, type SgxReport } from './sgx-report.ts'
import { splitTdReport, type TdReport } from './td-report.ts'
import type { DcapVerdict } from './verdict.ts'
import { caOf, describeCollateral } from './verify-collateral.ts'

/** A quote and the collateral that was parsed for it; nothing else is read, no clock, no network. */
export interface QuoteInput {
  /** At most as much as fits into memory; bytes behind the signature data are never touched. */
  readonly quote: Uint8Array
  readonly collateral: ParsedCollateral
  /**
   * PEM text: PCK certificate, PCK CA, root. For quotes that do not carry it (certification data
   * types 1 to 4); where given, it counts in place of the quote's own.
   */
  readonly pckChain?: Uint8Array | undefined
  readonly roots: readonly TrustedRoot[]
  /** Unix seconds. */
  readonly now: number
  readonly hashes: Pick<Hashes, 'sha256'>
  /** TCB info and QE identity must have at least this number. */
  readonly minimumTcbEvaluationDataNumber?: number | undefined
}

/** Everything that was read from the input, before any judgement. */
export interface Evidence extends Omit<QuoteInput, 'quote'>, Anchor {
  readonly quote: Quote
  /** The collateral's certificates. */
  readonly published: DcapIssued
  /** Those, then what the PCK chain adds. */
  readonly issued: DcapIssued
  readonly pck: Certificate
  readonly platform: PckPlatform
  readonly qeReport: SgxReport
}

/** What the evidence says, taking every signature for granted. */
export function judge(
  evidence: Evidence,
  signatureChecks: number,
): Result<DcapVerdict, DcapTrustError> {
  const { issued, root, collateral, now } = evidence
  const dated = listDated(issued, root, collateral)
  const problem = findRuleProblem(issued, root, collateral, dated, now) ?? findMismatch(evidence)
  if (problem !== undefined) return err(problem)
  const report = splitReport(evidence.quote)
  const quotingEnclave = describeQuotingEnclave(evidence)
  const judged = judgeTcb(evidence, report, quotingEnclave)
  if (!judged.ok) return judged
  const { from, until } = commonWindow(dated)
  return ok({
    ...report,
    ...judged.value,
    ...describe(evidence),
    debug: report.tee === 'tdx' ? report.flags.underDebug : report.flags.debug,
    quotingEnclave,
    latestIssue: from,
    earliestExpiry: until,
    signatureChecks,
  })
}

/** Whether quote, PCK certificate and collateral speak of the same platform and enclave. */
function findMismatch(evidence: Evidence): DcapTrustError | undefined {
  const { quote, platform, collateral } = evidence
  const tcbInfo = collateral.tcbInfo.value
  const identity = collateral.qeIdentity.value
  if (tcbInfo.tee !== quote.tee) return { code: 'tcb_info_tee_mismatch' }
  if (identity.id !== (quote.tee === 'tdx' ? 'TD_QE' : 'QE')) {
    return { code: 'qe_identity_tee_mismatch' }
  }
  const tooOld = findOldEvaluation(evidence)
  if (tooOld !== undefined) return tooOld
  if (!equalBytes(tcbInfo.fmspc, platform.fmspc)) return { code: 'fmspc_mismatch' }
  if (!equalBytes(tcbInfo.pceId, platform.pceId)) return { code: 'pce_id_mismatch' }
  return undefined
}

function findOldEvaluation({
  collateral: { tcbInfo, qeIdentity },
  minimumTcbEvaluationDataNumber: minimum = 0,
}: Evidence): DcapTrustError | undefined {
  const documents = [
    ['tcb_info', tcbInfo.value.tcbEvaluationDataNumber],
    ['qe_identity', qeIdentity.value.tcbEvaluationDataNumber],
  ] as const
  const old = documents.find(([, number]) => number < minimum)
  if (old === undefined) return undefined
  const [document, number] = old
  return { code: 'tcb_evaluation_too_old', document, number, minimum }
}

type Report = ({ readonly tee: 'sgx' } & SgxReport) | ({ readonly tee: 'tdx' } & TdReport)

function splitReport({ tee, body }: Quote): Report {
  return tee === 'sgx' ? { tee, ...splitSgxReport(body) } : { tee, ...splitTdReport(body) }
}

/** The TDX module is looked at before the quoting enclave, as Intel's own verifier does. */
function judgeTcb(
  { platform, qeReport, collateral }: Evidence,
  report: Report,
  { status }: DcapVerdict['quotingEnclave'],
): Result<TcbJudgement, DcapTrustError> {
  const info = collateral.tcbInfo.value
  const module = report.tee === 'tdx' ? findModule(report, info) : ok(undefined)
  if (!module.ok) return module
  const problem = findEnclaveProblem(qeReport, collateral.qeIdentity.value)
  if (problem !== undefined) return err(problem)
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
    userData: quote.userData.slice(),
    certificationType: quote.certification.type,
    ...describeCollateral(trusted, collateral),
    platform: { ...platform, ca: caOf(pck.issuer), pckSerial: pck.serial.slice() },
    verifiedAt: now,
  }
}
