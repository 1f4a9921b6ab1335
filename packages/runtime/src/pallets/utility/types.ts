import { struct, u32, unit, type Result } from '@tacit/base'
import { dispatchError, type DispatchError } from '../../framework/dispatch-error.ts'
import { dispatchResult } from '../../framework/dispatch-result.ts'
import { defineErrors, type Errors } from '../../framework/errors.ts'
import { defineEvents, type Events } from '../../framework/events.ts'

export const UTILITY_INDEX = 40
/** Calls of one batch, as on Polkadot. */
export const BATCHED_CALLS_LIMIT = 10_922

export type UtilityEvents = Events<{
  BatchInterrupted: { readonly index: number; readonly error: DispatchError }
  BatchCompleted: undefined
  BatchCompletedWithErrors: undefined
  ItemCompleted: undefined
  ItemFailed: { readonly error: DispatchError }
  DispatchedAs: { readonly result: Result<void, DispatchError> }
  IfElseMainSuccess: undefined
  IfElseFallbackCalled: { readonly main_error: DispatchError }
}>

/** Indices as in pallet_utility. */
export const utilityEvents: UtilityEvents = defineEvents('Utility', UTILITY_INDEX, {
  BatchInterrupted: [
    0,
    struct({ index: u32, error: dispatchError }),
    'A batch stopped at its first failing call, of this index.',
  ],
  BatchCompleted: [1, unit, 'All calls of a batch took effect.'],
  BatchCompletedWithErrors: [2, unit, 'A batch is over; not all of its calls took effect.'],
  ItemCompleted: [3, unit, 'A call of a batch took effect.'],
  ItemFailed: [4, struct({ error: dispatchError }), 'A call of a batch failed.'],
  DispatchedAs: [5, struct({ result: dispatchResult }), 'A call was dispatched as another origin.'],
  IfElseMainSuccess: [6, unit, 'The main call took effect.'],
  IfElseFallbackCalled: [
    7,
    struct({ main_error: dispatchError }),
    'The main call failed, the fallback took effect.',
  ],
})

/** Indices as in pallet_utility. */
export const utilityErrors: Errors<'TooManyCalls'> = defineErrors('Utility', UTILITY_INDEX, {
  TooManyCalls: [0, 'The batch has more calls than the limit.'],
})
