import { err, ok, type Result } from '@tacit/base'
import type { PalletContext } from '../../framework/context.ts'
import type { DispatchError } from '../../framework/dispatch-error.ts'
import type { Origin } from '../../framework/origin.ts'
import type { State } from '../../framework/state.ts'
import { dropBounded } from '../preimage/bounded.ts'
import { placeTask, removeTask, taskAt } from './agenda.ts'
import {
  schedulerErrors,
  schedulerEvents,
  schedulerStorage,
  type Scheduled,
  type TaskAddress,
  type TaskName,
} from './types.ts'

type Outcome = Result<void, DispatchError>

const LAST_BLOCK = 2 ** 32 - 1

/** A block, or so many blocks behind the next one. */
export type DispatchTime = { readonly at: number } | { readonly after: number }

/**
 * Schedules a call, which must be held once (as `bound` leaves it); the task drops it. Under an
 * origin, without its filters; repeated if `maybe_periodic` says so, the first time included in its
 * count.
 */
export function scheduleTask(
  context: PalletContext,
  time: DispatchTime,
  task: Scheduled,
): Result<TaskAddress, DispatchError> {
  const now = context.block.number
  const when = 'at' in time ? time.at : blocksAfter(now, time.after + 1)
  if (when <= now) return err(schedulerErrors.TargetBlockNumberInPast)
  const { maybe_periodic: periodic } = task
  const [blocks, count] = periodic ?? [0, 0]
  const maybe_periodic = blocks > 0 && count > 1 ? ([blocks, count - 1] as const) : undefined
  return placeTask(context, when, { ...task, maybe_periodic, origin: withoutFilter(task.origin) })
}

/** A stored origin has no filter: nor may the value in memory that stands for it. */
function withoutFilter(origin: Origin): Origin {
  return origin.type === 'Signed' ? { type: 'Signed', who: origin.who } : origin
}

/** Takes a task away, whoever scheduled it. */
export function cancelTask(context: PalletContext, address: TaskAddress): Outcome {
  const task = taskAt(context.state, address)
  if (!task) return err(schedulerErrors.NotFound)
  removeTask(context.state, address, task)
  dropBounded(context, task.call)
  const [when, index] = address
  context.deposit(schedulerEvents.Canceled({ when, index }))
  return ok()
}

/** The address of a named task. */
export function findNamed(
  state: State,
  id: TaskName,
): Result<TaskAddress, (typeof schedulerErrors)['NotFound']> {
  const address = schedulerStorage.Lookup.get(state, id)
  return address ? ok(address) : err(schedulerErrors.NotFound)
}

/** Has a task repeated after `period` blocks if it fails, at most `retries` times (0 to 255). */
export function setRetry(
  context: PalletContext,
  address: TaskAddress,
  id: TaskName | undefined,
  { retries, period }: { readonly retries: number; readonly period: number },
): Outcome {
  if (!taskAt(context.state, address)) return err(schedulerErrors.NotFound)
  const config = { total_retries: retries, remaining: retries, period }
  schedulerStorage.Retries.set(context.state, address, config)
  context.deposit(schedulerEvents.RetrySet({ task: address, id, period, retries }))
  return ok()
}

/** Has a task not repeated if it fails. */
export function cancelRetry(
  context: PalletContext,
  address: TaskAddress,
  id: TaskName | undefined,
): Outcome {
  if (!taskAt(context.state, address)) return err(schedulerErrors.NotFound)
  schedulerStorage.Retries.delete(context.state, address)
  context.deposit(schedulerEvents.RetryCancelled({ task: address, id }))
  return ok()
}

/** The block so many behind another; the last that can be numbered if there is none. */
export function blocksAfter(now: number, blocks: number): number {
  return Math.min(LAST_BLOCK, now + blocks)
}
