import { equalBytes, err, ok, type AccountId, type Result } from '@tacit/base'
import type { PalletContext } from '../../framework/context.ts'
import type { DispatchError } from '../../framework/dispatch-error.ts'
import { release } from '../balances/ops.ts'
import { closeAccount } from './accounts.ts'
import { assetsEvents } from './events.ts'
import { findAsset } from './ops.ts'
import type { AssetDetails } from './records.ts'
import { assetsErrors, assetsHold, assetsStorage, REMOVE_ITEMS_LIMIT } from './types.ts'

type Outcome = Result<void, DispatchError>
/** How many items a call took. */
type Removed = Result<number, DispatchError>

/** @param sender absent where the chain itself does it. */
export function startDestroy(
  context: PalletContext,
  asset: number,
  sender: AccountId | undefined,
): Outcome {
  const details = findAsset(context.state, asset)
  if (!details.ok) return details
  if (sender && !equalBytes(sender, details.value.owner)) return err(assetsErrors.NoPermission)
  assetsStorage.Asset.set(context.state, asset, { ...details.value, status: 'Destroying' })
  context.deposit(assetsEvents.DestructionStarted({ asset_id: asset }))
  return ok()
}

/** The units of those accounts are gone with them; what was held for them goes back. */
export function destroyAccounts(context: PalletContext, asset: number): Removed {
  const { state } = context
  const found = findDestroying(context, asset)
  if (!found.ok) return found
  let details = found.value
  const limits = { under: [asset], limit: REMOVE_ITEMS_LIMIT }
  const accounts = assetsStorage.Account.entries(state, limits)
  for (const { keys, value } of accounts) {
    const closed = closeAccount(context, details, { asset, who: keys[1] }, value)
    if (!closed.ok) return closed
    details = { ...closed.value, supply: closed.value.supply - value.balance }
  }
  assetsStorage.Asset.set(state, asset, details)
  const counts = { accounts_destroyed: accounts.length, accounts_remaining: details.accounts }
  context.deposit(assetsEvents.AccountsDestroyed({ asset_id: asset, ...counts }))
  return ok(accounts.length)
}

export function destroyApprovals(context: PalletContext, asset: number): Removed {
  const { state } = context
  const found = findDestroying(context, asset)
  if (!found.ok) return found
  const limits = { under: [asset], limit: REMOVE_ITEMS_LIMIT }
  const removed = assetsStorage.Approvals.entries(state, limits)
  for (const { keys, value } of removed) {
    assetsStorage.Approvals.delete(state, ...keys)
    const released = release(context, assetsHold('Approval'), keys[1], value.deposit)
    if (!released.ok) return released
  }
  const approvals = found.value.approvals - removed.length
  assetsStorage.Asset.set(state, asset, { ...found.value, approvals })
  const counts = { approvals_destroyed: removed.length, approvals_remaining: approvals }
  context.deposit(assetsEvents.ApprovalsDestroyed({ asset_id: asset, ...counts }))
  return ok(removed.length)
}

export function finishDestroy(context: PalletContext, asset: number): Outcome {
  const found = findDestroying(context, asset)
  if (!found.ok) return found
  const { accounts, approvals, owner, deposit } = found.value
  if (accounts > 0 || approvals > 0) return err(assetsErrors.InUse)
  const metadata = assetsStorage.Metadata.get(context.state, asset)
  const released = release(context, assetsHold('Asset'), owner, deposit)
  if (!released.ok) return released
  const cleared = release(context, assetsHold('Metadata'), owner, metadata.deposit)
  if (!cleared.ok) return cleared
  assetsStorage.Asset.delete(context.state, asset)
  assetsStorage.Metadata.delete(context.state, asset)
  context.deposit(assetsEvents.Destroyed({ asset_id: asset }))
  return ok()
}

function findDestroying(
  { state }: PalletContext,
  asset: number,
): Result<AssetDetails, DispatchError> {
  const details = findAsset(state, asset)
  if (!details.ok) return details
  return details.value.status === 'Destroying' ? details : err(assetsErrors.IncorrectStatus)
}
