import { equalBytes } from '@tacit/base'
import type { ParsedSnpCollateral } from './collateral.ts'
import type { SnpFormError, SnpTcbName, SnpTrustError } from './errors.ts'
import { familyOfCpuid } from './family.ts'
import { TCB_AT, type SnpReport } from './report.ts'
import { findReservedTcbByte, findTcbBelow, findTcbDifference, splitTcb } from './tcb.ts'
import type { SnpVerdict } from './verdict.ts'

const TCB_NAMES: readonly SnpTcbName[] = ['current', 'reported', 'committed', 'launch']

/** The first byte of a TCB that the processor's family reserves and that is not zero. */
export function findReservedTcb(
  { tcbBytes }: SnpReport,
  { endorsement }: ParsedSnpCollateral,
): SnpFormError | undefined {
  for (const name of TCB_NAMES) {
    const at = findReservedTcbByte(endorsement.family, tcbBytes[name])
    if (at !== undefined) return { code: 'report_reserved_nonzero', at: TCB_AT[name] + at }
  }
  return undefined
}

/** Splits a report's four TCBs as the family of the certificate has them. */
export function splitTcbs(
  { tcbBytes }: SnpReport,
  { endorsement: { family } }: ParsedSnpCollateral,
): SnpVerdict['tcb'] {
  return {
    reported: splitTcb(family, tcbBytes.reported),
    committed: splitTcb(family, tcbBytes.committed),
    current: splitTcb(family, tcbBytes.current),
    launch: splitTcb(family, tcbBytes.launch),
  }
}

/**
 * Whether report and certificate speak of the same kind of key, the same processor and the same
 * patch level, and whether the levels are in order. The launch TCB is free: a guest that moved, or
 * whose host took back provisional firmware, was launched under a higher one.
 */
export function findBindingProblem(
  report: SnpReport,
  collateral: ParsedSnpCollateral,
  tcb: SnpVerdict['tcb'],
): SnpTrustError | undefined {
  const { endorsement, chain } = collateral
  if (collateral.signingKey !== report.signingKey) {
    const commonName = chain.leaf.subject.commonName ?? ''
    return { code: 'certificate_role_wrong', certificate: report.signingKey, commonName }
  }
  const found = report.cpuid === undefined ? undefined : familyOfCpuid(report.cpuid)
  if (found !== undefined && found !== endorsement.family) {
    return { code: 'product_mismatch', certificate: endorsement.family, found }
  }
  return findChipProblem(report, collateral) ?? findTcbProblem(collateral, tcb)
}

/**
 * A VCEK is one chip's: its certificate must name the chip, and the report the same one. Without a
 * name in the report that holds only where the host masks the chip's keys. A VLEK is a cloud's.
 */
function findChipProblem(
  { chipId, chipIdMasked, chipKeyMasked }: SnpReport,
  { signingKey, endorsement: { hwid, cspId } }: ParsedSnpCollateral,
): SnpTrustError | undefined {
  if (signingKey === 'vlek') {
    if (cspId === undefined) return { code: 'csp_id_missing' }
    return hwid === undefined ? undefined : { code: 'hwid_unexpected' }
  }
  if (hwid === undefined) return { code: 'hwid_missing' }
  if (chipIdMasked && chipKeyMasked) return undefined
  const isChip =
    equalBytes(chipId.subarray(0, hwid.length), hwid) &&
    chipId.subarray(hwid.length).every((byte) => byte === 0)
  return isChip ? undefined : { code: 'chip_id_mismatch' }
}

function findTcbProblem(
  { endorsement }: ParsedSnpCollateral,
  { reported, committed, current }: SnpVerdict['tcb'],
): SnpTrustError | undefined {
  const difference = findTcbDifference(endorsement.tcb, reported)
  if (difference !== undefined) return { code: 'tcb_mismatch', component: difference }
  const above = findTcbBelow(committed, reported)
  if (above !== undefined) {
    return { code: 'tcb_order_wrong', lower: 'reported', higher: 'committed', component: above }
  }
  const beyond = findTcbBelow(current, committed)
  return beyond === undefined
    ? undefined
    : { code: 'tcb_order_wrong', lower: 'committed', higher: 'current', component: beyond }
}
