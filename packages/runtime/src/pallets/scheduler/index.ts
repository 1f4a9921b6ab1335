import { u32 } from '@tacit/base'
import type { RuntimeCalls } from '../../framework/nested-calls.ts'
import { constant, definePallet, type Pallet } from '../../framework/pallet.ts'
import { weightCodec } from '../../framework/weights.ts'
import { schedulerCalls } from './calls.ts'
import { serviceAgendas } from './service.ts'
import {
  MAX_SCHEDULED_PER_BLOCK,
  MAXIMUM_WEIGHT,
  SCHEDULER_INDEX,
  schedulerErrors,
  schedulerEvents,
  schedulerStorage,
} from './types.ts'

/**
 * pallet_scheduler of polkadot-sdk (storage version 4, stable2509): names, indices, encodings and
 * the order of tasks are its own. Only the chain itself schedules by calls, other pallets through
 * `scheduleTask`. What FRAME would leave behind or lose is mended: a task that cannot be dispatched
 * leaves its agenda, one that has to wait keeps its name, a retry holds its preimage and never lands
 * in the agenda that is being worked through, a task that another one cancels does not run.
 */
export function schedulerPallet(calls: RuntimeCalls): Pallet {
  return definePallet({
    name: 'Scheduler',
    index: SCHEDULER_INDEX,
    docs: ['Calls for later blocks.'],
    storageVersion: 4,
    storage: schedulerStorage,
    calls: schedulerCalls(calls),
    events: schedulerEvents,
    errors: schedulerErrors,
    constants: {
      MaximumWeight: constant(weightCodec, MAXIMUM_WEIGHT, 'What tasks may use of a block.'),
      MaxScheduledPerBlock: constant(u32, MAX_SCHEDULED_PER_BLOCK, 'Tasks for one block.'),
    },
    hooks: { onInitialize: (context) => serviceAgendas(context, calls) },
  })
}
