import {
  accountId,
  bool,
  mapped,
  names,
  struct,
  tuple,
  u128,
  u32,
  u8,
  unit,
  variant,
  type AccountId,
  type Codec,
} from '@tacit/base'
import { boundedVecOfBytes } from '../../framework/bounded.ts'

/** Bytes of an asset's name, and of its symbol. */
export const STRING_LIMIT = 50

export type AssetStatus = 'Live' | 'Frozen' | 'Destroying'

/** One asset. Amounts are in its least unit; the deposit is in planck. */
export type AssetDetails = {
  /** May change the team and destroy the asset; pays its deposits. */
  readonly owner: AccountId
  /** May mint. */
  readonly issuer: AccountId
  /** May thaw, burn and transfer by force. */
  readonly admin: AccountId
  /** May freeze. */
  readonly freezer: AccountId
  readonly supply: bigint
  readonly deposit: bigint
  /** What an account must have at least; less is taken along or burned. */
  readonly min_balance: bigint
  /** Whether holding it lets an account exist. */
  readonly is_sufficient: boolean
  readonly accounts: number
  readonly sufficients: number
  readonly approvals: number
  readonly status: AssetStatus
}

const path = (name: string): readonly string[] => ['pallet_assets', 'types', name]
const balance = { name: 'Balance', type: u128.type }
const account = { name: 'AccountId', type: accountId.type }
const depositBalance = { name: 'DepositBalance', type: u128.type }

export const assetDetails: Codec<AssetDetails> = struct(
  {
    owner: accountId,
    issuer: accountId,
    admin: accountId,
    freezer: accountId,
    supply: u128,
    deposit: u128,
    min_balance: u128,
    is_sufficient: bool,
    accounts: u32,
    sufficients: u32,
    approvals: u32,
    status: names({ Live: 0, Frozen: 1, Destroying: 2 }, { path: path('AssetStatus') }),
  },
  { path: path('AssetDetails'), params: [balance, account, depositBalance] },
)

/** Why an account can hold an asset; a deposit is in planck. */
export type ExistenceReason =
  | { readonly type: 'Consumer' }
  | { readonly type: 'Sufficient' }
  | { readonly type: 'DepositHeld'; readonly value: bigint }
  | { readonly type: 'DepositRefunded' }
  | { readonly type: 'DepositFrom'; readonly value: readonly [AccountId, bigint] }

const existenceReason: Codec<ExistenceReason> = variant(
  {
    Consumer: [0],
    Sufficient: [1],
    DepositHeld: [2, u128],
    DepositRefunded: [3],
    DepositFrom: [4, tuple(accountId, u128)],
  },
  { path: path('ExistenceReason'), params: [balance, account] },
)

/** Frozen cannot send, Blocked cannot receive either. */
export type AccountStatus = 'Liquid' | 'Frozen' | 'Blocked'

/** What an account has of one asset. */
export type AssetAccount = {
  readonly balance: bigint
  readonly status: AccountStatus
  readonly reason: ExistenceReason
}

export const assetAccount: Codec<AssetAccount> = mapped(
  struct(
    {
      balance: u128,
      status: names({ Liquid: 0, Frozen: 1, Blocked: 2 }, { path: path('AccountStatus') }),
      reason: existenceReason,
      extra: unit,
    },
    {
      path: path('AssetAccount'),
      params: [balance, depositBalance, { name: 'Extra', type: unit.type }, account],
    },
  ),
  ({ balance: amount, status, reason }) => ({ balance: amount, status, reason }),
  (value) => ({ ...value, extra: undefined }),
)

export type AssetMetadata = {
  /** Planck held of the owner for it. */
  readonly deposit: bigint
  readonly name: Uint8Array
  readonly symbol: Uint8Array
  readonly decimals: number
  /** Whether only the chain itself may change it. */
  readonly is_frozen: boolean
}

const boundedString = boundedVecOfBytes(STRING_LIMIT)

export const assetMetadata: Codec<AssetMetadata> = struct(
  { deposit: u128, name: boundedString, symbol: boundedString, decimals: u8, is_frozen: bool },
  {
    path: path('AssetMetadata'),
    params: [depositBalance, { name: 'BoundedString', type: boundedString.type }],
  },
)

export const NO_METADATA: AssetMetadata = {
  deposit: 0n,
  name: new Uint8Array(),
  symbol: new Uint8Array(),
  decimals: 0,
  is_frozen: false,
}

/** What a delegate may still send of an owner's, and the planck held of the owner for that. */
export type Approval = { readonly amount: bigint; readonly deposit: bigint }

export const approval: Codec<Approval> = struct(
  { amount: u128, deposit: u128 },
  { path: path('Approval'), params: [balance, depositBalance] },
)
