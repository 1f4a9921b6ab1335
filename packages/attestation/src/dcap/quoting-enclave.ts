import { concatBytes, equalBytes } from '@tacit/base'
import type { Hashes } from '@tacit/crypto'
import { isZero } from './bytes-at.ts'
import type { DcapTrustError } from './errors.ts'
import type { QeIdentity } from './qe-identity.ts'
import type { Quote } from './quote.ts'
import type { SgxReport } from './sgx-report.ts'
import type { EnclaveLevel } from './tcb-info.ts'
import type { EnclaveStatus } from './tcb-status.ts'
import type { MatchedLevel } from './verdict.ts'

/** Whether the quoting enclave's report certifies this attestation key and nothing else. */
export function isKeyCertified(
  quote: Quote,
  report: SgxReport,
  hashes: Pick<Hashes, 'sha256'>,
): boolean {
  const expected = hashes.sha256(concatBytes(quote.attestationKey, quote.qeAuthData))
  const { reportData } = report
  return equalBytes(reportData.subarray(0, 32), expected) && isZero(reportData.subarray(32))
}

/** The first trait in which a report differs from Intel's quoting enclave. */
export function findEnclaveProblem(
  report: SgxReport,
  identity: QeIdentity,
): DcapTrustError | undefined {
  if (report.flags.debug) return { code: 'qe_debug' }
  if (!equalBytes(report.mrSigner, identity.mrSigner)) return { code: 'qe_mr_signer_mismatch' }
  if (report.isvProdId !== identity.isvProdId) return { code: 'qe_isv_prod_id_mismatch' }
  if (!equalMasked(report.miscSelect, identity.miscSelectMask, identity.miscSelect)) {
    return { code: 'qe_misc_select_mismatch' }
  }
  return equalMasked(report.attributes, identity.attributesMask, identity.attributes)
    ? undefined
    : { code: 'qe_attributes_mismatch' }
}

/** The highest level that a security version reaches. */
export function matchEnclaveLevel(
  levels: readonly EnclaveLevel[],
  isvSvn: number,
): MatchedLevel<EnclaveStatus> {
  const level = levels.find((candidate) => isvSvn >= candidate.isvSvn)
  if (level === undefined) return { status: 'NotSupported', tcbDate: undefined, advisories: [] }
  const { status, tcbDate, advisories } = level
  return { status, tcbDate, advisories }
}

function equalMasked(value: Uint8Array, mask: Uint8Array, expected: Uint8Array): boolean {
  for (let at = 0; at < value.length; at++) {
    if (((value[at] ?? 0) & (mask[at] ?? 0)) !== expected[at]) return false
  }
  return true
}
