import { equalBytes, err, MAX_BALANCE, ok, type AccountId, type Result } from '@tacit/base'
import type { PalletContext } from '../../framework/context.ts'
import type { DispatchError } from '../../framework/dispatch-error.ts'
import type { State } from '../../framework/state.ts'
import { canBearConsumers } from '../system/references.ts'
import { closeAccount, openAccount, staysEmpty, type Place } from './accounts.ts'
import { assetsEvents } from './events.ts'
import type { AssetAccount, AssetDetails } from './records.ts'
import { assetsErrors, assetsStorage } from './types.ts'

/** A consumer reference more, and one left for the account's own holds. */
const CONSUMERS_NEEDED = 2

export function findAsset(state: State, asset: number): Result<AssetDetails, DispatchError> {
  const details = assetsStorage.Asset.get(state, asset)
  return details ? ok(details) : err(assetsErrors.Unknown)
}

/** An asset that can be used. */
export function findLive(state: State, asset: number): Result<AssetDetails, DispatchError> {
  const details = findAsset(state, asset)
  if (!details.ok) return details
  return details.value.status === 'Live' ? details : err(assetsErrors.AssetNotLive)
}

/**
 * What could be taken of an account. Source: pallet_assets' reducible_balance.
 * @param keepAlive leaves the least balance.
 */
export function reducible(
  state: State,
  { asset, who }: Place,
  keepAlive: boolean,
): Result<bigint, DispatchError> {
  const details = findLive(state, asset)
  if (!details.ok) return details
  const account = assetsStorage.Account.get(state, asset, who)
  if (!account) return err(assetsErrors.NoAccount)
  if (account.status !== 'Liquid') return err(assetsErrors.Frozen)
  const { min_balance, supply } = details.value
  const kept = keepAlive ? min_balance : 0n
  const free = account.balance > kept ? account.balance - kept : 0n
  return ok(free < supply ? free : supply)
}

/** Adds units, which the payer makes room for; the supply grows. */
export function mint(
  context: PalletContext,
  details: AssetDetails,
  place: Place,
  amount: bigint,
  payer: AccountId,
): Result<void, DispatchError> {
  const supply = details.supply + amount
  if (supply > MAX_BALANCE) return err({ code: 'arithmetic', reason: 'Overflow' })
  const given = credit(context, { ...details, supply }, place, amount, payer)
  if (!given.ok) return given
  assetsStorage.Asset.set(context.state, place.asset, given.value)
  const { asset: asset_id, who: owner } = place
  context.deposit(assetsEvents.Issued({ asset_id, owner, amount }))
  return ok()
}

/** Takes as much as there is, up to an amount, out of the supply. */
export function burn(
  context: PalletContext,
  details: AssetDetails,
  place: Place,
  most: bigint,
): Result<void, DispatchError> {
  const available = reducible(context.state, place, false)
  if (!available.ok) return available
  const amount = most < available.value ? most : available.value
  const taken = debit(context, details, place, amount)
  if (!taken.ok) return taken
  const { details: rest, amount: balance } = taken.value
  const { asset: asset_id, who: owner } = place
  assetsStorage.Asset.set(context.state, asset_id, { ...rest, supply: rest.supply - balance })
  context.deposit(assetsEvents.Burned({ asset_id, owner, balance }))
  return ok()
}

export type Transfer = {
  readonly asset: number
  readonly from: AccountId
  readonly to: AccountId
  readonly amount: bigint
  readonly keepAlive: boolean
  /** Who pays for the recipient's account, if it is new. */
  readonly payer: AccountId
}

/**
 * Moves units; a rest below the least balance goes with them. Source: pallet_assets' do_transfer
 * with burn_dust and best_effort off.
 */
export function transfer(context: PalletContext, moved: Transfer): Result<void, DispatchError> {
  const { asset, from, to, amount, keepAlive, payer } = moved
  const source = { asset, who: from }
  const details = findLive(context.state, asset)
  if (!details.ok) return details
  if (amount === 0n) return ok()
  const available = reducible(context.state, source, keepAlive)
  if (!available.ok) return available
  if (amount > available.value) return err(assetsErrors.BalanceLow)
  const balance = assetsStorage.Account.get(context.state, asset, from)?.balance ?? 0n
  const all = amountOf(details.value, balance, amount)
  const possible = canCredit(context.state, details.value, { asset, who: to }, all)
  if (!possible.ok) return possible
  if (!equalBytes(from, to)) {
    const taken = debit(context, details.value, source, amount)
    if (!taken.ok) return taken
    const given = credit(context, taken.value.details, { asset, who: to }, all, payer)
    if (!given.ok) return given
    assetsStorage.Asset.set(context.state, asset, given.value)
  }
  context.deposit(assetsEvents.Transferred({ asset_id: asset, from, to, amount: all }))
  return ok()
}

/** Takes units off an account, all of them where too few would stay. */
function debit(
  context: PalletContext,
  details: AssetDetails,
  place: Place,
  wanted: bigint,
): Result<{ readonly details: AssetDetails; readonly amount: bigint }, DispatchError> {
  const { asset, who } = place
  const account = assetsStorage.Account.get(context.state, asset, who)
  if (!account) return err(assetsErrors.NoAccount)
  const amount = amountOf(details, account.balance, wanted)
  const left: AssetAccount = { ...account, balance: account.balance - amount }
  if (left.balance > 0n || wanted === 0n || staysEmpty(account)) {
    assetsStorage.Account.set(context.state, asset, who, left)
    return ok({ details, amount })
  }
  const closed = closeAccount(context, details, place, account)
  return closed.ok ? ok({ details: closed.value, amount }) : closed
}

/** All that an account has, where too few would stay. */
function amountOf({ min_balance }: AssetDetails, balance: bigint, wanted: bigint): bigint {
  return wanted > 0n && balance - wanted < min_balance ? balance : wanted
}

/** Adds units to an account, which is opened if it is new. */
function credit(
  context: PalletContext,
  details: AssetDetails,
  place: Place,
  amount: bigint,
  payer: AccountId,
): Result<AssetDetails, DispatchError> {
  if (amount === 0n) return ok(details)
  const possible = canCredit(context.state, details, place, amount)
  if (!possible.ok) return possible
  const { asset, who } = place
  const account = assetsStorage.Account.get(context.state, asset, who)
  if (account) {
    const balance = account.balance + amount
    assetsStorage.Account.set(context.state, asset, who, { ...account, balance })
    return ok(details)
  }
  const opened = openAccount(context, details, place, payer)
  if (!opened.ok) return opened
  const { reason } = opened.value
  assetsStorage.Account.set(context.state, asset, who, {
    balance: amount,
    status: 'Liquid',
    reason,
  })
  return ok(opened.value.details)
}

/** Source: pallet_assets' can_increase. */
function canCredit(
  state: State,
  { min_balance, is_sufficient }: AssetDetails,
  { asset, who }: Place,
  amount: bigint,
): Result<void, DispatchError> {
  const account = assetsStorage.Account.get(state, asset, who)
  if (account?.status === 'Blocked') return err({ code: 'token', reason: 'Blocked' })
  const sum = (account?.balance ?? 0n) + amount
  if (sum > MAX_BALANCE) return err({ code: 'arithmetic', reason: 'Overflow' })
  if (account) return ok()
  if (amount < min_balance) return err({ code: 'token', reason: 'BelowMinimum' })
  const isPossible = is_sufficient || canBearConsumers(state, who, CONSUMERS_NEEDED)
  return isPossible ? ok() : err({ code: 'token', reason: 'CannotCreate' })
}
