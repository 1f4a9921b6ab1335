import { compareBytes, equalBytes, err, ok, type AccountId, type Result } from '@tacit/base'
import type { DispatchResult } from '../../framework/calls.ts'
import type { CallContext } from '../../framework/context.ts'
import type { DispatchError } from '../../framework/dispatch-error.ts'
import { lookup, type MultiAddress } from '../../framework/multi-address.ts'
import { ensureSigned } from '../../framework/origin.ts'
import { depositOf, moveDeposit } from './deposits.ts'
import { compareProxyTypes, type ProxyType } from './proxy-type.ts'
import {
  MAX_PROXIES,
  proxyErrors,
  proxyEvents,
  proxyStorage,
  type ProxyDefinition,
} from './types.ts'

export type ProxyArgs = {
  readonly delegate: MultiAddress
  readonly proxy_type: ProxyType
  readonly delay: number
}

type Named = { readonly who: AccountId; readonly definition: ProxyDefinition }

export function addProxy(context: CallContext, args: ProxyArgs): DispatchResult {
  const named = parse(context, args)
  if (!named.ok) return named
  const { who, definition } = named.value
  if (equalBytes(who, definition.delegate)) return err(proxyErrors.NoSelfProxy)
  const [list] = proxyStorage.Proxies.get(context.state, who)
  if (list.some((other) => compare(other, definition) === 0)) return err(proxyErrors.Duplicate)
  if (list.length >= MAX_PROXIES) return err(proxyErrors.TooMany)
  const stored = storeProxies(context, who, [...list, definition].sort(compare))
  if (!stored.ok) return stored
  context.deposit(proxyEvents.ProxyAdded(eventOf(named.value)))
  return ok()
}

export function removeProxy(context: CallContext, args: ProxyArgs): DispatchResult {
  const named = parse(context, args)
  if (!named.ok) return named
  const { who, definition } = named.value
  const [list] = proxyStorage.Proxies.get(context.state, who)
  const rest = list.filter((other) => compare(other, definition) !== 0)
  if (rest.length === list.length) return err(proxyErrors.NotFound)
  const stored = storeProxies(context, who, rest)
  if (!stored.ok) return stored
  context.deposit(proxyEvents.ProxyRemoved(eventOf(named.value)))
  return ok()
}

export function removeProxies(context: CallContext): DispatchResult {
  const signed = ensureSigned(context.origin)
  return signed.ok ? storeProxies(context, signed.value, []) : signed
}

/** Writes an account's proxies, ascending, and moves the deposit. */
export function storeProxies(
  context: CallContext,
  who: AccountId,
  list: readonly ProxyDefinition[],
): Result<void, DispatchError> {
  const [, before] = proxyStorage.Proxies.get(context.state, who)
  const deposit = depositOf('Proxies', list.length)
  const moved = moveDeposit(context, 'Proxies', who, [before, deposit])
  if (!moved.ok) return moved
  if (list.length > 0) proxyStorage.Proxies.set(context.state, who, [list, deposit])
  else proxyStorage.Proxies.delete(context.state, who)
  return ok()
}

function parse(context: CallContext, args: ProxyArgs): Result<Named, DispatchError> {
  const signed = ensureSigned(context.origin)
  if (!signed.ok) return signed
  const delegate = lookup(args.delegate)
  if (!delegate.ok) return delegate
  const { proxy_type, delay } = args
  return ok({ who: signed.value, definition: { delegate: delegate.value, proxy_type, delay } })
}

function eventOf({ who, definition }: Named): Parameters<typeof proxyEvents.ProxyAdded>[0] {
  const { delegate: delegatee, proxy_type, delay } = definition
  return { delegator: who, delegatee, proxy_type, delay }
}

/** As Rust derives the order of pallet_proxy's ProxyDefinition. */
function compare(a: ProxyDefinition, b: ProxyDefinition): number {
  return (
    compareBytes(a.delegate, b.delegate) ||
    compareProxyTypes(a.proxy_type, b.proxy_type) ||
    a.delay - b.delay
  )
}
