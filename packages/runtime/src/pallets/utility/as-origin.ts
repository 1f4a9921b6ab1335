import {
  accountId,
  encode,
  err,
  fixedBytes,
  ok,
  tuple,
  u16,
  utf8,
  type AccountId,
} from '@tacit/base'
import type { Hashes } from '@tacit/crypto'
import type { DispatchResult } from '../../framework/calls.ts'
import type { CallContext } from '../../framework/context.ts'
import { failure, type RuntimeCalls } from '../../framework/nested-calls.ts'
import { ensureRoot, ensureSigned, type Origin } from '../../framework/origin.ts'
import type { RuntimeCall } from '../../framework/runtime-call.ts'
import { addWeights, weigh, type Weight } from '../../framework/weights.ts'
import { utilityEvents } from './types.ts'

export type AsDerivativeArgs = { readonly index: number; readonly call: RuntimeCall }
export type DispatchAsArgs = { readonly as_origin: Origin; readonly call: RuntimeCall }
export type WithWeightArgs = { readonly call: RuntimeCall; readonly weight: Weight }
export type IfElseArgs = { readonly main: RuntimeCall; readonly fallback: RuntimeCall }

/** The derivative's account is read and written. */
export const AS_DERIVATIVE_WEIGHT: Weight = weigh({ reads: 2, writes: 1 })
export const DISPATCH_AS_WEIGHT: Weight = weigh({ reads: 1 })
export const IF_ELSE_WEIGHT: Weight = weigh({ reads: 2 })

const entropy = tuple(fixedBytes(16), accountId, u16)
const PREFIX = utf8('modlpy/utilisuba')

/** An account that another one controls by an index: pallet_utility's derivative_account_id. */
export function derivativeAccount(
  hashes: Pick<Hashes, 'blake2b256'>,
  who: AccountId,
  index: number,
): AccountId {
  return hashes.blake2b256(encode(entropy, [PREFIX, who, index])) as AccountId
}

/** The derivative acts under the filters of its owner. */
export function asDerivative(
  calls: RuntimeCalls,
  context: CallContext,
  { index, call }: AsDerivativeArgs,
): DispatchResult {
  const { origin, state } = context
  const signed = ensureSigned(origin)
  if (!signed.ok) return signed
  const who = derivativeAccount(state.hashes, signed.value, index)
  const { result, weight } = calls.dispatch(context, call, { ...origin, type: 'Signed', who })
  const actualWeight = addWeights(weight, AS_DERIVATIVE_WEIGHT)
  return result.ok ? ok({ actualWeight }) : failure(result.error, actualWeight)
}

/** Takes effect whatever becomes of the call. */
export function dispatchAs(
  calls: RuntimeCalls,
  context: CallContext,
  { as_origin: origin, call }: DispatchAsArgs,
): DispatchResult {
  const root = ensureRoot(context.origin)
  if (!root.ok) return root
  const { result } = calls.dispatchUnfiltered(context, call, origin)
  context.deposit(utilityEvents.DispatchedAs({ result }))
  return ok()
}

/** Fails with the call. */
export function dispatchAsFallible(
  calls: RuntimeCalls,
  context: CallContext,
  { as_origin: origin, call }: DispatchAsArgs,
): DispatchResult {
  const root = ensureRoot(context.origin)
  if (!root.ok) return root
  const { result } = calls.dispatchUnfiltered(context, call, origin)
  if (!result.ok) return result
  context.deposit(utilityEvents.DispatchedAs({ result }))
  return ok()
}

/** Root says what the call weighs. */
export function withWeight(
  calls: RuntimeCalls,
  context: CallContext,
  { call }: WithWeightArgs,
): DispatchResult {
  const root = ensureRoot(context.origin)
  return root.ok ? calls.dispatch(context, call, context.origin).result : root
}

/** Fails with the fallback's error. */
export function ifElse(
  calls: RuntimeCalls,
  context: CallContext,
  { main, fallback }: IfElseArgs,
): DispatchResult {
  if (context.origin.type === 'None') return err({ code: 'bad_origin' })
  const first = calls.dispatch(context, main, context.origin)
  const mainWeight = addWeights(IF_ELSE_WEIGHT, first.weight)
  if (first.result.ok) {
    context.deposit(utilityEvents.IfElseMainSuccess(undefined))
    return ok({ actualWeight: mainWeight })
  }
  const second = calls.dispatch(context, fallback, context.origin)
  const actualWeight = addWeights(mainWeight, second.weight)
  if (!second.result.ok) return failure(second.result.error, actualWeight)
  context.deposit(utilityEvents.IfElseFallbackCalled({ main_error: first.result.error }))
  return ok({ actualWeight })
}
