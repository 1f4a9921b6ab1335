import { equalBytes, err, ok, type AccountId, type Result } from '@tacit/base'
import type { PalletContext } from '../../framework/context.ts'
import type { DispatchError } from '../../framework/dispatch-error.ts'
import { closeAccount, openUnderDeposit, type Place } from './accounts.ts'
import { assetsEvents } from './events.ts'
import { findAsset, findLive } from './ops.ts'
import { assetsErrors, assetsStorage } from './types.ts'

type Outcome = Result<void, DispatchError>

/** Creates an empty account under a deposit; for others only the asset's admin or freezer may. */
export function touch(
  context: PalletContext,
  { asset, who }: Place,
  depositor: AccountId,
): Outcome {
  if (assetsStorage.Account.has(context.state, asset, who)) return err(assetsErrors.AlreadyExists)
  const details = findLive(context.state, asset)
  if (!details.ok) return details
  const { admin, freezer } = details.value
  const allowed = [who, admin, freezer].some((one) => equalBytes(one, depositor))
  if (!allowed) return err(assetsErrors.NoPermission)
  const opened = openUnderDeposit(context, details.value, who, depositor)
  if (!opened.ok) return opened
  const account = { balance: 0n, status: 'Liquid', reason: opened.value.reason } as const
  assetsStorage.Account.set(context.state, asset, who, account)
  assetsStorage.Asset.set(context.state, asset, opened.value.details)
  context.deposit(assetsEvents.Touched({ asset_id: asset, who, depositor }))
  return ok()
}

/** Removes the sender's own account and gives back the deposit or the reference. */
export function refund(context: PalletContext, place: Place, allowBurn: boolean): Outcome {
  const account = assetsStorage.Account.get(context.state, place.asset, place.who)
  const isOwn = account?.reason.type === 'Consumer' || account?.reason.type === 'DepositHeld'
  if (!account || !isOwn) return err(assetsErrors.NoDeposit)
  const details = findAsset(context.state, place.asset)
  if (!details.ok) return details
  if (details.value.status === 'Destroying') return err(assetsErrors.IncorrectStatus)
  if (account.balance > 0n && !allowBurn) return err(assetsErrors.WouldBurn)
  const closed = closeAccount(context, details.value, place, account)
  if (!closed.ok) return closed
  // FRAME leaves the supply as it was, though nobody has these units any more.
  const supply = closed.value.supply - account.balance
  assetsStorage.Asset.set(context.state, place.asset, { ...closed.value, supply })
  return ok()
}

/** The depositor or the asset's admin removes another's empty account. */
export function refundOther(context: PalletContext, place: Place, sender: AccountId): Outcome {
  const account = assetsStorage.Account.get(context.state, place.asset, place.who)
  if (account?.reason.type !== 'DepositFrom') return err(assetsErrors.NoDeposit)
  const details = findLive(context.state, place.asset)
  if (!details.ok) return details
  if (account.status !== 'Liquid') return err(assetsErrors.Frozen)
  const allowed = [account.reason.value[0], details.value.admin]
  if (!allowed.some((one) => equalBytes(one, sender))) return err(assetsErrors.NoPermission)
  if (account.balance > 0n) return err(assetsErrors.WouldBurn)
  const closed = closeAccount(context, details.value, place, account)
  if (!closed.ok) return closed
  assetsStorage.Asset.set(context.state, place.asset, closed.value)
  return ok()
}
