import { weigh, type Weight } from '../../framework/weights.ts'
import { lookupBytes } from '../preimage/bounded.ts'
import { MAX_SCHEDULED_PER_BLOCK, TASK_BYTES, type Scheduled } from './types.ts'

const AGENDA_BYTES = TASK_BYTES * MAX_SCHEDULED_PER_BLOCK
/** Hashing and copying a preimage, and decoding the calls in it. */
const LOOKUP_PASSES = 10

/** Beginning and ending the work of a block. */
export const SERVICE_WEIGHT: Weight = weigh({ reads: 1, writes: 1 })
/** Reading an agenda and putting it in order. */
export const AGENDA_WEIGHT: Weight = weigh({ reads: 1, bytes: AGENDA_BYTES })
/** Changing an agenda, a name and how it is retried. */
export const CHANGE_WEIGHT: Weight = weigh({ reads: 3, writes: 3, bytes: 2 * AGENDA_BYTES })

/** Placing a task, with a call of so many bytes, which may be noted as a preimage. */
export function placeWeight(callBytes: number): Weight {
  const bytes = 2 * AGENDA_BYTES + LOOKUP_PASSES * callBytes
  return weigh({ reads: 4, writes: 4, bytes })
}

/** All that belongs to a task but the call itself: reading, removing and placing it again. */
export function taskWeight({ call, maybe_id, maybe_periodic }: Scheduled): Weight {
  const named = Number(maybe_id !== undefined)
  const periodic = Number(maybe_periodic !== undefined)
  const looked = Number(call.type !== 'Inline')
  return weigh({
    reads: 2 + 2 * looked + 2 * periodic,
    writes: 2 + 2 * looked + 2 * periodic + named,
    bytes: AGENDA_BYTES * (2 + 2 * periodic) + LOOKUP_PASSES * lookupBytes(call),
  })
}
