import { err, InvariantError, ok, type AccountId, type Result } from '@tacit/base'
import type { PalletContext } from '../../framework/context.ts'
import type { State } from '../../framework/state.ts'
import { MAX_CONSUMERS, type AccountInfo } from './account.ts'
import { systemEvents, systemStorage } from './types.ts'

type ReferenceError =
  | { readonly code: 'no_providers' }
  /** One more would leave none for the account's own holds and freezes. */
  | { readonly code: 'too_many_consumers' }

/**
 * Whether an account could bear so many consumers more. Source: frame_system's
 * can_accrue_consumers.
 */
export function canBearConsumers(state: State, who: AccountId, count: number): boolean {
  const { providers, consumers } = systemStorage.Account.get(state, who)
  return providers > 0 && consumers + count <= MAX_CONSUMERS
}

/** Something relies on the account's staying alive; one consumer more must still fit. */
export function addConsumer(
  { state }: PalletContext,
  who: AccountId,
): Result<void, ReferenceError> {
  const account = systemStorage.Account.get(state, who)
  if (account.providers === 0) return err({ code: 'no_providers' })
  if (account.consumers + 2 > MAX_CONSUMERS) return err({ code: 'too_many_consumers' })
  systemStorage.Account.set(state, who, { ...account, consumers: account.consumers + 1 })
  return ok()
}

export function removeConsumer({ state }: PalletContext, who: AccountId): void {
  const account = systemStorage.Account.get(state, who)
  if (account.consumers === 0) throw new InvariantError('consumers below zero')
  systemStorage.Account.set(state, who, { ...account, consumers: account.consumers - 1 })
}

/** Something lets the account exist by itself, which creates it if it was not there. */
export function addSufficient(context: PalletContext, who: AccountId): void {
  const account = systemStorage.Account.get(context.state, who)
  const sufficients = account.sufficients + 1
  systemStorage.Account.set(context.state, who, { ...account, sufficients })
  if (!isAlive(account)) context.deposit(systemEvents.NewAccount({ account: who }))
}

/** The account dies if nothing else lets it exist. */
export function removeSufficient(context: PalletContext, who: AccountId): void {
  const before = systemStorage.Account.get(context.state, who)
  if (before.sufficients === 0) throw new InvariantError('sufficients below zero')
  const account = { ...before, sufficients: before.sufficients - 1 }
  if (isAlive(account)) return systemStorage.Account.set(context.state, who, account)
  systemStorage.Account.delete(context.state, who)
  context.deposit(systemEvents.KilledAccount({ account: who }))
}

function isAlive({ providers, sufficients }: AccountInfo): boolean {
  return providers > 0 || sufficients > 0
}
