import { ok, type Result } from '@tacit/base'
import type { DispatchResult } from '../../framework/calls.ts'
import type { DispatchError } from '../../framework/dispatch-error.ts'
import { weigh, type Weight } from '../../framework/weights.ts'

/** The asset, two accounts of it with their deposits, three accounts and two lists of holds. */
export const moveWeight: Weight = weigh({ reads: 10, writes: 10, bytes: 2_000 })
/** The asset, its metadata or an account of it, two accounts and their holds. */
export const changeWeight: Weight = weigh({ reads: 8, writes: 8, bytes: 2_000 })

/** For each item: itself, its deposit, and the account and holds of whoever paid it. */
export function removeWeight(items: number): Weight {
  return weigh({ reads: 2 + 5 * items, writes: 2 + 5 * items, bytes: 1_000 * items })
}

/** Only what was removed is charged for. */
export function used(removed: Result<number, DispatchError>): DispatchResult {
  return removed.ok ? ok({ actualWeight: removeWeight(removed.value) }) : removed
}
