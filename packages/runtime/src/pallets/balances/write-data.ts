import { err, InvariantError, ok, type AccountId, type Result } from '@tacit/base'
import type { PalletContext } from '../../framework/context.ts'
import type { DispatchError } from '../../framework/dispatch-error.ts'
import { EMPTY_DATA, MAX_CONSUMERS, type AccountData, type AccountInfo } from '../system/account.ts'
import { systemEvents, systemStorage } from '../system/types.ts'
import { balancesEvents, balancesStorage, EXISTENTIAL_DEPOSIT } from './types.ts'

/** Counts planck that are on no account any more as burned. */
export function countBurned(context: PalletContext, amount: bigint): void {
  if (amount === 0n) return
  const { TotalIssuance, Burned } = balancesStorage
  const issuance = TotalIssuance.get(context.state) - amount
  if (issuance < 0n) throw new InvariantError('burned more than was issued')
  TotalIssuance.set(context.state, issuance)
  Burned.set(context.state, Burned.get(context.state) + amount)
}

/** Stores a balance with all that follows: references, birth, death and the burning of dust. */
export function writeData(
  context: PalletContext,
  who: AccountId,
  before: AccountInfo,
  data: AccountData,
): Result<void, DispatchError> {
  if (data.free < 0n || data.reserved < 0n) throw new InvariantError('balance below zero')
  const provided = before.providers > 0 && before.data.free >= EXISTENTIAL_DEPOSIT
  const provides = data.free >= EXISTENTIAL_DEPOSIT
  const providers = before.providers + Number(provides) - Number(provided)
  const consumers = before.consumers + Number(consumes(data)) - Number(consumes(before.data))
  if (consumers > before.consumers && providers === 0) return err({ code: 'no_providers' })
  if (consumers > MAX_CONSUMERS) return err({ code: 'too_many_consumers' })
  if (provided && !provides && providers === 0 && consumers > 0)
    return err({ code: 'consumer_remaining' })
  const dies = data.free < EXISTENTIAL_DEPOSIT && data.reserved === 0n
  const account = { ...before, providers, consumers, data: dies ? EMPTY_DATA : data }
  const lives = providers > 0 || account.sufficients > 0
  if (lives) systemStorage.Account.set(context.state, who, account)
  else systemStorage.Account.delete(context.state, who)
  const born = before.providers === 0 && before.sufficients === 0 && lives
  if (born) context.deposit(systemEvents.NewAccount({ account: who }))
  if (born) context.deposit(balancesEvents.Endowed({ account: who, free_balance: data.free }))
  if (provided && !lives) context.deposit(systemEvents.KilledAccount({ account: who }))
  if (dies && data.free > 0n) {
    countBurned(context, data.free)
    context.deposit(balancesEvents.DustLost({ account: who, amount: data.free }))
  }
  return ok()
}

function consumes(data: AccountData): boolean {
  return data.reserved > 0n || data.frozen > 0n
}
