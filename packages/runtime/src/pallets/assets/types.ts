import { accountId, struct, u128, u32, type AccountId } from '@tacit/base'
import { defineErrors, type Errors } from '../../framework/errors.ts'
import type { HoldReason } from '../../framework/hold-reason.ts'
import {
  defineStorage,
  storageDoubleMap,
  storageMap,
  storageTripleMap,
  type OptionalDoubleMap,
  type OptionalMap,
  type OptionalTripleMap,
  type StorageMap,
} from '../../framework/storage.ts'
import { DEPOSIT_PER_BYTE, depositFor } from '../deposit.ts'
import {
  approval,
  assetAccount,
  assetDetails,
  assetMetadata,
  NO_METADATA,
  type Approval,
  type AssetAccount,
  type AssetDetails,
  type AssetMetadata,
} from './records.ts'

export const ASSETS_INDEX = 50
/** Accounts or approvals that one call to destroy them takes. */
export const REMOVE_ITEMS_LIMIT = 200

export const ASSET_DEPOSIT: bigint = depositFor(1, 242)
/** Two items: the account, and who paid for it. */
export const ASSET_ACCOUNT_DEPOSIT: bigint = depositFor(2, 338)
export const METADATA_DEPOSIT_BASE: bigint = depositFor(1, 90)
export const METADATA_DEPOSIT_PER_BYTE: bigint = DEPOSIT_PER_BYTE
export const APPROVAL_DEPOSIT: bigint = depositFor(1, 180)

export type AssetsHold = Extract<HoldReason, { type: 'Assets' }>['value']['type']

export function assetsHold(type: AssetsHold): HoldReason {
  return { type: 'Assets', value: { type } }
}

/** What is held of whoever had an account created with a consumer reference. */
export type AccountDeposit = { readonly depositor: AccountId; readonly amount: bigint }

export type AssetsStorage = {
  Asset: OptionalMap<number, AssetDetails>
  Account: OptionalDoubleMap<number, AccountId, AssetAccount>
  Approvals: OptionalTripleMap<number, AccountId, AccountId, Approval>
  Metadata: StorageMap<number, AssetMetadata>
  AccountDeposits: OptionalDoubleMap<number, AccountId, AccountDeposit>
}

const hasher = 'Blake2_128Concat'

export const assetsStorage: AssetsStorage = defineStorage('Assets', {
  Asset: storageMap({ hasher, key: u32, value: assetDetails, docs: ['An asset.'] }),
  Account: storageDoubleMap({
    hashers: [hasher, hasher],
    keys: [u32, accountId],
    value: assetAccount,
    docs: ['What an account has of an asset.'],
  }),
  Approvals: storageTripleMap({
    hashers: [hasher, hasher, hasher],
    keys: [u32, accountId, accountId],
    value: approval,
    docs: ["What a delegate may send of an owner's, by asset, owner and delegate."],
  }),
  Metadata: storageMap({
    hasher,
    key: u32,
    value: assetMetadata,
    default: NO_METADATA,
    docs: ["An asset's name, symbol and decimals."],
  }),
  AccountDeposits: storageDoubleMap({
    hashers: [hasher, hasher],
    keys: [u32, accountId],
    value: struct({ depositor: accountId, amount: u128 }),
    docs: ['What is held of whoever sent the first units to an account, until it has none.'],
  }),
})

type Names =
  | 'BalanceLow'
  | 'NoAccount'
  | 'NoPermission'
  | 'Unknown'
  | 'Frozen'
  | 'InUse'
  | 'BadWitness'
  | 'MinBalanceZero'
  | 'UnavailableConsumer'
  | 'BadMetadata'
  | 'Unapproved'
  | 'WouldDie'
  | 'AlreadyExists'
  | 'NoDeposit'
  | 'WouldBurn'
  | 'LiveAsset'
  | 'AssetNotLive'
  | 'IncorrectStatus'
  | 'NotFrozen'

/** Indices as in pallet_assets. */
export const assetsErrors: Errors<Names> = defineErrors('Assets', ASSETS_INDEX, {
  BalanceLow: [0, 'The account has less than the amount.'],
  NoAccount: [1, 'The account has nothing of the asset.'],
  NoPermission: [2, 'The sender may not do this with the asset.'],
  Unknown: [3, 'There is no such asset, or no such metadata or approval of it.'],
  Frozen: [4, 'The account is frozen.'],
  InUse: [5, 'The number is taken, or the asset still has accounts or approvals.'],
  BadWitness: [6, 'Not in use: older versions of the calls could fail so.'],
  MinBalanceZero: [7, 'The least balance of an account must be above zero.'],
  UnavailableConsumer: [8, 'The account does not exist, or too much relies on it already.'],
  BadMetadata: [9, 'Name or symbol is longer than 50 bytes.'],
  Unapproved: [10, 'The owner has not approved so much.'],
  WouldDie: [11, 'Not in use: the account would not survive.'],
  AlreadyExists: [12, 'The account has been created already.'],
  NoDeposit: [13, 'There is no deposit that the account could have back.'],
  WouldBurn: [14, 'The account still has units, which would be burned.'],
  LiveAsset: [15, 'Not in use: the asset is live.'],
  AssetNotLive: [16, 'The asset is frozen or being destroyed.'],
  IncorrectStatus: [17, 'The asset is not in the status that this needs.'],
  NotFrozen: [18, 'The asset is not frozen.'],
})
