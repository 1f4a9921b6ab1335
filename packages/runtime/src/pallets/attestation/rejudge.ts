import { InvariantError, type Result } from '@tacit/base'
import {
  parseCollateral,
  rejudgeDcap,
  type DcapError,
  type DcapRejudgement,
} from '@tacit/attestation'
import type { State } from '../../framework/state.ts'
import type { CollateralInfo } from './records.ts'
import { attestationStorage } from './types.ts'
import type { PlatformFacts } from './verdict-record.ts'

/** The stored collateral by which a platform is judged now; undefined where it was withdrawn. */
export function collateralInfoOf(
  state: State,
  { value: { collateral } }: PlatformFacts,
): CollateralInfo | undefined {
  return attestationStorage.CollateralInfos.get(state, collateral)
}

/** How the stored collateral judges a platform, from its facts alone. */
export function rejudge(
  state: State,
  { value: { collateral: id, facts } }: PlatformFacts,
): Result<DcapRejudgement, DcapError> {
  const collateral = attestationStorage.Collateral.get(state, id)
  if (collateral === undefined) throw new InvariantError('collateral without its documents')
  const parsed = parseCollateral(collateral)
  return parsed.ok ? rejudgeDcap(facts, parsed.value) : parsed
}
