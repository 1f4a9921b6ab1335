import { equalBytes, err, ok, type AccountId, type Result } from '@tacit/base'
import type { DispatchResult } from '../../framework/calls.ts'
import type { CallContext } from '../../framework/context.ts'
import type { ModuleError } from '../../framework/errors.ts'
import { lookup, type MultiAddress } from '../../framework/multi-address.ts'
import type { RuntimeCalls } from '../../framework/nested-calls.ts'
import { ensureSigned, type Origin } from '../../framework/origin.ts'
import type { RuntimeCall } from '../../framework/runtime-call.ts'
import type { State } from '../../framework/state.ts'
import { addWeights, weigh, type Weight } from '../../framework/weights.ts'
import { drop, isOf } from './announcements.ts'
import { isSuperset, proxyAllows, type ProxyType } from './proxy-type.ts'
import {
  MAX_PENDING,
  MAX_PROXIES,
  proxyErrors,
  proxyEvents,
  proxyStorage,
  type ProxyDefinition,
} from './types.ts'

export type ActArgs = {
  readonly real: MultiAddress
  readonly force_proxy_type: ProxyType | undefined
  readonly call: RuntimeCall
}
export type ActAnnouncedArgs = ActArgs & { readonly delegate: MultiAddress }

/** The proxies are read; the real account is read and written. */
export const ACT_WEIGHT: Weight = weigh({ reads: 2, writes: 1, bytes: 37 * MAX_PROXIES })

/** The call is hashed, the announcement goes, its deposit is released. */
export function actAnnouncedWeight(callBytes: number): Weight {
  return addWeights(
    ACT_WEIGHT,
    weigh({ reads: 3, writes: 3, bytes: 68 * MAX_PENDING + 2 * callBytes }),
  )
}

/** Takes effect whatever becomes of the call. */
export function act(calls: RuntimeCalls, context: CallContext, args: ActArgs): DispatchResult {
  const signed = ensureSigned(context.origin)
  if (!signed.ok) return signed
  const real = lookup(args.real)
  if (!real.ok) return real
  const definition = findProxy(context.state, real.value, signed.value, args.force_proxy_type)
  if (!definition.ok) return definition
  if (definition.value.delay > 0) return err(proxyErrors.Unannounced)
  return actAs(
    calls,
    context,
    { real: real.value, definition: definition.value, own: ACT_WEIGHT },
    args.call,
  )
}

/** Anybody may have an announced call dispatched once its delay is over. */
export function actAnnounced(
  calls: RuntimeCalls,
  context: CallContext,
  args: ActAnnouncedArgs,
): DispatchResult {
  const signed = ensureSigned(context.origin)
  if (!signed.ok) return signed
  const delegate = lookup(args.delegate)
  if (!delegate.ok) return delegate
  const real = lookup(args.real)
  if (!real.ok) return real
  const { state, block } = context
  const definition = findProxy(state, real.value, delegate.value, args.force_proxy_type)
  if (!definition.ok) return definition
  const bytes = calls.bytes(args.call)
  const hash = state.hashes.blake2b256(bytes)
  const latest = block.number - definition.value.delay
  const dropped = drop(
    context,
    delegate.value,
    (one) => isOf(one, real.value, hash) && one.height <= latest,
  )
  if (!dropped.ok) return err(proxyErrors.Unannounced)
  const own = actAnnouncedWeight(bytes.length)
  return actAs(calls, context, { real: real.value, definition: definition.value, own }, args.call)
}

type Acting = {
  readonly real: AccountId
  readonly definition: ProxyDefinition
  readonly own: Weight
}

function actAs(
  calls: RuntimeCalls,
  context: CallContext,
  { real, definition, own }: Acting,
  call: RuntimeCall,
): DispatchResult {
  const filter = (nested: RuntimeCall): boolean => mayAct(definition.proxy_type, nested)
  const origin: Origin = { type: 'Signed', who: real, filter }
  const { result, weight } = calls.dispatch(context, call, origin)
  context.deposit(proxyEvents.ProxyExecuted({ result }))
  return ok({ actualWeight: addWeights(own, weight) })
}

/** No proxy gives or takes rights that it has not. */
function mayAct(type: ProxyType, call: RuntimeCall): boolean {
  const { type: name, value: args } = call.value
  if (call.type === 'Proxy' && (name === 'add_proxy' || name === 'remove_proxy')) {
    const { proxy_type: other } = args as { readonly proxy_type: ProxyType }
    if (!isSuperset(type, other)) return false
  }
  const needsAll = name === 'remove_proxies' || name === 'kill_pure'
  if (call.type === 'Proxy' && needsAll && type !== 'Any') return false
  return proxyAllows(type, call)
}

function findProxy(
  state: State,
  real: AccountId,
  delegate: AccountId,
  forced: ProxyType | undefined,
): Result<ProxyDefinition, ModuleError> {
  const [list] = proxyStorage.Proxies.get(state, real)
  const found = list.find(
    (one) => equalBytes(one.delegate, delegate) && (!forced || one.proxy_type === forced),
  )
  return found ? ok(found) : err(proxyErrors.NotProxy)
}
