import { equalBytes, err, MAX_BALANCE, ok, type AccountId, type Result } from '@tacit/base'
import type { PalletContext } from '../../framework/context.ts'
import type { DispatchError } from '../../framework/dispatch-error.ts'
import { hold, release } from '../balances/ops.ts'
import { assetsEvents } from './events.ts'
import { findAsset, findLive, transfer } from './ops.ts'
import { APPROVAL_DEPOSIT, assetsErrors, assetsHold, assetsStorage } from './types.ts'

type Outcome = Result<void, DispatchError>
export type ApprovalOf = {
  readonly asset: number
  readonly owner: AccountId
  readonly delegate: AccountId
}

/** Adds to what a delegate may send. */
export function approve(context: PalletContext, of: ApprovalOf, amount: bigint): Outcome {
  const { asset, owner, delegate } = of
  const details = findLive(context.state, asset)
  if (!details.ok) return details
  const { Approvals, Asset } = assetsStorage
  const before = Approvals.get(context.state, asset, owner, delegate)
  if (!before) {
    const held = hold(context, assetsHold('Approval'), owner, APPROVAL_DEPOSIT)
    if (!held.ok) return held
    const approvals = details.value.approvals + 1
    Asset.set(context.state, asset, { ...details.value, approvals })
  }
  const { amount: approved, deposit } = before ?? { amount: 0n, deposit: APPROVAL_DEPOSIT }
  const sum = approved + amount
  const capped = sum > MAX_BALANCE ? MAX_BALANCE : sum
  Approvals.set(context.state, asset, owner, delegate, { amount: capped, deposit })
  const event = { asset_id: asset, source: owner, delegate, amount }
  context.deposit(assetsEvents.ApprovedTransfer(event))
  return ok()
}

export function cancelApproval(context: PalletContext, of: ApprovalOf): Outcome {
  const { asset, owner, delegate } = of
  const removed = removeApproval(context, of)
  if (!removed.ok) return removed
  context.deposit(assetsEvents.ApprovalCancelled({ asset_id: asset, owner, delegate }))
  return ok()
}

/** @param sender absent where the chain itself does it. */
export function forceCancelApproval(
  context: PalletContext,
  of: ApprovalOf,
  sender: AccountId | undefined,
): Outcome {
  const details = findAsset(context.state, of.asset)
  if (!details.ok) return details
  if (sender && !equalBytes(sender, details.value.admin)) return err(assetsErrors.NoPermission)
  return cancelApproval(context, of)
}

/** What is sent for an owner comes off the approval; nothing left removes it. */
export function transferApproved(
  context: PalletContext,
  of: ApprovalOf,
  destination: AccountId,
  amount: bigint,
): Outcome {
  const { asset, owner, delegate } = of
  const details = findLive(context.state, asset)
  if (!details.ok) return details
  const approved = assetsStorage.Approvals.get(context.state, asset, owner, delegate)
  if (!approved || approved.amount < amount) return err(assetsErrors.Unapproved)
  const moved = { asset, from: owner, to: destination, amount, keepAlive: false, payer: delegate }
  const sent = transfer(context, moved)
  if (!sent.ok) return sent
  const left = approved.amount - amount
  if (left === 0n) {
    const removed = removeApproval(context, of)
    if (!removed.ok) return removed
  } else {
    const rest = { ...approved, amount: left }
    assetsStorage.Approvals.set(context.state, asset, owner, delegate, rest)
  }
  const event = { asset_id: asset, owner, delegate, destination, amount }
  context.deposit(assetsEvents.TransferredApproved(event))
  return ok()
}

function removeApproval(context: PalletContext, { asset, owner, delegate }: ApprovalOf): Outcome {
  const details = findLive(context.state, asset)
  if (!details.ok) return details
  const approved = assetsStorage.Approvals.get(context.state, asset, owner, delegate)
  if (!approved) return err(assetsErrors.Unknown)
  assetsStorage.Approvals.delete(context.state, asset, owner, delegate)
  const approvals = details.value.approvals - 1
  assetsStorage.Asset.set(context.state, asset, { ...details.value, approvals })
  return release(context, assetsHold('Approval'), owner, approved.deposit)
}
