import { struct, u32, unit } from '@tacit/base'
import { byRoot, bySigner } from '../../framework/by-origin.ts'
import { defineCalls, type Calls } from '../../framework/calls.ts'
import { multiAddress, type MultiAddress } from '../../framework/multi-address.ts'
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
    dispatch: (context) => bySigner(context, [], (who) => vest(context, who)),
  },
  vest_other: {
    index: 1,
    args: struct({ target: multiAddress }),
    docs: ["Frees what has vested of anybody's balance."],
    weight: () => updateWeight,
    dispatch: (context, { target }) => bySigner(context, [target], (_, who) => vest(context, who)),
  },
  vested_transfer: {
    index: 2,
    args: struct({ target: multiAddress, schedule: vestingInfo }),
    docs: ['Sends free balance that vests with the recipient, who pays the deposit out of it.'],
    weight: () => transferWeight,
    dispatch: (context, { target, schedule }) =>
      bySigner(context, [target], (from, to) => vestedTransfer(context, from, to, schedule)),
  },
  force_vested_transfer: {
    index: 3,
    args: struct({ source: multiAddress, target: multiAddress, schedule: vestingInfo }),
    docs: ["Sends somebody's free balance, as vested_transfer does. Only the chain itself may."],
    weight: () => transferWeight,
    dispatch: (context, { source, target, schedule }) =>
      byRoot(context, [target, source], (to, from) => vestedTransfer(context, from, to, schedule)),
  },
  merge_schedules: {
    index: 4,
    args: struct({ schedule1_index: u32, schedule2_index: u32 }),
    docs: ["Makes one of two of the sender's schedules, which ends when the later one does."],
    weight: () => updateWeight,
    dispatch: (context, { schedule1_index: first, schedule2_index: second }) =>
      bySigner(context, [], (who) => merge(context, who, first, second)),
  },
  force_remove_vesting_schedule: {
    index: 5,
    args: struct({ target: multiAddress, schedule_index: u32 }),
    docs: ['Frees all of a schedule at once. Only the chain itself may.'],
    weight: () => updateWeight,
    dispatch: (context, { target, schedule_index: place }) =>
      byRoot(context, [target], (who) => removeSchedule(context, who, place)),
  },
})
