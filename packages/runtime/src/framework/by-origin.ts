import type { AccountId } from '@tacit/base'
import type { DispatchResult } from './calls.ts'
import type { CallContext } from './context.ts'
import { lookup, type MultiAddress } from './multi-address.ts'
import { ensureRoot, ensureSigned } from './origin.ts'

type Accounts<A extends readonly MultiAddress[]> = { readonly [K in keyof A]: AccountId }

/** Runs for a signer, with the accounts that the arguments name. */
export function bySigner<const A extends readonly MultiAddress[]>(
  context: CallContext,
  addresses: A,
  run: (sender: AccountId, ...accounts: Accounts<A>) => DispatchResult,
): DispatchResult {
  const sender = ensureSigned(context.origin)
  if (!sender.ok) return sender
  return withAccounts(addresses, (...accounts) => run(sender.value, ...accounts))
}

/** Runs for the chain itself. */
export function byRoot<const A extends readonly MultiAddress[]>(
  context: CallContext,
  addresses: A,
  run: (...accounts: Accounts<A>) => DispatchResult,
): DispatchResult {
  const allowed = ensureRoot(context.origin)
  return allowed.ok ? withAccounts(addresses, run) : allowed
}

/** Runs for the chain itself, which is no sender, or for a signer. */
export function byRootOrSigner<const A extends readonly MultiAddress[]>(
  context: CallContext,
  addresses: A,
  run: (sender: AccountId | undefined, ...accounts: Accounts<A>) => DispatchResult,
): DispatchResult {
  if (!ensureRoot(context.origin).ok) return bySigner(context, addresses, run)
  return withAccounts(addresses, (...accounts) => run(undefined, ...accounts))
}

function withAccounts<A extends readonly MultiAddress[]>(
  addresses: A,
  run: (...accounts: Accounts<A>) => DispatchResult,
): DispatchResult {
  const accounts: AccountId[] = []
  for (const address of addresses) {
    const account = lookup(address)
    if (!account.ok) return account
    accounts.push(account.value)
  }
  return run(...(accounts as unknown as Accounts<A>))
}
