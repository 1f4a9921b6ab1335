import { ok, type AccountId, type Result } from '@tacit/base'
import type { DispatchResult } from '../../framework/calls.ts'
import type { CallContext } from '../../framework/context.ts'
import type { DispatchError } from '../../framework/dispatch-error.ts'
import { ensureSigned } from '../../framework/origin.ts'
import { depositOf, moveDeposit } from './deposits.ts'
import { proxyEvents, proxyStorage, type DepositKind } from './types.ts'

/** Brings both deposits of an account to what they are today; free if one changes. */
export function pokeDeposit(context: CallContext): DispatchResult {
  const signed = ensureSigned(context.origin)
  if (!signed.ok) return signed
  const proxies = poke(context, signed.value, 'Proxies')
  if (!proxies.ok) return proxies
  const announcements = poke(context, signed.value, 'Announcements')
  if (!announcements.ok) return announcements
  return ok({ paysFee: !proxies.value && !announcements.value })
}

/** Whether the deposit changed. */
function poke(
  context: CallContext,
  who: AccountId,
  kind: DepositKind,
): Result<boolean, DispatchError> {
  const { state } = context
  const [list, before] = proxyStorage[kind].get(state, who)
  const deposit = depositOf(kind, list.length)
  if (deposit === before) return ok(false)
  const moved = moveDeposit(context, kind, who, [before, deposit])
  if (!moved.ok) return moved
  if (kind === 'Proxies') {
    const [proxies] = proxyStorage.Proxies.get(state, who)
    proxyStorage.Proxies.set(state, who, [proxies, deposit])
  } else {
    const [announcements] = proxyStorage.Announcements.get(state, who)
    proxyStorage.Announcements.set(state, who, [announcements, deposit])
  }
  const poked = { who, kind, old_deposit: before, new_deposit: deposit }
  context.deposit(proxyEvents.DepositPoked(poked))
  return ok(true)
}
