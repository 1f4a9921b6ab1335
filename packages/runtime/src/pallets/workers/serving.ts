import { equalBytes } from '@tacit/base'
import type { State } from '../../framework/state.ts'
import type { Role, SlotId } from '../../protocol/registration.ts'
import type { Instance } from './records.ts'
import { isAcceptableForBilling, isAcceptableForKeyRelease } from './standing.ts'
import { workersStorage } from './types.ts'

/** What an instance is wanted for: paid work, or keys that must not go astray. */
export type Purpose = 'billing' | 'keyRelease'

const IS_ACCEPTABLE = {
  billing: isAcceptableForBilling,
  keyRelease: isAcceptableForKeyRelease,
} as const

/**
 * The instance under a signing key where it may act in a role now: the newest of its slot, in good
 * standing, or for billing at least in grace.
 * @param nowMs the chain's clock, Unix milliseconds.
 */
export function servingInstance(
  state: State,
  signingKey: Uint8Array,
  role: Role['type'],
  nowMs: bigint,
  purpose: Purpose,
): Instance | undefined {
  const instance = workersStorage.Instances.get(state, signingKey)
  if (instance === undefined || instance.role.type !== role) return undefined
  if (!isNewest(state, instance.slot, signingKey)) return undefined
  return IS_ACCEPTABLE[purpose](state, instance, nowMs) ? instance : undefined
}

/** Whether the slot's newest instance has this signing key. */
export function isNewest(state: State, slot: SlotId, signingKey: Uint8Array): boolean {
  const newest = workersStorage.Slots.get(state, slot)
  return newest !== undefined && equalBytes(newest, signingKey)
}
