import { equalBytes } from '@tacit/base'
import type { State } from '../../framework/state.ts'
import type { Role, SlotId } from '../../protocol/registration.ts'
import type { Instance } from './records.ts'
import { workersStorage } from './types.ts'

/**
 * The instance under a signing key where it may act in a role now: the newest of its slot, with
 * evidence that has not expired.
 * @param nowMs the chain's clock, Unix milliseconds.
 */
export function servingInstance(
  state: State,
  signingKey: Uint8Array,
  role: Role['type'],
  nowMs: bigint,
): Instance | undefined {
  const instance = workersStorage.Instances.get(state, signingKey)
  if (instance === undefined || instance.role.type !== role) return undefined
  if (nowMs >= instance.expiresMs) return undefined
  return isNewest(state, instance.slot, signingKey) ? instance : undefined
}

/** Whether the slot's newest instance has this signing key. */
export function isNewest(state: State, slot: SlotId, signingKey: Uint8Array): boolean {
  const newest = workersStorage.Slots.get(state, slot)
  return newest !== undefined && equalBytes(newest, signingKey)
}
