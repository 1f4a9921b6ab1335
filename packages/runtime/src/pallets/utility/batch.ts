import { err, ok, type Result } from '@tacit/base'
import type { DispatchResult } from '../../framework/calls.ts'
import type { CallContext } from '../../framework/context.ts'
import type { DispatchError } from '../../framework/dispatch-error.ts'
import { failure, type RuntimeCalls } from '../../framework/nested-calls.ts'
import { addFilter, type Origin } from '../../framework/origin.ts'
import type { RuntimeCall } from '../../framework/runtime-call.ts'
import { addWeights, weigh, ZERO_WEIGHT, type Weight } from '../../framework/weights.ts'
import { BATCHED_CALLS_LIMIT, utilityErrors, utilityEvents } from './types.ts'

export type BatchArgs = { readonly calls: readonly RuntimeCall[] }

/** Bytes of the event and of the storage layer's bookkeeping for each call. */
const BYTES_PER_CALL = 64

/** What a batch itself takes, without its calls. */
export function batchWeight(count: number): Weight {
  return weigh({ reads: count, bytes: BYTES_PER_CALL * count })
}

/** What a batch declares. */
export function batchInfoWeight({ info }: RuntimeCalls, { calls }: BatchArgs): Weight {
  return calls.reduce((sum, call) => addWeights(sum, info(call).weight), batchWeight(calls.length))
}

/** Stops at the first failure and keeps what came before it. */
export function batch(
  all: RuntimeCalls,
  context: CallContext,
  { calls }: BatchArgs,
): DispatchResult {
  const checked = checkBatch(context.origin, calls)
  if (!checked.ok) return checked
  let used = ZERO_WEIGHT
  for (const [index, call] of calls.entries()) {
    const { result, weight } = all.dispatch(context, call, context.origin)
    used = addWeights(used, weight)
    if (!result.ok) {
      context.deposit(utilityEvents.BatchInterrupted({ index, error: result.error }))
      return ok({ actualWeight: addWeights(used, batchWeight(index + 1)) })
    }
    context.deposit(utilityEvents.ItemCompleted(undefined))
  }
  context.deposit(utilityEvents.BatchCompleted(undefined))
  return ok({ actualWeight: addWeights(used, batchWeight(calls.length)) })
}

/** Fails as a whole with its first failure. Within it only root may nest another batch_all. */
export function batchAll(
  all: RuntimeCalls,
  context: CallContext,
  { calls }: BatchArgs,
): DispatchResult {
  const checked = checkBatch(context.origin, calls)
  if (!checked.ok) return checked
  const origin = addFilter(context.origin, ({ type, value }) => !isBatchAll(type, value.type))
  let used = ZERO_WEIGHT
  for (const [index, call] of calls.entries()) {
    const { result, weight } = all.dispatch(context, call, origin)
    used = addWeights(used, weight)
    if (!result.ok) return failure(result.error, addWeights(used, batchWeight(index + 1)))
    context.deposit(utilityEvents.ItemCompleted(undefined))
  }
  context.deposit(utilityEvents.BatchCompleted(undefined))
  return ok({ actualWeight: addWeights(used, batchWeight(calls.length)) })
}

/** Goes on behind failures. */
export function forceBatch(
  all: RuntimeCalls,
  context: CallContext,
  { calls }: BatchArgs,
): DispatchResult {
  const checked = checkBatch(context.origin, calls)
  if (!checked.ok) return checked
  let used = ZERO_WEIGHT
  let failed = false
  for (const call of calls) {
    const { result, weight } = all.dispatch(context, call, context.origin)
    used = addWeights(used, weight)
    failed ||= !result.ok
    context.deposit(
      result.ok
        ? utilityEvents.ItemCompleted(undefined)
        : utilityEvents.ItemFailed({ error: result.error }),
    )
  }
  const { BatchCompleted, BatchCompletedWithErrors } = utilityEvents
  context.deposit(failed ? BatchCompletedWithErrors(undefined) : BatchCompleted(undefined))
  return ok({ actualWeight: addWeights(used, batchWeight(calls.length)) })
}

function checkBatch(origin: Origin, calls: readonly RuntimeCall[]): Result<void, DispatchError> {
  if (origin.type === 'None') return err({ code: 'bad_origin' })
  return calls.length > BATCHED_CALLS_LIMIT ? err(utilityErrors.TooManyCalls) : ok()
}

function isBatchAll(pallet: string, call: string): boolean {
  return pallet === 'Utility' && call === 'batch_all'
}
