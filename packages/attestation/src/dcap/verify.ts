import type { Result } from '@tacit/base'
import type { SignatureCheck } from '@tacit/crypto'
import { decide } from '../assessment.ts'
import { assessParsed, type DcapAssessment } from './assess-quote.ts'
import { parseCollateral, type DcapCollateral } from './collateral.ts'
import type { DcapError } from './errors.ts'
import type { QuoteInput } from './judge-quote.ts'
import type { DcapVerdict } from './verdict.ts'

/** What a verification is decided from; nothing else is read, no clock, no network. */
export interface DcapInput extends Omit<QuoteInput, 'collateral'> {
  readonly collateral: DcapCollateral
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

/**
 * Reads DCAP evidence for SGX or TDX, quote versions 3 to 5, and lists the signatures that it rests
 * on without deciding any; errors are about form and the pinned root.
 * Source: Intel DCAP Quote Verification Library and Intel TDX DCAP Quoting Library API.
 */
export function assessDcap(input: DcapInput): Result<DcapAssessment, DcapError> {
  const collateral = parseCollateral(input.collateral)
  return collateral.ok ? assessQuote({ ...input, collateral: collateral.value }) : collateral
}

/** As assessDcap(), with collateral that was parsed before. */
export function assessQuote(input: QuoteInput): Result<DcapAssessment, DcapError> {
  return assessParsed(input, false)
}
