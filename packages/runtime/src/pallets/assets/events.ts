import { accountId, bool, bytes, struct, u128, u32, u8, type AccountId } from '@tacit/base'
import { defineEvents, type Events } from '../../framework/events.ts'
import { ASSETS_INDEX } from './types.ts'

type Of = { readonly asset_id: number }
type Who = Of & { readonly who: AccountId }
type Amount = { readonly amount: bigint }

export type AssetsEvents = Events<{
  Created: Of & { readonly creator: AccountId; readonly owner: AccountId }
  Issued: Of & Amount & { readonly owner: AccountId }
  Transferred: Of & Amount & { readonly from: AccountId; readonly to: AccountId }
  Burned: Of & { readonly owner: AccountId; readonly balance: bigint }
  TeamChanged: Of & {
    readonly issuer: AccountId
    readonly admin: AccountId
    readonly freezer: AccountId
  }
  OwnerChanged: Of & { readonly owner: AccountId }
  Frozen: Who
  Thawed: Who
  AssetFrozen: Of
  AssetThawed: Of
  AccountsDestroyed: Of & {
    readonly accounts_destroyed: number
    readonly accounts_remaining: number
  }
  ApprovalsDestroyed: Of & {
    readonly approvals_destroyed: number
    readonly approvals_remaining: number
  }
  DestructionStarted: Of
  Destroyed: Of
  ForceCreated: Of & { readonly owner: AccountId }
  MetadataSet: Of & {
    readonly name: Uint8Array
    readonly symbol: Uint8Array
    readonly decimals: number
    readonly is_frozen: boolean
  }
  MetadataCleared: Of
  ApprovedTransfer: Of & Amount & { readonly source: AccountId; readonly delegate: AccountId }
  ApprovalCancelled: Of & { readonly owner: AccountId; readonly delegate: AccountId }
  TransferredApproved: Of &
    Amount & {
      readonly owner: AccountId
      readonly delegate: AccountId
      readonly destination: AccountId
    }
  AssetStatusChanged: Of
  AssetMinBalanceChanged: Of & { readonly new_min_balance: bigint }
  Touched: Who & { readonly depositor: AccountId }
  Blocked: Who
}>

const of = { asset_id: u32 }
const asset = struct(of)
const who = struct({ ...of, who: accountId })
const owner = struct({ ...of, owner: accountId })

/** Indices as in pallet_assets. */
export const assetsEvents: AssetsEvents = defineEvents('Assets', ASSETS_INDEX, {
  Created: [
    0,
    struct({ ...of, creator: accountId, owner: accountId }),
    'An asset was created; its team is `owner`.',
  ],
  Issued: [1, struct({ ...of, owner: accountId, amount: u128 }), 'An amount was minted.'],
  Transferred: [
    2,
    struct({ ...of, from: accountId, to: accountId, amount: u128 }),
    'An amount was transferred.',
  ],
  Burned: [3, struct({ ...of, owner: accountId, balance: u128 }), 'An amount was burned.'],
  TeamChanged: [
    4,
    struct({ ...of, issuer: accountId, admin: accountId, freezer: accountId }),
    'The team changed.',
  ],
  OwnerChanged: [5, owner, 'The owner changed.'],
  Frozen: [6, who, 'An account cannot send any more.'],
  Thawed: [7, who, 'An account can send and receive again.'],
  AssetFrozen: [8, asset, 'Nobody can send the asset any more.'],
  AssetThawed: [9, asset, 'The asset can be sent again.'],
  AccountsDestroyed: [
    10,
    struct({ ...of, accounts_destroyed: u32, accounts_remaining: u32 }),
    'Accounts of an asset were destroyed.',
  ],
  ApprovalsDestroyed: [
    11,
    struct({ ...of, approvals_destroyed: u32, approvals_remaining: u32 }),
    'Approvals of an asset were destroyed.',
  ],
  DestructionStarted: [12, asset, 'The asset is being destroyed.'],
  Destroyed: [13, asset, 'The asset is gone.'],
  ForceCreated: [14, owner, 'The chain itself created an asset.'],
  MetadataSet: [
    15,
    struct({ ...of, name: bytes, symbol: bytes, decimals: u8, is_frozen: bool }),
    'Name, symbol and decimals were set.',
  ],
  MetadataCleared: [16, asset, 'Name, symbol and decimals were removed.'],
  ApprovedTransfer: [
    17,
    struct({ ...of, source: accountId, delegate: accountId, amount: u128 }),
    'A delegate may send an amount more.',
  ],
  ApprovalCancelled: [
    18,
    struct({ ...of, owner: accountId, delegate: accountId }),
    'A delegate may send nothing more.',
  ],
  TransferredApproved: [
    19,
    struct({
      ...of,
      owner: accountId,
      delegate: accountId,
      destination: accountId,
      amount: u128,
    }),
    'A delegate transferred an amount.',
  ],
  AssetStatusChanged: [20, asset, "The chain itself changed the asset's attributes."],
  AssetMinBalanceChanged: [
    21,
    struct({ ...of, new_min_balance: u128 }),
    'The least balance of an account changed.',
  ],
  Touched: [
    22,
    struct({ ...of, who: accountId, depositor: accountId }),
    'An account was created under a deposit.',
  ],
  Blocked: [23, who, 'An account can neither send nor receive any more.'],
})
