import { bool, compactU128, compactU32, struct, u128 } from '@tacit/base'
import { byRoot, byRootOrSigner, bySigner } from '../../framework/by-origin.ts'
import { defineCalls, type Calls } from '../../framework/calls.ts'
import { multiAddress, type MultiAddress } from '../../framework/multi-address.ts'
import { destroyAccounts, destroyApprovals, finishDestroy, startDestroy } from './destroy.ts'
import {
  create,
  forceCreate,
  forceStatus,
  setMinBalance,
  setTeam,
  transferOwnership,
} from './manage.ts'
import { setAccountStatus, setAssetStatus } from './status.ts'
import { REMOVE_ITEMS_LIMIT } from './types.ts'
import { changeWeight, removeWeight, used } from './weights.ts'

const asset = { id: compactU32 }

type Of = { readonly id: number }

/** Calls about an asset and its accounts' standing. Indices as in pallet_assets. */
export const manageCalls: Calls<{
  create: Of & { readonly admin: MultiAddress; readonly min_balance: bigint }
  force_create: Of & {
    readonly owner: MultiAddress
    readonly is_sufficient: boolean
    readonly min_balance: bigint
  }
  start_destroy: Of
  destroy_accounts: Of
  destroy_approvals: Of
  finish_destroy: Of
  freeze: Of & { readonly who: MultiAddress }
  thaw: Of & { readonly who: MultiAddress }
  freeze_asset: Of
  thaw_asset: Of
  transfer_ownership: Of & { readonly owner: MultiAddress }
  set_team: Of & {
    readonly issuer: MultiAddress
    readonly admin: MultiAddress
    readonly freezer: MultiAddress
  }
  force_asset_status: Of & {
    readonly owner: MultiAddress
    readonly issuer: MultiAddress
    readonly admin: MultiAddress
    readonly freezer: MultiAddress
    readonly min_balance: bigint
    readonly is_sufficient: boolean
    readonly is_frozen: boolean
  }
  set_min_balance: Of & { readonly min_balance: bigint }
  block: Of & { readonly who: MultiAddress }
}> = defineCalls({
  create: {
    index: 0,
    args: struct({ ...asset, admin: multiAddress, min_balance: u128 }),
    docs: ["Creates an asset of the sender's under a deposit."],
    weight: () => changeWeight,
    dispatch: (context, { id, admin: named, min_balance }) =>
      bySigner(context, [named], (owner, admin) => create(context, id, owner, admin, min_balance)),
  },
  force_create: {
    index: 1,
    args: struct({ ...asset, owner: multiAddress, is_sufficient: bool, min_balance: compactU128 }),
    docs: ['Creates an asset without a deposit. Only the chain itself may.'],
    weight: () => changeWeight,
    dispatch: (context, { id, owner: named, ...attributes }) =>
      byRoot(context, [named], (owner) => forceCreate(context, id, owner, attributes)),
  },
  start_destroy: {
    index: 2,
    args: struct(asset),
    docs: [
      'Begins to destroy an asset; owner and chain may. Nothing else can be done with it then.',
    ],
    weight: () => changeWeight,
    dispatch: (context, { id }) =>
      byRootOrSigner(context, [], (sender) => startDestroy(context, id, sender)),
  },
  destroy_accounts: {
    index: 3,
    args: struct(asset),
    docs: ['Destroys some accounts of an asset that is being destroyed; anybody may.'],
    weight: () => removeWeight(REMOVE_ITEMS_LIMIT),
    dispatch: (context, { id }) => bySigner(context, [], () => used(destroyAccounts(context, id))),
  },
  destroy_approvals: {
    index: 4,
    args: struct(asset),
    docs: ['Destroys some approvals of an asset that is being destroyed; anybody may.'],
    weight: () => removeWeight(REMOVE_ITEMS_LIMIT),
    dispatch: (context, { id }) => bySigner(context, [], () => used(destroyApprovals(context, id))),
  },
  finish_destroy: {
    index: 5,
    args: struct(asset),
    docs: ['Removes an asset without accounts and approvals, and frees its deposits; anybody may.'],
    weight: () => changeWeight,
    dispatch: (context, { id }) => bySigner(context, [], () => finishDestroy(context, id)),
  },
  freeze: {
    index: 11,
    args: struct({ ...asset, who: multiAddress }),
    docs: ['Keeps an account from sending; only the freezer may.'],
    weight: () => changeWeight,
    dispatch: (context, { id: asset, who: target }) =>
      bySigner(context, [target], (sender, who) =>
        setAccountStatus(context, { asset, who }, sender, 'Frozen'),
      ),
  },
  thaw: {
    index: 12,
    args: struct({ ...asset, who: multiAddress }),
    docs: ['Lets an account send and receive again; only the admin may.'],
    weight: () => changeWeight,
    dispatch: (context, { id: asset, who: target }) =>
      bySigner(context, [target], (sender, who) =>
        setAccountStatus(context, { asset, who }, sender, 'Liquid'),
      ),
  },
  freeze_asset: {
    index: 13,
    args: struct(asset),
    docs: ['Keeps everybody from sending; only the freezer may.'],
    weight: () => changeWeight,
    dispatch: (context, { id }) =>
      bySigner(context, [], (sender) => setAssetStatus(context, id, sender, 'Frozen')),
  },
  thaw_asset: {
    index: 14,
    args: struct(asset),
    docs: ['Lets everybody send again; only the admin may.'],
    weight: () => changeWeight,
    dispatch: (context, { id }) =>
      bySigner(context, [], (sender) => setAssetStatus(context, id, sender, 'Live')),
  },
  transfer_ownership: {
    index: 15,
    args: struct({ ...asset, owner: multiAddress }),
    docs: ['Gives the asset with its deposits to another account.'],
    weight: () => changeWeight,
    dispatch: (context, { id, owner: named }) =>
      bySigner(context, [named], (sender, owner) => transferOwnership(context, id, sender, owner)),
  },
  set_team: {
    index: 16,
    args: struct({ ...asset, issuer: multiAddress, admin: multiAddress, freezer: multiAddress }),
    docs: ['Sets issuer, admin and freezer; only the owner may.'],
    weight: () => changeWeight,
    dispatch: (context, { id, ...team }) =>
      bySigner(context, [team.issuer, team.admin, team.freezer], (sender, issuer, admin, freezer) =>
        setTeam(context, id, sender, { issuer, admin, freezer }),
      ),
  },
  force_asset_status: {
    index: 21,
    args: struct({
      ...asset,
      owner: multiAddress,
      issuer: multiAddress,
      admin: multiAddress,
      freezer: multiAddress,
      min_balance: compactU128,
      is_sufficient: bool,
      is_frozen: bool,
    }),
    docs: ["Sets an asset's attributes. Only the chain itself may."],
    weight: () => changeWeight,
    dispatch: (context, { id, owner: o, issuer: i, admin: a, freezer: f, ...attributes }) =>
      byRoot(context, [o, i, a, f], (owner, issuer, admin, freezer) =>
        forceStatus(context, id, { owner, issuer, admin, freezer, ...attributes }),
      ),
  },
  set_min_balance: {
    index: 28,
    args: struct({ ...asset, min_balance: u128 }),
    docs: ['Sets the least balance: upwards only while nobody has any. Only the owner may.'],
    weight: () => changeWeight,
    dispatch: (context, { id, min_balance }) =>
      bySigner(context, [], (sender) => setMinBalance(context, id, sender, min_balance)),
  },
  block: {
    index: 31,
    args: struct({ ...asset, who: multiAddress }),
    docs: ['Keeps an account from sending and receiving; only the freezer may.'],
    weight: () => changeWeight,
    dispatch: (context, { id: asset, who: target }) =>
      bySigner(context, [target], (sender, who) =>
        setAccountStatus(context, { asset, who }, sender, 'Blocked'),
      ),
  },
})
