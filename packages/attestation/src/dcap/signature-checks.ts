import type { Certificate } from '@tacit/crypto/x509'
import type { EvidenceCheck } from '../assessment.ts'
import { listChainChecks, signedCheck } from '../chain-rules.ts'
import type { ParsedCollateral, SignedDocument } from './collateral.ts'
import type { DcapSignatureError } from './errors.ts'
import type { DcapIssued } from './intel-rules.ts'
import type { Quote } from './quote.ts'

export type DcapCheck = EvidenceCheck<DcapSignatureError['code']>

/** The certificates, issuers first, and what they signed: six where one certificate signed both documents. */
export function listCollateralChecks(
  issued: DcapIssued,
  root: Certificate,
  { rootCrl, pckCrl, pckCa, tcbInfo, qeIdentity }: ParsedCollateral,
): readonly DcapCheck[] {
  return [
    ...listChainChecks(issued),
    signedCheck('root_crl_signature_invalid', root, rootCrl),
    signedCheck('pck_crl_signature_invalid', pckCa, pckCrl),
    documentCheck('tcb_info_signature_invalid', tcbInfo),
    documentCheck('qe_identity_signature_invalid', qeIdentity),
  ]
}

/**
 * The PCK chain's own certificates, the quoting enclave's report under the PCK, the quote under the
 * key that the report certifies.
 */
export function listQuoteChecks(
  issued: DcapIssued,
  quote: Quote,
  pck: Certificate,
): readonly DcapCheck[] {
  const { qeReport, qeReportSignature, attestationKey, signed, signature } = quote
  return [
    ...listChainChecks(issued),
    check('qe_report_signature_invalid', pck.publicKey.bytes, qeReport, qeReportSignature),
    check('quote_signature_invalid', attestationKey, signed, signature),
  ]
}

function documentCheck(
  failure: DcapCheck['failure'],
  { signer, bytes, signature }: SignedDocument<unknown>,
): DcapCheck {
  return check(failure, signer.publicKey.bytes, bytes, signature)
}

function check(
  failure: DcapCheck['failure'],
  publicKey: Uint8Array,
  message: Uint8Array,
  signature: Uint8Array,
): DcapCheck {
  return { failure, scheme: 'p256', publicKey, message, signature }
}
