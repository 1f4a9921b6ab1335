import { bytesToHex } from '@tacit/base'
import type { GpuSetVerdict, NvidiaVerdict } from '../nvidia/verdict.ts'
import type { Verdict } from '../verdict.ts'
import type { Json } from '../verdict-json.ts'
import { DCAP_RULES } from './dcap-rules.ts'
import type { DcapPolicy } from './dcap-policy.ts'
import { hasUnnamedDriver, NVIDIA_RULES, NVIDIA_SET_RULES } from './nvidia-rules.ts'
import type { NvidiaPolicy } from './nvidia-policy.ts'
import type { Policy } from './policy.ts'
import { findBroken, ifRequired, unlessListed, type Finding } from './rules.ts'
import { SNP_RULES } from './snp-rules.ts'
import type { SnpPolicy } from './snp-policy.ts'

/**
 * Names of rules are paths of the policy's fields. `holds` is a rule of every policy: a verdict is
 * judged at a time for which it was given. The name of a section alone: the policy has none for
 * the vendor. NRAS tokens are judged by two more: they speak of every device, and no check failed.
 */
export type PolicyRule =
  | 'holds'
  | keyof Omit<Policy, 'name'>
  | `dcap.${keyof DcapPolicy}`
  | `sevSnp.${keyof SnpPolicy}`
  | `nvidia.${keyof NvidiaPolicy | 'nrasDisclosed' | 'nrasChecks'}`

export type PolicyFailure = Finding<PolicyRule>

export interface PolicyResult {
  readonly policy: string
  readonly accepted: boolean
  /** Every rule that was broken: common ones first, then the vendor's. */
  readonly failed: readonly PolicyFailure[]
}

/**
 * Judges a verdict by every rule of a policy; a pure function of its arguments.
 * @param at when it is judged, Unix seconds; the time of verifying unless told otherwise.
 */
export function evaluatePolicy(
  verdict: Verdict,
  policy: Policy,
  at: number = verdict.verifiedAt,
): PolicyResult {
  const failed = [...checkCommon(verdict, policy, at), ...checkSection(verdict, policy)]
  return { policy: policy.name, accepted: failed.length === 0, failed }
}

function checkCommon(verdict: Verdict, policy: Policy, at: number): readonly PolicyFailure[] {
  const { tee, debug, verifiedAt, root } = verdict
  const { roots, tees, maxEvidenceAgeSeconds: maxAge } = policy
  const age = at - verifiedAt
  const isRevocationOpen = policy.requireRevocationKnown === true && !isRevocationKnown(verdict)
  return [
    ...checkWindow(verdict, at),
    ...failure('roots', unlessListed(bytesToHex(root.fingerprint), roots), roots),
    ...failure('debug', ifRequired(!policy.debug, !debug, debug), policy.debug),
    ...failure('tees', tees && unlessListed(tee, tees), tees ?? []),
    ...failure('maxEvidenceAgeSeconds', ifAbove(age, maxAge), maxAge ?? 0),
    ...checkCollateralAge(verdict, policy),
    ...failure('requireRevocationKnown', isRevocationOpen ? false : undefined, true),
  ]
}

/** Whether a verdict holds at a time. */
export function checkWindow(
  verdict: Pick<Verdict, 'latestIssue' | 'earliestExpiry'>,
  at: number,
): readonly PolicyFailure[] {
  const { latestIssue: from, earliestExpiry: until } = verdict
  return failure('holds', at < from || at > until ? at : undefined, { from, until })
}

function checkCollateralAge(verdict: Verdict, policy: Policy): readonly PolicyFailure[] {
  const section = sectionOf(verdict.tee)
  const own = policy[section]?.maxCollateralAgeSeconds
  const maximum = own ?? policy.maxCollateralAgeSeconds
  const issued = oldestIssue(verdict)
  const found = issued === undefined ? undefined : ifAbove(verdict.verifiedAt - issued, maximum)
  const rule = 'maxCollateralAgeSeconds'
  return failure(own === undefined ? rule : `${section}.${rule}`, found, maximum ?? 0)
}

/** When the oldest document was issued that is issued anew from time to time. */
function oldestIssue(verdict: Verdict): number | undefined {
  if (verdict.tee === 'nvidia') return undefined
  if (verdict.tee === 'sev-snp') return verdict.issued.crl
  const { tcbInfo, qeIdentity, pckCrl } = verdict.issued
  return Math.min(tcbInfo, qeIdentity, pckCrl)
}

/** DCAP verdicts rest on all revocation lists. */
function isRevocationKnown(verdict: Verdict): boolean {
  if (verdict.tee === 'nvidia') {
    return devicesOf(verdict).every(({ revocation }) => revocation.unknown.length === 0)
  }
  return verdict.tee !== 'sev-snp' || verdict.revocationKnownUntil !== undefined
}

function checkSection(verdict: Verdict, policy: Policy): readonly PolicyFailure[] {
  const { dcap, sevSnp, nvidia } = policy
  if (verdict.tee === 'nvidia') {
    return nvidia ? checkDevices(verdict, nvidia) : missing(verdict)
  }
  if (verdict.tee === 'sev-snp') {
    return sevSnp ? findBroken(SNP_RULES, verdict, sevSnp, 'sevSnp.') : missing(verdict)
  }
  return dcap ? findBroken(DCAP_RULES, verdict, dcap, 'dcap.') : missing(verdict)
}

/** A set is as good as the worst of its devices. */
function checkDevices(
  verdict: NvidiaVerdict | GpuSetVerdict,
  section: NvidiaPolicy,
): readonly PolicyFailure[] {
  const named = verdict.kind === 'set' ? verdict : { topology: undefined, driverVersions: [] }
  const set = { ...named, hasUnnamedDriver: hasUnnamedDriver(devicesOf(verdict)) }
  const together = findBroken(NVIDIA_SET_RULES, set, section, 'nvidia.')
  const each = devicesOf(verdict).flatMap((one, device) => {
    const failed = findBroken(NVIDIA_RULES, one, section, 'nvidia.')
    return verdict.kind === 'set' ? failed.map((broken) => ({ ...broken, device })) : failed
  })
  return [...together, ...each]
}

function devicesOf(verdict: NvidiaVerdict | GpuSetVerdict): readonly NvidiaVerdict[] {
  return verdict.kind === 'set' ? verdict.devices : [verdict]
}

function missing({ tee }: Verdict): readonly PolicyFailure[] {
  return failure(sectionOf(tee), tee, null)
}

function sectionOf(tee: Verdict['tee']): 'dcap' | 'sevSnp' | 'nvidia' {
  if (tee === 'nvidia') return 'nvidia'
  return tee === 'sev-snp' ? 'sevSnp' : 'dcap'
}

/** What was found, where it is above the greatest. */
export function ifAbove(found: number, maximum: number | undefined): Json | undefined {
  return maximum !== undefined && found > maximum ? found : undefined
}

/** A broken rule, where something was found. */
export function failure(
  rule: PolicyRule,
  found: Json | undefined,
  accepted: Json,
): readonly PolicyFailure[] {
  return found === undefined ? [] : [{ rule, found, accepted }]
}
