import { equalBytes, err, ok, type AccountId, type Result } from '@tacit/base'
import type { PalletContext } from '../../framework/context.ts'
import type { DispatchError } from '../../framework/dispatch-error.ts'
import { hold, transferHeld } from '../balances/ops.ts'
import { assetsEvents } from './events.ts'
import { findAsset, findLive } from './ops.ts'
import type { AssetDetails } from './records.ts'
import { ASSET_DEPOSIT, assetsErrors, assetsHold, assetsStorage, type AssetsHold } from './types.ts'

type Outcome = Result<void, DispatchError>
export type Team = Pick<AssetDetails, 'issuer' | 'admin' | 'freezer'>

export function create(
  context: PalletContext,
  asset: number,
  owner: AccountId,
  admin: AccountId,
  min_balance: bigint,
): Outcome {
  const fresh = checkNew(context, asset, min_balance)
  if (!fresh.ok) return fresh
  const held = hold(context, assetsHold('Asset'), owner, ASSET_DEPOSIT)
  if (!held.ok) return held
  const team = { issuer: admin, admin, freezer: admin }
  const details = { ...EMPTY, ...team, owner, deposit: ASSET_DEPOSIT, min_balance }
  assetsStorage.Asset.set(context.state, asset, details)
  context.deposit(assetsEvents.Created({ asset_id: asset, creator: owner, owner: admin }))
  return ok()
}

export function forceCreate(
  context: PalletContext,
  asset: number,
  owner: AccountId,
  { is_sufficient, min_balance }: Pick<AssetDetails, 'is_sufficient' | 'min_balance'>,
): Outcome {
  const fresh = checkNew(context, asset, min_balance)
  if (!fresh.ok) return fresh
  const team = { owner, issuer: owner, admin: owner, freezer: owner }
  const details = { ...EMPTY, ...team, deposit: 0n, is_sufficient, min_balance }
  assetsStorage.Asset.set(context.state, asset, details)
  context.deposit(assetsEvents.ForceCreated({ asset_id: asset, owner }))
  return ok()
}

export function transferOwnership(
  context: PalletContext,
  asset: number,
  sender: AccountId,
  owner: AccountId,
): Outcome {
  const details = findOwned(context, asset, sender)
  if (!details.ok) return details
  if (equalBytes(sender, owner)) return ok()
  const moved = changeOwner(context, asset, details.value, owner)
  if (!moved.ok) return moved
  context.deposit(assetsEvents.OwnerChanged({ asset_id: asset, owner }))
  return ok()
}

export function setTeam(
  context: PalletContext,
  asset: number,
  sender: AccountId,
  team: Team,
): Outcome {
  const details = findOwned(context, asset, sender)
  if (!details.ok) return details
  assetsStorage.Asset.set(context.state, asset, { ...details.value, ...team })
  context.deposit(assetsEvents.TeamChanged({ asset_id: asset, ...team }))
  return ok()
}

/** Only for an asset that is not sufficient, and upwards only while nobody has any. */
export function setMinBalance(
  context: PalletContext,
  asset: number,
  sender: AccountId,
  min_balance: bigint,
): Outcome {
  const details = findAsset(context.state, asset)
  if (!details.ok) return details
  const { owner, is_sufficient, accounts, min_balance: before } = details.value
  if (!equalBytes(sender, owner) || is_sufficient) return err(assetsErrors.NoPermission)
  if (min_balance >= before && accounts > 0) return err(assetsErrors.NoPermission)
  if (min_balance === 0n) return err(assetsErrors.MinBalanceZero)
  assetsStorage.Asset.set(context.state, asset, { ...details.value, min_balance })
  const event = { asset_id: asset, new_min_balance: min_balance }
  context.deposit(assetsEvents.AssetMinBalanceChanged(event))
  return ok()
}

export type Attributes = Team &
  Pick<AssetDetails, 'owner' | 'min_balance' | 'is_sufficient'> & { readonly is_frozen: boolean }

/** The deposits go with the ownership, which FRAME leaves behind. */
export function forceStatus(context: PalletContext, asset: number, given: Attributes): Outcome {
  const { owner, is_frozen, ...attributes } = given
  const found = findAsset(context.state, asset)
  if (!found.ok) return found
  if (found.value.status === 'Destroying') return err(assetsErrors.AssetNotLive)
  if (given.min_balance === 0n) return err(assetsErrors.MinBalanceZero)
  const status = is_frozen ? 'Frozen' : 'Live'
  const moved = changeOwner(context, asset, { ...found.value, ...attributes, status }, owner)
  if (!moved.ok) return moved
  context.deposit(assetsEvents.AssetStatusChanged({ asset_id: asset }))
  return ok()
}

const EMPTY = {
  supply: 0n,
  is_sufficient: false,
  accounts: 0,
  sufficients: 0,
  approvals: 0,
  status: 'Live',
} as const

function checkNew({ state }: PalletContext, asset: number, minBalance: bigint): Outcome {
  if (assetsStorage.Asset.has(state, asset)) return err(assetsErrors.InUse)
  return minBalance === 0n ? err(assetsErrors.MinBalanceZero) : ok()
}

/** A live asset of the sender's. */
function findOwned(
  { state }: PalletContext,
  asset: number,
  sender: AccountId,
): Result<AssetDetails, DispatchError> {
  const details = findLive(state, asset)
  if (!details.ok) return details
  return equalBytes(sender, details.value.owner) ? details : err(assetsErrors.NoPermission)
}

/** Stores the asset under its new owner, who must exist: the deposits stay held, of the new one. */
function changeOwner(
  context: PalletContext,
  asset: number,
  details: AssetDetails,
  owner: AccountId,
): Outcome {
  const metadata = assetsStorage.Metadata.get(context.state, asset)
  const held = { Asset: details.deposit, Metadata: metadata.deposit }
  if (!equalBytes(details.owner, owner)) {
    for (const kind of ['Asset', 'Metadata'] as const) {
      const moved = moveHeld(context, kind, [details.owner, owner], held[kind])
      if (!moved.ok) return moved
    }
  }
  assetsStorage.Asset.set(context.state, asset, { ...details, owner })
  return ok()
}

function moveHeld(
  context: PalletContext,
  kind: AssetsHold,
  [from, to]: readonly [AccountId, AccountId],
  amount: bigint,
): Outcome {
  const moved = transferHeld(context, assetsHold(kind), from, to, amount)
  return moved.ok ? hold(context, assetsHold(kind), to, amount) : moved
}
