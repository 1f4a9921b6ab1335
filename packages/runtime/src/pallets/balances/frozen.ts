import { equalBytes, err, InvariantError, ok, type AccountId, type Result } from '@tacit/base'
import type { PalletContext } from '../../framework/context.ts'
import type { DispatchError } from '../../framework/dispatch-error.ts'
import type { FreezeReason } from '../../framework/hold-reason.ts'
import type { State } from '../../framework/state.ts'
import { systemStorage } from '../system/types.ts'
import {
  balancesErrors,
  balancesEvents,
  balancesStorage,
  MAX_FREEZES,
  MAX_LOCKS,
  sameReason,
  type BalanceLock,
  type IdAmount,
} from './types.ts'
import { writeData } from './write-data.ts'

/**
 * What may not be spent although it is the account's own: the largest of its freezes and locks.
 * The rules are those of pallet_balances (polkadot-sdk): set_freeze, and set_lock, extend_lock and
 * remove_lock of its older interface, which wallets read for vesting. A failure has changed nothing.
 */
type Outcome = Result<void, DispatchError>
type Freezes = readonly IdAmount<FreezeReason>[]
type Locks = readonly BalanceLock[]

/** Sets the amount that a balance may not fall below for a reason; 0 lifts it. */
export function setFreeze(
  context: PalletContext,
  reason: FreezeReason,
  who: AccountId,
  amount: bigint,
): Outcome {
  const { state } = context
  const others = balancesStorage.Freezes.get(state, who).filter(({ id }) => !sameReason(id, reason))
  const freezes = amount === 0n ? others : [...others, { id: reason, amount }]
  if (freezes.length > MAX_FREEZES) return err(balancesErrors.TooManyFreezes)
  const change = writeFrozen(context, who, freezes, balancesStorage.Locks.get(state, who))
  if (!change.ok) return change
  if (freezes.length > 0) balancesStorage.Freezes.set(state, who, freezes)
  else balancesStorage.Freezes.delete(state, who)
  if (change.value > 0n) context.deposit(balancesEvents.Frozen({ who, amount: change.value }))
  if (change.value < 0n) context.deposit(balancesEvents.Thawed({ who, amount: -change.value }))
  return ok()
}

/** Planck that a lock covers; 0 if there is none. */
export function locked(state: State, id: Uint8Array, who: AccountId): bigint {
  return balancesStorage.Locks.get(state, who).find((lock) => equalBytes(lock.id, id))?.amount ?? 0n
}

/**
 * Sets the lock of an id (8 bytes, one for each use) to an amount, which may exceed the balance; 0
 * removes it. It covers fees too, whatever its reasons say: so do all locks of pallet_balances
 * since it has freezes.
 */
export function setLock(
  context: PalletContext,
  id: Uint8Array,
  who: AccountId,
  amount: bigint,
): Outcome {
  if (amount === 0n) return removeLock(context, id, who)
  const lock: BalanceLock = { id, amount, reasons: { type: 'All' } }
  const before = balancesStorage.Locks.get(context.state, who)
  const at = before.findIndex((other) => equalBytes(other.id, id))
  return writeLocks(context, who, at < 0 ? [...before, lock] : before.with(at, lock))
}

/** Raises a lock to an amount, or sets it; never lowers it. */
export function extendLock(
  context: PalletContext,
  id: Uint8Array,
  who: AccountId,
  amount: bigint,
): Outcome {
  return amount > locked(context.state, id, who) ? setLock(context, id, who, amount) : ok()
}

/** Removes a lock, if it is there. */
export function removeLock(context: PalletContext, id: Uint8Array, who: AccountId): Outcome {
  const before = balancesStorage.Locks.get(context.state, who)
  const others = before.filter((lock) => !equalBytes(lock.id, id))
  return others.length === before.length ? ok() : writeLocks(context, who, others)
}

function writeLocks(context: PalletContext, who: AccountId, locks: Locks): Outcome {
  const { state } = context
  // Ids are written in the code: users cannot make more of them.
  if (locks.length > MAX_LOCKS) throw new InvariantError('more locks than ids')
  const change = writeFrozen(context, who, balancesStorage.Freezes.get(state, who), locks)
  if (!change.ok) return change
  if (locks.length > 0) balancesStorage.Locks.set(state, who, locks)
  else balancesStorage.Locks.delete(state, who)
  if (change.value > 0n) context.deposit(balancesEvents.Locked({ who, amount: change.value }))
  if (change.value < 0n) context.deposit(balancesEvents.Unlocked({ who, amount: -change.value }))
  return ok()
}

/** Writes the frozen part of a balance; tells by how much it rose. */
function writeFrozen(
  context: PalletContext,
  who: AccountId,
  freezes: Freezes,
  locks: Locks,
): Result<bigint, DispatchError> {
  const account = systemStorage.Account.get(context.state, who)
  const amounts = [...freezes, ...locks].map(({ amount }) => amount)
  const frozen = amounts.reduce((most, amount) => (amount > most ? amount : most), 0n)
  const done = writeData(context, who, account, { ...account.data, frozen })
  return done.ok ? ok(frozen - account.data.frozen) : done
}
