import { bytesToHex } from '@tacit/base'
import type { DcapVerdict } from '../dcap/verdict.ts'
import type { Json } from '../verdict-json.ts'
import type { DcapPolicy } from './dcap-policy.ts'
import { ifBelow, ifRequired, unlessListed, unlessMeasured, type Rules } from './rules.ts'

/** What the policy for SGX and TDX demands; ages of collateral are judged with the others'. */
export const DCAP_RULES: Rules<DcapVerdict, Omit<DcapPolicy, 'maxCollateralAgeSeconds'>> = {
  statuses: ({ status }, accepted) => {
    return status === 'NotSupported' ? status : unlessListed(status, accepted)
  },
  moduleStatuses: ({ module }, accepted) => module && unlessListed(module.status, accepted),
  quotingEnclaveStatuses: ({ quotingEnclave }, accepted) => {
    return unlessListed(quotingEnclave.status, accepted)
  },
  deniedAdvisories: ({ advisories, quotingEnclave }, denied) => {
    const all = new Set([...advisories, ...quotingEnclave.advisories])
    const found = [...all].filter((advisory) => denied.includes(advisory))
    return found.length === 0 ? undefined : found
  },
  minimumTcbEvaluationDataNumber: (verdict, minimum) => {
    const { tcbEvaluationDataNumber, qeIdentityEvaluationDataNumber } = verdict
    return ifBelow(Math.min(tcbEvaluationDataNumber, qeIdentityEvaluationDataNumber), minimum)
  },
  minimumTeeTcbSvn: (verdict, minimum) => {
    if (verdict.tee !== 'tdx') return undefined
    const svns = [...verdict.teeTcbSvn]
    return minimum.some((least, at) => (svns[at] ?? 0) < least) ? svns : undefined
  },
  minimumPceSvn: ({ platform }, minimum) => ifBelow(platform.pceSvn, minimum),
  minimumQuotingEnclaveSvn: ({ quotingEnclave }, minimum) => {
    return ifBelow(quotingEnclave.isvSvn, minimum)
  },
  minimumIsvSvn: (verdict, minimum) => {
    return verdict.tee === 'sgx' ? ifBelow(verdict.isvSvn, minimum) : undefined
  },
  ppids: ({ platform }, accepted) => unlessListed(bytesToHex(platform.ppid), accepted),
  fmspcs: ({ platform }, accepted) => unlessListed(bytesToHex(platform.fmspc), accepted),
  platformInstanceIds: ({ platform: { platformInstanceId } }, accepted) => {
    return unlessListed(platformInstanceId && bytesToHex(platformInstanceId), accepted)
  },
  requireSmtDisabled: ({ platform }, isRequired) => {
    const smtEnabled = platform.configuration?.smtEnabled
    return ifRequired(isRequired, smtEnabled === false, smtEnabled ?? null)
  },
  refuseDynamicPlatform: ({ platform }, isRequired) => {
    return ifRequired(isRequired, platform.configuration?.dynamicPlatform !== true, true)
  },
  refuseCachedKeys: ({ platform }, isRequired) => {
    return ifRequired(isRequired, platform.configuration?.cachedKeys !== true, true)
  },
  requireSeptVeDisable: (verdict, isRequired) => {
    const holds = verdict.tee !== 'tdx' || verdict.flags.septVeDisable
    return ifRequired(isRequired, holds, false)
  },
  refuseUnknownAttributes: (verdict, isRequired) => {
    const attributes = verdict.tee === 'tdx' ? verdict.tdAttributes : verdict.attributes
    return ifRequired(isRequired, !verdict.flags.unknown, bytesToHex(attributes))
  },
  deniedTdAttributes: (verdict, denied) => {
    return verdict.tee === 'tdx' ? findSet(verdict.flags, denied) : undefined
  },
  deniedSgxAttributes: (verdict, denied) => {
    return verdict.tee === 'sgx' ? findSet(verdict.flags, denied) : undefined
  },
  refuseServiceTd: (verdict, isRequired) => {
    if (verdict.tee !== 'tdx' || verdict.mrServiceTd === undefined) return undefined
    const isZero = verdict.mrServiceTd.every((byte) => byte === 0)
    return ifRequired(isRequired, isZero, bytesToHex(verdict.mrServiceTd))
  },
  measurements: (verdict, accepted) => unlessMeasured(describeProgram(verdict), accepted),
}

function findSet<K extends string>(
  flags: Readonly<Record<K, boolean>>,
  denied: readonly K[],
): Json | undefined {
  const found = denied.filter((name) => flags[name])
  return found.length === 0 ? undefined : found
}

/** Under the names that allow lists use; a TD 1.0 has no service TD, which TD 1.5 writes as zeros. */
function describeProgram(verdict: DcapVerdict): Readonly<Record<string, string | number>> {
  if (verdict.tee === 'sgx') {
    const { tee, mrEnclave, mrSigner, configId, isvFamilyId, isvExtProdId } = verdict
    const bytes = { mrEnclave, mrSigner, configId, isvFamilyId, isvExtProdId }
    const { isvProdId, isvSvn } = verdict
    return { tee, ...toHex(bytes), isvProdId, isvSvn }
  }
  const { tee, mrTd, rtmr0, rtmr1, rtmr2, rtmr3, mrConfigId, mrOwner, mrOwnerConfig } = verdict
  const { mrSeam, mrServiceTd = new Uint8Array(48) } = verdict
  const registers = { mrTd, rtmr0, rtmr1, rtmr2, rtmr3, mrConfigId, mrOwner, mrOwnerConfig }
  return { tee, ...toHex({ ...registers, mrSeam, mrServiceTd }) }
}

function toHex(fields: Readonly<Record<string, Uint8Array>>): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(fields).map(([name, bytes]) => [name, bytesToHex(bytes)]),
  )
}
