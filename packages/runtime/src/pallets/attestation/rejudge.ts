import { InvariantError } from '@tacit/base'
import { parseCollateral, rejudgeDcap } from '@tacit/attestation'
import type { State } from '../../framework/state.ts'
import { acceptsLevel, chainPolicy } from './policy.ts'
import type { AmdCollateralInfo, CollateralInfo } from './records.ts'
import { attestationStorage } from './types.ts'
import type { PlatformFacts, VerdictRecord } from './verdict-record.ts'

/** The stored collateral by which a platform is judged now; undefined where it was withdrawn. */
export function collateralInfoOf(
  state: State,
  { type, value }: PlatformFacts,
): CollateralInfo | AmdCollateralInfo | undefined {
  return type === 'Dcap'
    ? attestationStorage.CollateralInfos.get(state, value.collateral)
    : attestationStorage.AmdCollateralInfos.get(state, value.collateral)
}

/** What collateral says of a platform that older collateral vouched for. */
export type Rejudgement =
  | 'accepted'
  /** The policy does not accept its patch level any more. */
  | 'level_refused'
  /** Its certificate or its patch level was revoked, or its module is not known any more. */
  | 'platform_refused'

/** How the stored collateral judges a platform, from its facts alone. */
export function rejudge(
  state: State,
  { facts, rootFingerprint }: Pick<VerdictRecord, 'facts' | 'rootFingerprint'>,
): Rejudgement {
  // AMD's lists name intermediates alone, and revoking one takes the whole set away.
  if (facts.type === 'SevSnp') return 'accepted'
  const collateral = attestationStorage.Collateral.get(state, facts.value.collateral)
  const parsed = collateral && parseCollateral(collateral)
  if (!parsed?.ok) throw new InvariantError('stored collateral was verified')
  const judged = rejudgeDcap(facts.value.facts, parsed.value)
  if (!judged.ok || judged.value.status === 'Revoked') return 'platform_refused'
  const policy = chainPolicy(state, { fingerprint: rootFingerprint })
  return acceptsLevel(policy, judged.value) ? 'accepted' : 'level_refused'
}
