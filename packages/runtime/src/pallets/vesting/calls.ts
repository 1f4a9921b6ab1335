import { struct, u32, unit } from '@tacit/base'
import { defineCalls, type Calls } from '../../framework/calls.ts'
import { lookup, multiAddress, type MultiAddress } from '../../framework/multi-address.ts'
import { ensureRoot, ensureSigned } from '../../framework/origin.ts'
import { weigh, type Weight } from '../../framework/weights.ts'
import { merge, removeSchedule, vest, vestedTransfer } from './schedules.ts'
import { MAX_VESTING_SCHEDULES, vestingInfo, type VestingInfo } from './types.ts'

type Target = { readonly target: MultiAddress }
type VestedTransfer = Target & { readonly schedule: VestingInfo }

const LIST_BYTES = 36 * MAX_VESTING_SCHEDULES
/** Schedules, locks, freezes and holds of an account, and the account. */
const updateWeight: Weight = weigh({ reads: 5, writes: 4, bytes: LIST_BYTES })
/** The same, and the account that pays. */
const transferWeight: Weight = weigh({ reads: 6, writes: 5, bytes: LIST_BYTES })

/** Indices as in pallet_vesting. */
export const vestingCalls: Calls<{
  vest: undefined
  vest_other: Target
  vested_transfer: VestedTransfer
  force_vested_transfer: VestedTransfer & { readonly source: MultiAddress }
  merge_schedules: { readonly schedule1_index: number; readonly schedule2_index: number }
  force_remove_vesting_schedule: Target & { readonly schedule_index: number }
}> = defineCalls({
  vest: {
    index: 0,
    args: unit,
    docs: ["Frees what has vested of the sender's balance."],
    weight: () => updateWeight,
    dispatch(context) {
      const who = ensureSigned(context.origin)
      return who.ok ? vest(context, who.value) : who
    },
  },
  vest_other: {
    index: 1,
    args: struct({ target: multiAddress }),
    docs: ["Frees what has vested of anybody's balance."],
    weight: () => updateWeight,
    dispatch(context, { target }) {
      const sender = ensureSigned(context.origin)
      if (!sender.ok) return sender
      const who = lookup(target)
      return who.ok ? vest(context, who.value) : who
    },
  },
  vested_transfer: {
    index: 2,
    args: struct({ target: multiAddress, schedule: vestingInfo }),
    docs: ['Sends free balance that vests with the recipient, who pays the deposit out of it.'],
    weight: () => transferWeight,
    dispatch(context, { target, schedule }) {
      const source = ensureSigned(context.origin)
      if (!source.ok) return source
      const to = lookup(target)
      return to.ok ? vestedTransfer(context, source.value, to.value, schedule) : to
    },
  },
  force_vested_transfer: {
    index: 3,
    args: struct({ source: multiAddress, target: multiAddress, schedule: vestingInfo }),
    docs: ["Sends somebody's free balance, as vested_transfer does. Only the chain itself may."],
    weight: () => transferWeight,
    dispatch(context, { source, target, schedule }) {
      const allowed = ensureRoot(context.origin)
      if (!allowed.ok) return allowed
      const to = lookup(target)
      if (!to.ok) return to
      const from = lookup(source)
      return from.ok ? vestedTransfer(context, from.value, to.value, schedule) : from
    },
  },
  merge_schedules: {
    index: 4,
    args: struct({ schedule1_index: u32, schedule2_index: u32 }),
    docs: ["Makes one of two of the sender's schedules, which ends when the later one does."],
    weight: () => updateWeight,
    dispatch(context, { schedule1_index: first, schedule2_index: second }) {
      const who = ensureSigned(context.origin)
      return who.ok ? merge(context, who.value, first, second) : who
    },
  },
  force_remove_vesting_schedule: {
    index: 5,
    args: struct({ target: multiAddress, schedule_index: u32 }),
    docs: ['Frees all of a schedule at once. Only the chain itself may.'],
    weight: () => updateWeight,
    dispatch(context, { target, schedule_index: place }) {
      const allowed = ensureRoot(context.origin)
      if (!allowed.ok) return allowed
      const who = lookup(target)
      return who.ok ? removeSchedule(context, who.value, place) : who
    },
  },
})
