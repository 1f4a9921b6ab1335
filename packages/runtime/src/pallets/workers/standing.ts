import { equalBytes } from '@tacit/base'
import type { State } from '../../framework/state.ts'
import { MAX_GPU_DEVICES } from '../../protocol/evidence.ts'
import { isEvaluationTooOld } from '../attestation/collateral.ts'
import { collateralInfoOf, rejudge } from '../attestation/rejudge.ts'
import { attestationStorage, MAX_COLLATERAL_BYTES } from '../attestation/types.ts'
import type { Grace, Instance, LapseReason } from './records.ts'
import { GRACE_MS, MAX_EVIDENCE_AGE_MS } from './types.ts'

/** The most that judging one instance takes. */
export const STANDING_EFFORT: { readonly reads: number; readonly bytes: number } = {
  reads: 14 + MAX_GPU_DEVICES,
  bytes: 8 * MAX_COLLATERAL_BYTES,
}

/** What an instance may do now. */
export type Standing =
  /** It works, is paid, and gets keys. */
  | { readonly type: 'Good' }
  /** It works and is paid until then, and gets no keys. */
  | { readonly type: 'Grace'; readonly grace: Grace }
  /** It is out of service. */
  | { readonly type: 'Out'; readonly reason: LapseReason }

/** What speaks against an instance, and until when (Unix milliseconds) it is paid all the same. */
type Doubt = { readonly reason: LapseReason['type']; readonly untilMs: bigint }

/** Nothing is paid any more. */
const AT_ONCE = 0n

/**
 * Judges an instance by the state as it is: age of its evidence, collateral, governance. A pure
 * function of both, so that what it finds counts from the block on in which it came to be true,
 * whenever the chain's rounds come to the instance.
 * @param nowMs the chain's clock, Unix milliseconds.
 */
export function standingOf(state: State, instance: Instance, nowMs: bigint): Standing {
  const doubts = [
    ...doubtAge(instance, nowMs),
    ...doubtGovernance(state, instance),
    ...doubtCollateral(state, instance),
  ].map((doubt) => asNoted(doubt, instance.grace))
  const [first, ...others] = doubts
  if (first === undefined) return { type: 'Good' }
  const worst = others.reduce((one, other) => (other.untilMs < one.untilMs ? other : one), first)
  const reason = { type: worst.reason }
  if (nowMs >= worst.untilMs) return { type: 'Out', reason }
  return { type: 'Grace', grace: { reason, untilMs: worst.untilMs } }
}

/** A grace that has begun ends when it was to: collateral of the next day does not begin it anew. */
function asNoted(doubt: Doubt, grace: Grace | undefined): Doubt {
  const isShorter = grace?.reason.type === doubt.reason && grace.untilMs < doubt.untilMs
  return isShorter ? { ...doubt, untilMs: grace.untilMs } : doubt
}

/** Whether work of the instance is paid. */
export function isAcceptableForBilling(state: State, instance: Instance, nowMs: bigint): boolean {
  return standingOf(state, instance, nowMs).type !== 'Out'
}

/** Whether keys may be released to the instance. */
export function isAcceptableForKeyRelease(
  state: State,
  instance: Instance,
  nowMs: bigint,
): boolean {
  return standingOf(state, instance, nowMs).type === 'Good'
}

function* doubtAge({ registeredMs, verdict }: Instance, nowMs: bigint): Iterable<Doubt> {
  const evidenceEndsMs = registeredMs + MAX_EVIDENCE_AGE_MS
  if (nowMs >= evidenceEndsMs) yield { reason: 'EvidenceExpired', untilMs: evidenceEndsMs }
  const collateralEndsMs = verdict.earliestExpiry * 1_000n
  if (nowMs >= collateralEndsMs) {
    yield { reason: 'CollateralExpired', untilMs: collateralEndsMs + GRACE_MS }
  }
}

function* doubtGovernance(state: State, instance: Instance): Iterable<Doubt> {
  const { verdict, role, policyVersion } = instance
  const { rootFingerprint, gpuRoots, measurement, platform, gpus } = verdict
  const { Roots, Measurements, RevokedPlatforms, Policy } = attestationStorage
  const isTrusted = [rootFingerprint, ...gpuRoots].every((root) => Roots.has(state, root))
  if (!isTrusted) yield { reason: 'RootRemoved', untilMs: AT_ONCE }
  if (!Measurements.get(state, { role, measurement })) {
    yield { reason: 'MeasurementDisallowed', untilMs: AT_ONCE }
  }
  const platforms = [platform, ...gpus.map((gpu) => gpu.platform)]
  if (platforms.some((one) => RevokedPlatforms.has(state, one))) {
    yield { reason: 'PlatformRevoked', untilMs: AT_ONCE }
  }
  const policy = Policy.get(state)
  if ((policy?.version ?? 0) !== policyVersion) {
    yield { reason: 'PolicyChanged', untilMs: (policy?.changedMs ?? 0n) + GRACE_MS }
  }
}

function* doubtCollateral(state: State, { verdict, judgedBy }: Instance): Iterable<Doubt> {
  const info = collateralInfoOf(state, verdict.facts)
  if (info === undefined) {
    yield { reason: 'CollateralWithdrawn', untilMs: AT_ONCE }
    return
  }
  const minimum = attestationStorage.MinimumEvaluation.get(state)
  if ('tcbEvaluationDataNumber' in info && isEvaluationTooOld(info, minimum.number)) {
    yield { reason: 'EvaluationTooOld', untilMs: minimum.changedMs + GRACE_MS }
  }
  if (equalBytes(info.hash, judgedBy)) return
  const judged = rejudge(state, verdict)
  if (judged === 'platform_refused') yield { reason: 'PlatformRefused', untilMs: AT_ONCE }
  if (judged === 'level_refused') {
    yield { reason: 'TcbRefused', untilMs: info.acceptedMs + GRACE_MS }
  }
}
