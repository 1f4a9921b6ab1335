import { decode } from '@tacit/base'
import type { DispatchContext } from '../../framework/context.ts'
import type { RuntimeCalls } from '../../framework/nested-calls.ts'
import type { RuntimeCall } from '../../framework/runtime-call.ts'
import { createWeightMeter, type WeightMeter } from '../../framework/weight-meter.ts'
import { addWeights, exceeds, type Weight } from '../../framework/weights.ts'
import { dropBounded, holdBounded, peekBounded } from '../preimage/bounded.ts'
import { placeTask, removeTask, taskAt } from './agenda.ts'
import { blocksAfter } from './schedule.ts'
import {
  MAXIMUM_WEIGHT,
  schedulerEvents,
  schedulerStorage,
  type RetryConfig,
  type Scheduled,
  type TaskAddress,
} from './types.ts'
import { AGENDA_WEIGHT, CHANGE_WEIGHT, SERVICE_WEIGHT, taskWeight } from './weights.ts'

type Service = {
  readonly context: DispatchContext
  readonly calls: RuntimeCalls
  readonly meter: WeightMeter
}

/** What is used before the first call of a block. */
const OPENING_WEIGHT: Weight = addWeights(SERVICE_WEIGHT, AGENDA_WEIGHT)

/**
 * Dispatches what is due: agenda by agenda, the oldest first, in each by priority and place, within
 * MAXIMUM_WEIGHT. What does not fit stays in its place for the next block, before all later tasks.
 * @returns what it used.
 */
export function serviceAgendas(context: DispatchContext, calls: RuntimeCalls): Weight {
  const { state, block } = context
  const meter = createWeightMeter(MAXIMUM_WEIGHT)
  meter.use(SERVICE_WEIGHT)
  let incomplete: number | undefined
  let when = schedulerStorage.IncompleteSince.get(state) ?? block.number
  for (; when <= block.number && meter.fits(AGENDA_WEIGHT); when++) {
    const complete = serviceAgenda({ context, calls, meter }, when)
    if (!complete) incomplete ??= when
  }
  incomplete ??= when
  schedulerStorage.IncompleteSince.set(state, incomplete)
  if (incomplete <= block.number)
    context.deposit(schedulerEvents.AgendaIncomplete({ when: incomplete }))
  return meter.used
}

/** Whether nothing of the agenda is left. */
function serviceAgenda(service: Service, when: number): boolean {
  const { state } = service.context
  service.meter.use(AGENDA_WEIGHT)
  const order = schedulerStorage.Agenda.get(state, when)
    .flatMap((task, index) => (task ? [{ index, priority: task.priority }] : []))
    .sort((a, b) => a.priority - b.priority || a.index - b.index)
  let complete = true
  for (const { index } of order) {
    // Read again: a task before it may have cancelled it.
    const task = taskAt(state, [when, index])
    if (!task) continue
    if (!service.meter.fits(taskWeight(task))) return false
    if (!serviceTask(service, [when, index], task)) complete = false
  }
  return complete
}

/** Whether the task is done with; otherwise it stays. */
function serviceTask(service: Service, address: TaskAddress, task: Scheduled): boolean {
  const { context, calls, meter } = service
  const own = taskWeight(task)
  meter.use(own)
  const call = readCall(service, task)
  if (!call) return giveUp(service, address, task, 'CallUnavailable')
  const { weight } = calls.info(call)
  if (!meter.fits(weight)) {
    const alone = [OPENING_WEIGHT, own, weight].reduce(addWeights)
    if (!exceeds(alone, MAXIMUM_WEIGHT)) return false
    return giveUp(service, address, task, 'PermanentlyOverweight')
  }
  const retry = schedulerStorage.Retries.get(context.state, address)
  removeTask(context.state, address, task)
  const { result, weight: used } = calls.dispatch(context, call, task.origin)
  meter.use(used)
  context.deposit(schedulerEvents.Dispatched({ task: address, id: task.maybe_id, result }))
  if (!result.ok && retry) placeRetry(service, address, task, retry)
  placeNext(service, address, task, retry)
  return true
}

function readCall({ context, calls }: Service, task: Scheduled): RuntimeCall | undefined {
  const bytes = peekBounded(context.state, task.call)
  const call = bytes && decode(calls.codec, bytes)
  return call?.ok ? call.value : undefined
}

function giveUp(
  { context }: Service,
  address: TaskAddress,
  task: Scheduled,
  why: 'CallUnavailable' | 'PermanentlyOverweight',
): true {
  removeTask(context.state, address, task)
  dropBounded(context, task.call)
  context.deposit(schedulerEvents[why]({ task: address, id: task.maybe_id }))
  return true
}

/** Places a copy of a failed task, without name and period, one retry fewer to come. */
function placeRetry(
  { context, meter }: Service,
  address: TaskAddress,
  task: Scheduled,
  retry: RetryConfig,
): void {
  if (retry.remaining === 0) return
  // Not into the agenda that is being worked through.
  const wake = blocksAfter(context.block.number, Math.max(1, retry.period))
  const copy = { ...task, maybe_id: undefined, maybe_periodic: undefined }
  const placed = meter.fits(CHANGE_WEIGHT) ? placeTask(context, wake, copy) : undefined
  if (placed) meter.use(CHANGE_WEIGHT)
  if (!placed?.ok) {
    context.deposit(schedulerEvents.RetryFailed({ task: address, id: task.maybe_id }))
    return
  }
  holdBounded(context, task.call)
  const remaining = retry.remaining - 1
  schedulerStorage.Retries.set(context.state, placed.value, { ...retry, remaining })
}

/** Places the next repetition of a periodic task; a call that is needed no more is dropped. */
function placeNext(
  { context }: Service,
  address: TaskAddress,
  task: Scheduled,
  retry: RetryConfig | undefined,
): void {
  if (!task.maybe_periodic) return dropBounded(context, task.call)
  const [blocks, count] = task.maybe_periodic
  const maybe_periodic = count > 1 ? ([blocks, count - 1] as const) : undefined
  const wake = blocksAfter(context.block.number, blocks)
  const placed = placeTask(context, wake, { ...task, maybe_periodic })
  if (placed.ok) {
    if (retry) schedulerStorage.Retries.set(context.state, placed.value, retry)
    return
  }
  dropBounded(context, task.call)
  context.deposit(schedulerEvents.PeriodicFailed({ task: address, id: task.maybe_id }))
}
