import { ok, type AccountId, type Result } from '@tacit/base'
import type { PalletContext } from '../../framework/context.ts'
import type { DispatchError } from '../../framework/dispatch-error.ts'
import type { HoldReason } from '../../framework/hold-reason.ts'
import { hold, release } from '../balances/ops.ts'
import {
  ANNOUNCEMENT_DEPOSIT_BASE,
  ANNOUNCEMENT_DEPOSIT_FACTOR,
  PROXY_DEPOSIT_BASE,
  PROXY_DEPOSIT_FACTOR,
  proxyStorage,
  type DepositKind,
} from './types.ts'

const SCHEDULES: { readonly [K in DepositKind]: readonly [base: bigint, factor: bigint] } = {
  Proxies: [PROXY_DEPOSIT_BASE, PROXY_DEPOSIT_FACTOR],
  Announcements: [ANNOUNCEMENT_DEPOSIT_BASE, ANNOUNCEMENT_DEPOSIT_FACTOR],
}

export const proxyHold = (kind: DepositKind): HoldReason => ({
  type: 'Proxy',
  value: { type: kind },
})

/** Planck for a list of so many. */
export function depositOf(kind: DepositKind, count: number): bigint {
  const [base, factor] = SCHEDULES[kind]
  return count === 0 ? 0n : base + factor * BigInt(count)
}

/**
 * Changes what is held for an account's list. More is held of the account itself; less goes back
 * to the account first, then to whoever made it, if it is a pure one. FRAME does not know in the
 * second case who paid.
 */
export function moveDeposit(
  context: PalletContext,
  kind: DepositKind,
  who: AccountId,
  [before, after]: readonly [bigint, bigint],
): Result<void, DispatchError> {
  if (after >= before) return hold(context, proxyHold(kind), who, after - before)
  const { PureDeposits } = proxyStorage
  const made = kind === 'Proxies' ? PureDeposits.get(context.state, who) : undefined
  const own = before - (made?.amount ?? 0n)
  const back = before - after
  const toOwn = back < own ? back : own
  const released = release(context, proxyHold(kind), who, toOwn)
  if (!released.ok || !made || back === toOwn) return released
  const amount = made.amount - (back - toOwn)
  if (amount > 0n) PureDeposits.set(context.state, who, { ...made, amount })
  else PureDeposits.delete(context.state, who)
  return release(context, proxyHold(kind), made.depositor, back - toOwn)
}

/** Has the deposit for a new pure account held of whoever makes it. */
export function payForPure(
  context: PalletContext,
  pure: AccountId,
  depositor: AccountId,
): Result<bigint, DispatchError> {
  const amount = depositOf('Proxies', 1)
  const held = hold(context, proxyHold('Proxies'), depositor, amount)
  if (!held.ok) return held
  proxyStorage.PureDeposits.set(context.state, pure, { depositor, amount })
  return ok(amount)
}
