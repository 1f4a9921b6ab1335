import { err, ok, type Result } from '@tacit/base'
import { findAnchor } from '../anchor.ts'
import type { Assessment } from '../assessment.ts'
import { listIssued } from '../chain-rules.ts'
import { parsePemChain } from '../chain.ts'
import { findPckChain, findPckMismatch } from './certification.ts'
import { DCAP_SCHEMES } from './collateral.ts'
import type { DcapError, DcapSignatureError, DcapTrustError } from './errors.ts'
import { judge, type Evidence, type QuoteInput } from './judge-quote.ts'
import { parsePckPlatform } from './pck-extension.ts'
import { parseQuote } from './quote.ts'
import { isKeyCertified } from './quoting-enclave.ts'
import { splitSgxReport } from './sgx-report.ts'
import { listCollateralChecks, listQuoteChecks, type DcapCheck } from './signature-checks.ts'
import type { DcapVerdict } from './verdict.ts'

/** Parsed evidence: what it comes to once the checks have verified. */
export type DcapAssessment = Assessment<DcapVerdict, DcapSignatureError['code'], DcapTrustError>

/**
 * Reads a quote against parsed collateral and lists the checks, those of the collateral first.
 * @param isCollateralVerified leaves the collateral's checks out: they all verified before, under
 *   the root that its own chains end in, which is compared with the trusted roots again.
 */
export function assessParsed(
  input: QuoteInput,
  isCollateralVerified: boolean,
): Result<DcapAssessment, DcapError> {
  const quote = parseQuote(input.quote)
  if (!quote.ok) return quote
  const { certification } = quote.value
  const pem = findPckChain(certification, input.pckChain)
  if (!pem.ok) return pem
  const { pckCa, pckCrlChain, tcbInfo, qeIdentity } = input.collateral
  const pckChain = parsePemChain('pck', pem.value, ['pck', 'pck_ca'], DCAP_SCHEMES, [pckCa])
  if (!pckChain.ok) return pckChain
  const published = [pckCrlChain, tcbInfo.chain, qeIdentity.chain] as const
  const anchor = findAnchor([pckChain.value, ...published], input.roots, 'intel')
  if (!anchor.ok) return anchor
  const pck = pckChain.value.leaf
  const platform = parsePckPlatform(pck)
  if (!platform.ok) return platform
  const mismatch = findPckMismatch(certification, pck, platform.value)
  if (mismatch !== undefined) return err(mismatch)
  const { root } = anchor.value
  const publishedIssued = listIssued(published, root)
  const evidence: Evidence = {
    ...input,
    ...anchor.value,
    quote: quote.value,
    published: publishedIssued,
    issued: listIssued([pckChain.value], root, publishedIssued),
    pck,
    platform: platform.value,
    qeReport: splitSgxReport(quote.value.qeReport),
  }
  return ok(assess(evidence, isCollateralVerified))
}

/**
 * The quote's own signature counts only under a key that the quoting enclave certified: where it
 * did not, that is the finding, resting on all the other signatures.
 */
function assess(evidence: Evidence, isCollateralVerified: boolean): DcapAssessment {
  const { published, issued, root, collateral, quote, pck, qeReport, hashes } = evidence
  const ofCollateral = listCollateralChecks(published, root, collateral)
  const ofQuote = listQuoteChecks(issued.slice(published.length), quote, pck)
  const isCertified = isKeyCertified(quote, qeReport, hashes)
  const counted = isCertified ? ofQuote : ofQuote.slice(0, -1)
  const checks: readonly DcapCheck[] = isCollateralVerified
    ? counted
    : [...ofCollateral, ...counted]
  if (!isCertified) return { checks, outcome: err({ code: 'qe_report_data_mismatch' }) }
  return { checks, outcome: judge(evidence, ofCollateral.length + ofQuote.length) }
}
