import { equalBytes, err, InvariantError, ok, type AccountId, type Result } from '@tacit/base'
import type { PalletContext } from '../../framework/context.ts'
import type { DispatchError } from '../../framework/dispatch-error.ts'
import { hold, release } from '../balances/ops.ts'
import {
  addConsumer,
  addSufficient,
  removeConsumer,
  removeSufficient,
} from '../system/references.ts'
import type { AssetAccount, AssetDetails, ExistenceReason } from './records.ts'
import {
  ASSET_ACCOUNT_DEPOSIT,
  assetsErrors,
  assetsHold,
  assetsStorage,
  type AccountDeposit,
} from './types.ts'

/** Largest number of accounts, sufficient ones, or approvals of one asset. */
const MAX_COUNT = 0xffff_ffff

export type NewAccount = { readonly details: AssetDetails; readonly reason: ExistenceReason }

/** Where an asset's account stands. */
export type Place = { readonly asset: number; readonly who: AccountId }

/**
 * Makes room for the first units of an account: by itself where the asset is sufficient, else by a
 * consumer reference. For that one a deposit is held of whoever sends them, as FRAME does not: the
 * recipient was not asked, and one account's existential deposit pays for its own entry only.
 */
export function openAccount(
  context: PalletContext,
  details: AssetDetails,
  { asset, who }: Place,
  payer: AccountId,
): Result<NewAccount, DispatchError> {
  const counted = countOne(details)
  if (!counted.ok) return counted
  if (details.is_sufficient) {
    addSufficient(context, who)
    const sufficients = details.sufficients + 1
    return ok({ details: { ...counted.value, sufficients }, reason: { type: 'Sufficient' } })
  }
  if (!addConsumer(context, who).ok) return err(assetsErrors.UnavailableConsumer)
  const held = hold(context, assetsHold('Account'), payer, ASSET_ACCOUNT_DEPOSIT)
  if (!held.ok) return held
  const deposit: AccountDeposit = { depositor: payer, amount: ASSET_ACCOUNT_DEPOSIT }
  assetsStorage.AccountDeposits.set(context.state, asset, who, deposit)
  return ok({ details: counted.value, reason: { type: 'Consumer' } })
}

/** Makes room under a deposit of its own, without a reference. */
export function openUnderDeposit(
  context: PalletContext,
  details: AssetDetails,
  who: AccountId,
  depositor: AccountId,
): Result<NewAccount, DispatchError> {
  const counted = countOne(details)
  if (!counted.ok) return counted
  const amount = ASSET_ACCOUNT_DEPOSIT
  const held = hold(context, assetsHold('Account'), depositor, amount)
  if (!held.ok) return held
  const reason: ExistenceReason = equalBytes(who, depositor)
    ? { type: 'DepositHeld', value: amount }
    : { type: 'DepositFrom', value: [depositor, amount] }
  return ok({ details: counted.value, reason })
}

/** Whether the account stays when it has nothing: somebody paid for that. */
export function staysEmpty({ reason }: Pick<AssetAccount, 'reason'>): boolean {
  return reason.type === 'DepositHeld' || reason.type === 'DepositFrom'
}

/** Removes an account and gives back what was held for it. */
export function closeAccount(
  context: PalletContext,
  details: AssetDetails,
  { asset, who }: Place,
  { reason }: Pick<AssetAccount, 'reason'>,
): Result<AssetDetails, DispatchError> {
  const { Account, AccountDeposits } = assetsStorage
  Account.delete(context.state, asset, who)
  const rest = { ...details, accounts: details.accounts - 1 }
  switch (reason.type) {
    case 'Consumer': {
      removeConsumer(context, who)
      const paid = AccountDeposits.get(context.state, asset, who)
      if (!paid) throw new InvariantError('nobody paid for an account')
      AccountDeposits.delete(context.state, asset, who)
      return giveBack(context, rest, paid.depositor, paid.amount)
    }
    case 'Sufficient':
      removeSufficient(context, who)
      return ok({ ...rest, sufficients: details.sufficients - 1 })
    case 'DepositHeld':
      return giveBack(context, rest, who, reason.value)
    case 'DepositFrom':
      return giveBack(context, rest, ...reason.value)
    case 'DepositRefunded':
      return ok(rest)
  }
}

function giveBack(
  context: PalletContext,
  details: AssetDetails,
  depositor: AccountId,
  amount: bigint,
): Result<AssetDetails, DispatchError> {
  const released = release(context, assetsHold('Account'), depositor, amount)
  return released.ok ? ok(details) : released
}

function countOne(details: AssetDetails): Result<AssetDetails, DispatchError> {
  if (details.accounts >= MAX_COUNT) return err({ code: 'arithmetic', reason: 'Overflow' })
  return ok({ ...details, accounts: details.accounts + 1 })
}
