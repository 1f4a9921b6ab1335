import { u128, u32 } from '@tacit/base'
import { constant, definePallet, type Pallet } from '../../framework/pallet.ts'
import { vestingCalls } from './calls.ts'
import { vestFromGenesis } from './schedules.ts'
import {
  MAX_VESTING_SCHEDULES,
  MIN_VESTED_TRANSFER,
  VESTING_INDEX,
  vestingErrors,
  vestingEvents,
  vestingStorage,
} from './types.ts'

/**
 * pallet_vesting of polkadot-sdk (stable2509: with the event VestingCreated): names, indices,
 * encodings and arithmetic are its own. Here an account's schedules carry a deposit, held from it.
 */
export const vestingPallet: Pallet = definePallet({
  name: 'Vesting',
  index: VESTING_INDEX,
  docs: ['Balances that become free block by block.'],
  storage: vestingStorage,
  calls: vestingCalls,
  events: vestingEvents,
  errors: vestingErrors,
  constants: {
    MinVestedTransfer: constant(u128, MIN_VESTED_TRANSFER, 'Least planck of one schedule.'),
    MaxVestingSchedules: constant(u32, MAX_VESTING_SCHEDULES, 'Schedules of one account.'),
  },
  genesis: (context, { vesting = [] }) => vestFromGenesis(context, vesting),
})
