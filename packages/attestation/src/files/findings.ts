import { bytesToHex } from '@tacit/base'
import type { HclRuntime } from '../azure/hcl-report.ts'
import type { DstackEvidence } from '../event-log/dstack-report.ts'
import type { MeasuredEvent } from '../event-log/event.ts'
import { formatTime, oneLine } from '../explain-text.ts'
import { explainVerdict } from '../explain.ts'
import type { NrasVerdict } from '../nvidia/nras/nras.ts'
import type { RimVerdict } from '../nvidia/rim/rim.ts'
import type { GpuSetVerdict, NvidiaVerdict } from '../nvidia/verdict.ts'
import { evaluateNras } from '../policy/evaluate-nras.ts'
import { explainPolicy } from '../policy/explain-policy.ts'
import { evaluatePolicy, type PolicyResult } from '../policy/evaluate.ts'
import type { Policy } from '../policy/policy.ts'
import { toJson, type Json } from '../verdict-json.ts'
import type { CodedError, Findings } from './verify-evidence.ts'

/**
 * Why findings are refused: the policy's word, or without one what the vendor itself no longer
 * vouches for. Undefined where they are accepted.
 */
export function refusalOf(findings: Findings, judged?: PolicyResult): string | undefined {
  if (judged) return judged.accepted ? undefined : 'policy_refused'
  if (findings.type === 'devices') return devicesRefusal(findings.verdict)
  if (findings.type !== 'platform' || findings.verdict.tee === 'sev-snp') return undefined
  const { status } = findings.verdict
  if (status === 'NotSupported') return 'status_not_supported'
  return status === 'Revoked' ? 'status_revoked' : undefined
}

/**
 * Judges findings by every rule of a policy. Undefined for manifests alone: they are no evidence,
 * and no policy says anything about them.
 */
export function evaluateFindings(findings: Findings, policy: Policy): PolicyResult | undefined {
  if (findings.type === 'rim') return undefined
  if (findings.type === 'nras') return evaluateNras(findings.verdict, policy)
  return evaluatePolicy(findings.verdict, policy)
}

function devicesRefusal(verdict: GpuSetVerdict | NvidiaVerdict): string | undefined {
  const devices = verdict.kind === 'set' ? verdict.devices : [verdict]
  const isOther = devices.some(
    ({ rims }) => rims.driver.status === 'mismatched' || rims.vbios.status === 'mismatched',
  )
  return isOther ? 'measurements_mismatched' : undefined
}

/**
 * When evidence that an error of time refuses did hold: the recorded time if it is one, else the
 * first. Unix seconds; undefined for other errors, and where no time suits all of it.
 */
export function findHeldAt(error: CodedError, recordedAt?: number): number | undefined {
  if (!('verifiable' in error)) return undefined
  const { from, until } = error.verifiable as { readonly from: number; readonly until: number }
  if (from > until) return undefined
  const isRecorded = recordedAt !== undefined && recordedAt >= from && recordedAt <= until
  return isRecorded ? recordedAt : from
}

/** Findings as JSON: bytes as hex, manifests' values as lists of pairs. */
export function findingsToJson(findings: Findings): { readonly [name: string]: Json } {
  const fields = Object.entries(findings).filter(([, value]) => value !== undefined)
  return Object.fromEntries(fields.map(([name, value]) => [name, toJson(value)]))
}

/** Says to a person what was proved, line by line, and what a policy makes of it. */
export function explainFindings(findings: Findings, judged?: PolicyResult): readonly string[] {
  return describeFindings(findings, judged).map(oneLine)
}

function describeFindings(findings: Findings, judged?: PolicyResult): readonly string[] {
  if (findings.type === 'rim') return explainRim(findings.verdict)
  if (findings.type === 'nras')
    return [...explainNras(findings.verdict), ...(judged ? explainPolicy(judged) : [])]
  const lines = explainVerdict(findings.verdict, judged)
  if (findings.type === 'devices') return lines
  const { runtime, dstack, events } = findings
  return [
    ...lines,
    ...(runtime ? explainRuntime(runtime) : []),
    ...(dstack ? explainDstack(dstack) : []),
    ...(events ? [explainEvents(events)] : []),
  ]
}

function explainRim(verdict: RimVerdict): readonly string[] {
  const { id, version, root, values, signatureChecks } = verdict
  return [
    `NVIDIA reference integrity manifest ${id}; ${signatureChecks} signatures verified`,
    `vouched for by ${root.name} (${bytesToHex(root.fingerprint.subarray(0, 8))})`,
    `version    ${version}`,
    `golden     ${values.size} measurements`,
    `valid      ${formatTime(verdict.latestIssue)} to ${formatTime(verdict.earliestExpiry)}, ` +
      `checked for ${formatTime(verdict.verifiedAt)}`,
  ]
}

function explainNras(verdict: NrasVerdict): readonly string[] {
  const { issuer, devices, undisclosed, signatureChecks } = verdict
  return [
    `NVIDIA's own verdict by ${issuer}; ${signatureChecks} signatures verified`,
    "vouched for by the set of keys that was given: no root vouches for it, make sure it is NVIDIA's",
    ...devices.map(
      ({ name, hardwareModel, driverVersion, vbiosVersion, measurements }) =>
        `${name.padEnd(10)} ${[hardwareModel, driverVersion, vbiosVersion].join(', ')}; measurements ${measurements}`,
    ),
    ...(undisclosed.length === 0 ? [] : [`not shown  ${undisclosed.join(' ')}`]),
    `valid      ${formatTime(verdict.latestIssue)} to ${formatTime(verdict.earliestExpiry)}, ` +
      `checked for ${formatTime(verdict.verifiedAt)}`,
  ]
}

function explainRuntime({ vmUniqueId, secureBoot, userData }: HclRuntime): readonly string[] {
  return [
    `Azure      VM ${vmUniqueId ?? 'unnamed'}, secure boot ${secureBoot === true ? 'on' : 'not proved'}`,
    ...(userData ? [`userData   ${bytesToHex(userData)}`] : []),
    "the virtual TPM's own quote is not verified",
  ]
}

function explainDstack({ composeHash, appId, events }: DstackEvidence): readonly string[] {
  return [
    `dstack     ${events.length} events replay to the registers`,
    ...(appId ? [`app        ${bytesToHex(appId)}`] : []),
    ...(composeHash ? [`compose    ${bytesToHex(composeHash)}`] : []),
  ]
}

function explainEvents(events: readonly MeasuredEvent[]): string {
  const proved = events.filter(({ proof }) => proof === 'content').length
  return `event log  ${events.length} events replay to RTMR0 to RTMR2, ${proved} with their content`
}
