import { equalBytes, err, MAX_BALANCE, ok, type AccountId, type Result } from '@tacit/base'
import type { PalletContext } from '../../framework/context.ts'
import type { DispatchError, TokenError } from '../../framework/dispatch-error.ts'
import type { HoldReason } from '../../framework/hold-reason.ts'
import type { State } from '../../framework/state.ts'
import { canLoseProvider, type AccountData, type AccountInfo } from '../system/account.ts'
import { systemStorage } from '../system/types.ts'
import {
  balancesErrors,
  balancesEvents,
  balancesStorage,
  EXISTENTIAL_DEPOSIT,
  MAX_HOLDS,
  sameReason,
  type IdAmount,
} from './types.ts'
import { countBurned, writeData } from './write-data.ts'

/**
 * The rules are those of pallet_balances (polkadot-sdk) under its fungible traits. An operation
 * that fails has changed nothing, so that a caller may go on after it.
 */
type Outcome = Result<void, DispatchError>

/**
 * Expendable: the account may die. Protect: it may only if something else keeps it. Preserve: it
 * keeps the existential deposit.
 */
export type Preservation = 'Expendable' | 'Protect' | 'Preserve'

/** Planck of an account that are neither held nor gone; a part may be frozen. */
export function free(state: State, who: AccountId): bigint {
  return systemStorage.Account.get(state, who).data.free
}

/** Planck that are held under one reason. */
export function held(state: State, reason: HoldReason, who: AccountId): bigint {
  return find(balancesStorage.Holds.get(state, who), reason)?.amount ?? 0n
}

/** Planck that a transfer or burn could take now. */
export function spendable(state: State, who: AccountId, preservation: Preservation): bigint {
  return reducible(systemStorage.Account.get(state, who), preservation, 'Polite')
}

/** Moves free balance. The recipient must end with the existential deposit at least. */
export function transfer(
  context: PalletContext,
  from: AccountId,
  to: AccountId,
  amount: bigint,
  options: { readonly keepAlive: boolean },
): Outcome {
  const source = systemStorage.Account.get(context.state, from)
  const withdrawal = canWithdraw(context.state, source, amount, options.keepAlive)
  if (!withdrawal.ok) return withdrawal
  const target = systemStorage.Account.get(context.state, to)
  const possible = canDeposit(target, amount)
  if (!possible.ok) return possible
  if (amount > 0n && !equalBytes(from, to)) {
    const taken = writeData(context, from, source, addFree(source.data, -amount))
    const given = taken.ok ? writeData(context, to, target, addFree(target.data, amount)) : taken
    if (!given.ok) return given
  }
  context.deposit(balancesEvents.Transfer({ from, to, amount }))
  return ok()
}

/** Creates planck on an account. */
export function mint(context: PalletContext, who: AccountId, amount: bigint): Outcome {
  const issuance = balancesStorage.TotalIssuance.get(context.state) + amount
  const minted = balancesStorage.Minted.get(context.state) + amount
  if (issuance > MAX_BALANCE || minted > MAX_BALANCE)
    return err({ code: 'arithmetic', reason: 'Overflow' })
  const done = deposit(context, who, amount)
  if (!done.ok) return done
  balancesStorage.TotalIssuance.set(context.state, issuance)
  balancesStorage.Minted.set(context.state, minted)
  context.deposit(balancesEvents.Minted({ who, amount }))
  return ok()
}

/** Destroys free balance. */
export function burn(
  context: PalletContext,
  who: AccountId,
  amount: bigint,
  options: { readonly keepAlive: boolean },
): Outcome {
  const account = systemStorage.Account.get(context.state, who)
  const preservation = options.keepAlive ? 'Preserve' : 'Expendable'
  if (amount > reducible(account, preservation, 'Polite')) return token('FundsUnavailable')
  const done = writeData(context, who, account, {
    ...account.data,
    free: account.data.free - amount,
  })
  if (!done.ok) return done
  countBurned(context, amount)
  context.deposit(balancesEvents.Burned({ who, amount }))
  return ok()
}

/** Sets free balance aside under a reason; the account keeps the existential deposit free. */
export function hold(
  context: PalletContext,
  reason: HoldReason,
  who: AccountId,
  amount: bigint,
): Outcome {
  if (amount === 0n) return ok()
  const account = systemStorage.Account.get(context.state, who)
  if (amount > reducible(account, 'Protect', 'Force')) return token('FundsUnavailable')
  const holds = changedHolds(context.state, reason, who, amount)
  if (!holds.ok) return holds
  const done = writeData(context, who, account, addReserved(addFree(account.data, -amount), amount))
  if (!done.ok) return done
  storeHolds(context.state, who, holds.value)
  context.deposit(balancesEvents.Held({ reason, who, amount }))
  return ok()
}

/** Makes a held part free again. */
export function release(
  context: PalletContext,
  reason: HoldReason,
  who: AccountId,
  amount: bigint,
): Outcome {
  if (amount === 0n) return ok()
  const done = takeHeld(context, reason, who, amount, amount)
  if (!done.ok) return done
  context.deposit(balancesEvents.Released({ reason, who, amount }))
  return ok()
}

/** Pays a held part to another account's free balance, or to the holder's own. */
export function transferHeld(
  context: PalletContext,
  reason: HoldReason,
  from: AccountId,
  to: AccountId,
  amount: bigint,
): Outcome {
  if (amount === 0n) return ok()
  const own = equalBytes(from, to)
  const possible = own ? ok() : canDeposit(systemStorage.Account.get(context.state, to), amount)
  if (!possible.ok) return possible
  const taken = takeHeld(context, reason, from, amount, own ? amount : 0n)
  const given = taken.ok && !own ? deposit(context, to, amount) : taken
  if (!given.ok) return given
  context.deposit(balancesEvents.TransferOnHold({ reason, source: from, dest: to, amount }))
  return ok()
}

/** Destroys a held part. */
export function burnHeld(
  context: PalletContext,
  reason: HoldReason,
  who: AccountId,
  amount: bigint,
): Outcome {
  if (amount === 0n) return ok()
  const done = takeHeld(context, reason, who, amount, 0n)
  if (!done.ok) return done
  countBurned(context, amount)
  context.deposit(balancesEvents.BurnedHeld({ reason, who, amount }))
  return ok()
}

/** Takes planck out for a fee; until countBurned or deposit they belong to nobody. */
export function withdraw(context: PalletContext, who: AccountId, amount: bigint): Outcome {
  const account = systemStorage.Account.get(context.state, who)
  if (amount > reducible(account, 'Preserve', 'Polite')) return token('FundsUnavailable')
  return writeData(context, who, account, addFree(account.data, -amount))
}

/** Puts planck that belong to nobody on an account. */
export function deposit(context: PalletContext, who: AccountId, amount: bigint): Outcome {
  const account = systemStorage.Account.get(context.state, who)
  const possible = canDeposit(account, amount)
  if (!possible.ok || amount === 0n) return possible
  return writeData(context, who, account, addFree(account.data, amount))
}

/** Lowers a hold; `freed` of it stays with the account. */
function takeHeld(
  context: PalletContext,
  reason: HoldReason,
  who: AccountId,
  amount: bigint,
  freed: bigint,
): Outcome {
  const holds = changedHolds(context.state, reason, who, -amount)
  if (!holds.ok) return holds
  const account = systemStorage.Account.get(context.state, who)
  const done = writeData(context, who, account, addReserved(addFree(account.data, freed), -amount))
  if (!done.ok) return done
  storeHolds(context.state, who, holds.value)
  return ok()
}

function canWithdraw(
  state: State,
  account: AccountInfo,
  amount: bigint,
  keepAlive: boolean,
): Outcome {
  if (amount === 0n) return ok()
  const rest = account.data.free - amount
  if (rest < 0n) {
    const beyondIssuance = amount > balancesStorage.TotalIssuance.get(state)
    return beyondIssuance
      ? err({ code: 'arithmetic', reason: 'Underflow' })
      : token('FundsUnavailable')
  }
  if (amount > reducible(account, 'Expendable', 'Polite')) return token('Frozen')
  if (rest >= EXISTENTIAL_DEPOSIT) return ok()
  if (!canLoseProvider(account)) return token('OnlyProvider')
  return keepAlive ? token('NotExpendable') : ok()
}

function canDeposit(account: AccountInfo, amount: bigint): Outcome {
  if (amount === 0n) return ok()
  const sum = account.data.free + amount
  if (sum + account.data.reserved > MAX_BALANCE)
    return err({ code: 'arithmetic', reason: 'Overflow' })
  return sum < EXISTENTIAL_DEPOSIT ? token('BelowMinimum') : ok()
}

function reducible(
  account: AccountInfo,
  preservation: Preservation,
  force: 'Polite' | 'Force',
): bigint {
  const { free: all, frozen, reserved } = account.data
  let untouchable = force === 'Polite' && frozen > reserved ? frozen - reserved : 0n
  const mustLive =
    preservation === 'Preserve' ||
    (all > 0n && preservation === 'Protect' && account.providers === 1) ||
    (all > 0n && preservation === 'Expendable' && !canLoseProvider(account))
  if (mustLive && untouchable < EXISTENTIAL_DEPOSIT) untouchable = EXISTENTIAL_DEPOSIT
  return all > untouchable ? all - untouchable : 0n
}

function addFree(data: AccountData, amount: bigint): AccountData {
  return { ...data, free: data.free + amount }
}

function addReserved(data: AccountData, amount: bigint): AccountData {
  return { ...data, reserved: data.reserved + amount }
}

type Holds = readonly IdAmount<HoldReason>[]

function changedHolds(
  state: State,
  reason: HoldReason,
  who: AccountId,
  change: bigint,
): Result<Holds, DispatchError> {
  const holds = balancesStorage.Holds.get(state, who)
  const amount = (find(holds, reason)?.amount ?? 0n) + change
  if (amount < 0n) return token('FundsUnavailable')
  const others = holds.filter(({ id }) => !sameReason(id, reason))
  const all = amount === 0n ? others : [...others, { id: reason, amount }]
  return all.length > MAX_HOLDS ? err(balancesErrors.TooManyHolds) : ok(all)
}

function storeHolds(state: State, who: AccountId, holds: Holds): void {
  if (holds.length > 0) balancesStorage.Holds.set(state, who, holds)
  else balancesStorage.Holds.delete(state, who)
}

function find(items: Holds, id: HoldReason): Holds[number] | undefined {
  return items.find((item) => sameReason(item.id, id))
}

function token(reason: TokenError['reason']): Result<never, TokenError> {
  return err({ code: 'token', reason })
}
