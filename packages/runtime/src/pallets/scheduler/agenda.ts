import { err, ok, type Result } from '@tacit/base'
import type { PalletContext } from '../../framework/context.ts'
import type { DispatchError } from '../../framework/dispatch-error.ts'
import type { State } from '../../framework/state.ts'
import {
  MAX_SCHEDULED_PER_BLOCK,
  schedulerErrors,
  schedulerEvents,
  schedulerStorage,
  type Agenda,
  type Scheduled,
  type TaskAddress,
} from './types.ts'

/** The task at an address, if one is there. */
export function taskAt(state: State, [when, index]: TaskAddress): Scheduled | undefined {
  return schedulerStorage.Agenda.get(state, when)[index]
}

/** Gives a task a place in the agenda of a block, and its name. `exhausted`: there is none left. */
export function placeTask(
  context: PalletContext,
  when: number,
  task: Scheduled,
): Result<TaskAddress, DispatchError> {
  const { state } = context
  const { maybe_id: id } = task
  if (id && schedulerStorage.Lookup.has(state, id)) return err(schedulerErrors.FailedToSchedule)
  const agenda = schedulerStorage.Agenda.get(state, when)
  const full = agenda.length >= MAX_SCHEDULED_PER_BLOCK
  const index = full ? agenda.indexOf(undefined) : agenda.length
  if (index < 0) return err({ code: 'exhausted' })
  schedulerStorage.Agenda.set(state, when, full ? agenda.with(index, task) : [...agenda, task])
  if (id) schedulerStorage.Lookup.set(state, id, [when, index])
  context.deposit(schedulerEvents.Scheduled({ when, index }))
  return ok([when, index])
}

/** Takes a task out of its agenda, with its name and how it is retried. */
export function removeTask(state: State, [when, index]: TaskAddress, task: Scheduled): void {
  const agenda = schedulerStorage.Agenda.get(state, when).with(index, undefined)
  const last = agenda.findLastIndex((other) => other !== undefined)
  const rest: Agenda = agenda.slice(0, last + 1)
  if (rest.length > 0) schedulerStorage.Agenda.set(state, when, rest)
  else schedulerStorage.Agenda.delete(state, when)
  if (task.maybe_id) schedulerStorage.Lookup.delete(state, task.maybe_id)
  schedulerStorage.Retries.delete(state, [when, index])
}
