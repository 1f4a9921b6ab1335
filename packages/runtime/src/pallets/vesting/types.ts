import {
  accountId,
  struct,
  u128,
  u32,
  utf8,
  variant,
  type AccountId,
  type CaseOf,
  type Codec,
} from '@tacit/base'
import { boundedVec } from '../../framework/bounded.ts'
import { defineErrors, type Errors } from '../../framework/errors.ts'
import { defineEvents, type Events } from '../../framework/events.ts'
import {
  defineStorage,
  storageMap,
  storageValue,
  type OptionalMap,
  type StorageValue,
} from '../../framework/storage.ts'
import { depositFor } from '../deposit.ts'

export const VESTING_INDEX = 43
/** The id of this pallet's lock. */
export const VESTING_LOCK: Uint8Array = utf8('vesting ')
/** Least planck of one schedule, 0.1 PHA: many times its deposit. */
export const MIN_VESTED_TRANSFER = 100_000_000_000n
/** Schedules of one account, as on Polkadot. */
export const MAX_VESTING_SCHEDULES = 28

/** Planck that become free block by block. */
export type VestingInfo = {
  /** Planck that are not free up to the starting block. */
  readonly locked: bigint
  /** Planck that become free with each block after it. */
  readonly per_block: bigint
  readonly starting_block: number
}

export const vestingInfo: Codec<VestingInfo> = struct(
  { locked: u128, per_block: u128, starting_block: u32 },
  {
    path: ['pallet_vesting', 'vesting_info', 'VestingInfo'],
    params: [
      { name: 'Balance', type: u128.type },
      { name: 'BlockNumber', type: u32.type },
    ],
  },
)
const SCHEDULE_BYTES = 36
const LOCK_BYTES = 25

/** Planck held for an account's schedules: for their entry, for that of the lock, and for bytes. */
export function vestingDeposit(schedules: number): bigint {
  return schedules === 0 ? 0n : depositFor(2, LOCK_BYTES + SCHEDULE_BYTES * schedules)
}

export type VestingStorage = {
  readonly Vesting: OptionalMap<AccountId, readonly VestingInfo[]>
  readonly StorageVersion: StorageValue<CaseOf<'V0'> | CaseOf<'V1'>>
}

export const vestingStorage: VestingStorage = defineStorage<VestingStorage>('Vesting', {
  Vesting: storageMap({
    hasher: 'Blake2_128Concat',
    key: accountId,
    value: boundedVec(vestingInfo, MAX_VESTING_SCHEDULES),
    docs: ['Schedules of the accounts that vest.'],
  }),
  StorageVersion: storageValue({
    value: variant({ V0: [0], V1: [1] }, { path: ['pallet_vesting', 'Releases'] }),
    default: { type: 'V0' },
    docs: ['V1: an account has a list of schedules.'],
  }),
})

export type VestingEvents = Events<{
  VestingCreated: { readonly account: AccountId; readonly schedule_index: number }
  VestingUpdated: { readonly account: AccountId; readonly unvested: bigint }
  VestingCompleted: { readonly account: AccountId }
}>

/** Indices as in pallet_vesting. */
export const vestingEvents: VestingEvents = defineEvents('Vesting', VESTING_INDEX, {
  VestingCreated: [
    0,
    struct({ account: accountId, schedule_index: u32 }),
    'An account got a schedule, at this place of its list before finished ones are left out.',
  ],
  VestingUpdated: [
    1,
    struct({ account: accountId, unvested: u128 }),
    'The lock of an account now covers this amount.',
  ],
  VestingCompleted: [2, struct({ account: accountId }), 'Nothing of an account vests any more.'],
})

/** Indices as in pallet_vesting. */
export const vestingErrors: Errors<
  | 'NotVesting'
  | 'AtMaxVestingSchedules'
  | 'AmountLow'
  | 'ScheduleIndexOutOfBounds'
  | 'InvalidScheduleParams'
> = defineErrors('Vesting', VESTING_INDEX, {
  NotVesting: [0, 'The account has no schedules.'],
  AtMaxVestingSchedules: [1, 'The account has as many schedules as it may; merge some first.'],
  AmountLow: [2, 'A schedule needs MinVestedTransfer at least.'],
  ScheduleIndexOutOfBounds: [3, 'The account has no schedule at that place of its list.'],
  InvalidScheduleParams: [4, 'A schedule needs an amount, and something that vests each block.'],
})
