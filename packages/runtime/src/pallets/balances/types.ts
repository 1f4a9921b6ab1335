import {
  accountId,
  fixedBytes,
  struct,
  u128,
  variant,
  vec,
  type AccountId,
  type CaseOf,
  type Codec,
} from '@tacit/base'
import { boundedVec, weakBoundedVec } from '../../framework/bounded.ts'
import { defineErrors, type Errors } from '../../framework/errors.ts'
import { defineEvents, type Events } from '../../framework/events.ts'
import {
  freezeReason,
  holdReason,
  type FreezeReason,
  type HoldReason,
} from '../../framework/hold-reason.ts'
import {
  defineStorage,
  storageMap,
  storageValue,
  type StorageMap,
  type StorageValue,
} from '../../framework/storage.ts'

/** The least balance of a living account: 0.001 PHA in planck. */
export const EXISTENTIAL_DEPOSIT: bigint = 10n ** 9n
/** Holds of one account: no fewer than there are reasons. */
export const MAX_HOLDS = 16
export const MAX_FREEZES = 8
/** Locks of one account: no fewer than there are ids. */
export const MAX_LOCKS = 8
/** Named reserves, which pallet_balances had before holds: this chain has none. */
export const MAX_RESERVES = 0

/** A part of a balance under a reason, in planck. */
export type IdAmount<Id> = { readonly id: Id; readonly amount: bigint }

function idAmount<Id>(id: Codec<Id>): Codec<IdAmount<Id>> {
  return struct(
    { id, amount: u128 },
    {
      path: ['frame_support', 'traits', 'tokens', 'misc', 'IdAmount'],
      params: [
        { name: 'Id', type: id.type },
        { name: 'Balance', type: u128.type },
      ],
    },
  )
}

/** Whether two reasons for holding or freezing are the same. */
export function sameReason<Id extends HoldReason | FreezeReason>(a: Id, b: Id): boolean {
  return a.type === b.type && a.value.type === b.value.type
}

/** A part of a balance that may not be spent, under an id of 8 bytes. */
export type BalanceLock = {
  readonly id: Uint8Array
  readonly amount: bigint
  /** For what the locked part may not be used; this chain locks it for everything. */
  readonly reasons: CaseOf<'Fee'> | CaseOf<'Misc'> | CaseOf<'All'>
}

const typesPath = (name: string): readonly string[] => ['pallet_balances', 'types', name]
const balanceLock: Codec<BalanceLock> = struct(
  {
    id: fixedBytes(8),
    amount: u128,
    reasons: variant({ Fee: [0], Misc: [1], All: [2] }, { path: typesPath('Reasons') }),
  },
  { path: typesPath('BalanceLock'), params: [{ name: 'Balance', type: u128.type }] },
)

/** A named reserve, which nothing on this chain makes. */
type ReserveData = { readonly id: Uint8Array; readonly amount: bigint }

const reserveIdentifier = fixedBytes(8)
const reserveData: Codec<ReserveData> = struct(
  { id: reserveIdentifier, amount: u128 },
  {
    path: typesPath('ReserveData'),
    params: [
      { name: 'ReserveIdentifier', type: reserveIdentifier.type },
      { name: 'Balance', type: u128.type },
    ],
  },
)

export type BalancesStorage = {
  TotalIssuance: StorageValue<bigint>
  GenesisIssuance: StorageValue<bigint>
  Minted: StorageValue<bigint>
  Burned: StorageValue<bigint>
  Holds: StorageMap<AccountId, readonly IdAmount<HoldReason>[]>
  Freezes: StorageMap<AccountId, readonly IdAmount<FreezeReason>[]>
  Locks: StorageMap<AccountId, readonly BalanceLock[]>
  Reserves: StorageMap<AccountId, readonly ReserveData[]>
}

export const balancesStorage: BalancesStorage = defineStorage('Balances', {
  TotalIssuance: storageValue({
    value: u128,
    default: 0n,
    docs: ['Planck in existence: genesis + minted - burned.'],
  }),
  GenesisIssuance: storageValue({
    value: u128,
    default: 0n,
    docs: ['Planck that existed at genesis.'],
  }),
  Minted: storageValue({ value: u128, default: 0n, docs: ['Planck minted since genesis.'] }),
  Burned: storageValue({ value: u128, default: 0n, docs: ['Planck burned since genesis.'] }),
  Holds: storageMap({
    hasher: 'Blake2_128Concat',
    key: accountId,
    value: vec(idAmount(holdReason), MAX_HOLDS),
    default: [],
    docs: ['Parts of reserved balances by reason.'],
  }),
  Freezes: storageMap({
    hasher: 'Blake2_128Concat',
    key: accountId,
    value: vec(idAmount(freezeReason), MAX_FREEZES),
    default: [],
    docs: ['Amounts that a balance may not fall below, by reason; they overlap.'],
  }),
  Locks: storageMap({
    hasher: 'Blake2_128Concat',
    key: accountId,
    value: weakBoundedVec(balanceLock, MAX_LOCKS),
    default: [],
    docs: ['Amounts that a balance may not fall below, by id; they overlap with freezes too.'],
  }),
  Reserves: storageMap({
    hasher: 'Blake2_128Concat',
    key: accountId,
    value: boundedVec(reserveData, MAX_RESERVES),
    default: [],
    docs: ['What FRAME had before holds, and wallets ask for: always empty.'],
  }),
})

type Amount = { readonly who: AccountId; readonly amount: bigint }
type Held = Amount & { readonly reason: HoldReason }

export type BalancesEvents = Events<{
  Endowed: { readonly account: AccountId; readonly free_balance: bigint }
  DustLost: { readonly account: AccountId; readonly amount: bigint }
  Transfer: { readonly from: AccountId; readonly to: AccountId; readonly amount: bigint }
  Deposit: Amount
  Withdraw: Amount
  Minted: Amount
  Burned: Amount
  Locked: Amount
  Unlocked: Amount
  Frozen: Amount
  Thawed: Amount
  Held: Held
  BurnedHeld: Held
  TransferOnHold: {
    readonly reason: HoldReason
    readonly source: AccountId
    readonly dest: AccountId
    readonly amount: bigint
  }
  Released: Held
}>

const amount = struct({ who: accountId, amount: u128 })
const held = struct({ reason: holdReason, who: accountId, amount: u128 })

/** Indices as in pallet_balances. */
export const balancesEvents: BalancesEvents = defineEvents('Balances', 10, {
  Endowed: [
    0,
    struct({ account: accountId, free_balance: u128 }),
    'An account was created with a balance.',
  ],
  DustLost: [
    1,
    struct({ account: accountId, amount: u128 }),
    'A rest below the existential deposit was burned with its account.',
  ],
  Transfer: [
    2,
    struct({ from: accountId, to: accountId, amount: u128 }),
    'A transfer between free balances.',
  ],
  Deposit: [7, amount, 'An amount was put in: a fee part or the refund of one.'],
  Withdraw: [8, amount, 'An amount was taken out, to pay a fee.'],
  Minted: [10, amount, 'New planck came to an account.'],
  Burned: [11, amount, 'Planck of an account ceased to exist.'],
  Locked: [17, amount, 'The frozen part grew by an amount, because of a lock.'],
  Unlocked: [18, amount, 'The frozen part shrank by an amount, because of a lock.'],
  Frozen: [19, amount, 'The frozen part grew by an amount.'],
  Thawed: [20, amount, 'The frozen part shrank by an amount.'],
  Held: [22, held, 'A part of the free balance is now held.'],
  BurnedHeld: [23, held, 'A held part was burned.'],
  TransferOnHold: [
    24,
    struct({ reason: holdReason, source: accountId, dest: accountId, amount: u128 }),
    'A held part went to the free balance of another account.',
  ],
  Released: [26, held, 'A held part is free again.'],
})

/** Indices as in pallet_balances; most failures are token errors. */
export const balancesErrors: Errors<'TooManyHolds' | 'TooManyFreezes'> = defineErrors(
  'Balances',
  10,
  {
    TooManyHolds: [8, 'The account has holds for too many reasons.'],
    TooManyFreezes: [9, 'The account has freezes for too many reasons.'],
  },
)
