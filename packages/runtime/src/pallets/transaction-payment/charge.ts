import type { AccountId } from '@tacit/base'
import type { PalletContext } from '../../framework/context.ts'
import { deposit, withdraw } from '../balances/ops.ts'
import { balancesEvents } from '../balances/types.ts'
import { countBurned } from '../balances/write-data.ts'
import { BURNED_PARTS_PER_MILLION, transactionPaymentEvents, TREASURY_ACCOUNT } from './types.ts'

const MILLION = 1_000_000n

/** Takes the most that the extrinsic may cost; false if the sender would be reaped by that. */
export function takeFee(context: PalletContext, who: AccountId, amount: bigint): boolean {
  if (amount === 0n) return true
  if (!withdraw(context, who, amount).ok) return false
  context.deposit(balancesEvents.Withdraw({ who, amount }))
  return true
}

/** What was taken, what it really cost (with the tip), and the tip in it. Planck. */
export type Charge = { readonly taken: bigint; readonly due: bigint; readonly tip: bigint }

/**
 * Gives back what was taken too much and splits the rest. A sender who died meanwhile and cannot
 * be given back what is below the existential deposit pays all.
 * @returns the fee that was paid, tip included.
 */
export function settleFee(context: PalletContext, who: AccountId, charge: Charge): bigint {
  const { taken, due, tip } = charge
  if (taken === 0n) return 0n
  const paid = putIn(context, who, taken - due) ? due : taken
  const burned = ((paid - tip) * BURNED_PARTS_PER_MILLION) / MILLION
  const treasury = paid - burned
  countBurned(context, putIn(context, TREASURY_ACCOUNT, treasury) ? burned : paid)
  context.deposit(transactionPaymentEvents.TransactionFeePaid({ who, actual_fee: paid, tip }))
  return paid
}

function putIn(context: PalletContext, who: AccountId, amount: bigint): boolean {
  if (!deposit(context, who, amount).ok) return false
  if (amount > 0n) context.deposit(balancesEvents.Deposit({ who, amount }))
  return true
}
