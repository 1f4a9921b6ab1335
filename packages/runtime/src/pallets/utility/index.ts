import { u32 } from '@tacit/base'
import type { RuntimeCalls } from '../../framework/nested-calls.ts'
import { constant, definePallet, type Pallet } from '../../framework/pallet.ts'
import { utilityCalls } from './calls.ts'
import { BATCHED_CALLS_LIMIT, utilityErrors, utilityEvents, UTILITY_INDEX } from './types.ts'

/**
 * pallet_utility of polkadot-sdk (stable2509: with if_else and dispatch_as_fallible): names,
 * indices and encodings are its own, and what becomes of a batch.
 */
export function utilityPallet(calls: RuntimeCalls): Pallet {
  return definePallet({
    name: 'Utility',
    index: UTILITY_INDEX,
    docs: ['Batches of calls, and calls from derivative accounts.'],
    calls: utilityCalls(calls),
    events: utilityEvents,
    errors: utilityErrors,
    constants: {
      batched_calls_limit: constant(u32, BATCHED_CALLS_LIMIT, 'Calls of one batch.'),
    },
  })
}
