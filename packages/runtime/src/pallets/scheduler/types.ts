import {
  fixedBytes,
  option,
  struct,
  tuple,
  u32,
  u8,
  type Codec,
  type Result,
  type TypeInfo,
} from '@tacit/base'
import { boundedVec } from '../../framework/bounded.ts'
import type { DispatchError } from '../../framework/dispatch-error.ts'
import { dispatchResult } from '../../framework/dispatch-result.ts'
import { defineErrors, type Errors } from '../../framework/errors.ts'
import { defineEvents, type Events } from '../../framework/events.ts'
import { originCaller } from '../../framework/origin-caller.ts'
import type { Origin } from '../../framework/origin.ts'
import {
  defineStorage,
  storageMap,
  storageValue,
  type OptionalMap,
  type OptionalValue,
  type StorageMap,
} from '../../framework/storage.ts'
import type { Weight } from '../../framework/weights.ts'
import { MAX_BLOCK_WEIGHT } from '../../limits.ts'
import { bounded, type Bounded } from '../preimage/bounded.ts'

export const SCHEDULER_INDEX = 45
/** What scheduled calls may use of a block: half, so that extrinsics have room in every one. */
export const MAXIMUM_WEIGHT: Weight = {
  ...MAX_BLOCK_WEIGHT,
  refTime: MAX_BLOCK_WEIGHT.refTime / 2n,
}
/** Tasks for one block, as on Polkadot. */
export const MAX_SCHEDULED_PER_BLOCK = 50

/** 32 bytes, of the scheduling pallet's or caller's choice. */
export type TaskName = Uint8Array
/** For which block, and the place in its agenda. */
export type TaskAddress = readonly [when: number, index: number]
/** Blocks between repetitions, and how many of them are to come. */
export type Period = readonly [blocks: number, count: number]

/** A call to be dispatched some day. */
export type Scheduled = {
  readonly maybe_id: TaskName | undefined
  /** The lowest number comes first. */
  readonly priority: number
  readonly call: Bounded
  readonly maybe_periodic: Period | undefined
  readonly origin: Origin
}

/** What happens if a task fails: it is repeated after some blocks, so many times. */
export type RetryConfig = {
  readonly total_retries: number
  readonly remaining: number
  readonly period: number
}

export const taskName: Codec<TaskName> = fixedBytes(32)
export const taskAddress: Codec<TaskAddress> = tuple(u32, u32)
export const period: Codec<Period> = tuple(u32, u32)

const param = (name: string, type: TypeInfo): { name: string; type: TypeInfo } => ({ name, type })
const scheduled: Codec<Scheduled> = struct(
  {
    maybe_id: option(taskName),
    priority: u8,
    call: bounded,
    maybe_periodic: option(period),
    origin: originCaller,
  },
  {
    path: ['pallet_scheduler', 'Scheduled'],
    params: [
      param('Name', taskName.type),
      param('Call', bounded.type),
      param('BlockNumber', u32.type),
      param('PalletsOrigin', originCaller.type),
    ],
  },
)
const retryConfig: Codec<RetryConfig> = struct(
  { total_retries: u8, remaining: u8, period: u32 },
  { path: ['pallet_scheduler', 'RetryConfig'], params: [param('Period', u32.type)] },
)
/** The longest encoding of a task, with its place in an agenda. */
export const TASK_BYTES = 210

export type Agenda = readonly (Scheduled | undefined)[]

export type SchedulerStorage = {
  readonly IncompleteSince: OptionalValue<number>
  readonly Agenda: StorageMap<number, Agenda>
  readonly Retries: OptionalMap<TaskAddress, RetryConfig>
  readonly Lookup: OptionalMap<TaskName, TaskAddress>
}

export const schedulerStorage: SchedulerStorage = defineStorage<SchedulerStorage>('Scheduler', {
  IncompleteSince: storageValue({
    value: u32,
    docs: ['The first block of which tasks may be left; the next one if none are.'],
  }),
  Agenda: storageMap({
    hasher: 'Twox64Concat',
    key: u32,
    value: boundedVec(option(scheduled), MAX_SCHEDULED_PER_BLOCK),
    default: [],
    docs: ['Tasks by the block for which they are.'],
  }),
  Retries: storageMap({
    hasher: 'Blake2_128Concat',
    key: taskAddress,
    value: retryConfig,
    docs: ['What happens if a task fails.'],
  }),
  Lookup: storageMap({
    hasher: 'Twox64Concat',
    key: taskName,
    value: taskAddress,
    docs: ['Tasks by their names.'],
  }),
})

type Place = { readonly when: number; readonly index: number }
type Task = { readonly task: TaskAddress; readonly id: TaskName | undefined }

export type SchedulerEvents = Events<{
  Scheduled: Place
  Canceled: Place
  Dispatched: Task & { readonly result: Result<void, DispatchError> }
  RetrySet: Task & { readonly period: number; readonly retries: number }
  RetryCancelled: Task
  CallUnavailable: Task
  PeriodicFailed: Task
  RetryFailed: Task
  PermanentlyOverweight: Task
  AgendaIncomplete: { readonly when: number }
}>

const place = struct({ when: u32, index: u32 })
const taskFields = { task: taskAddress, id: option(taskName) }
const task: Codec<Task> = struct(taskFields)

/** Indices as in pallet_scheduler. */
export const schedulerEvents: SchedulerEvents = defineEvents('Scheduler', SCHEDULER_INDEX, {
  Scheduled: [0, place, 'A task has its place.'],
  Canceled: [1, place, 'A task was taken away.'],
  Dispatched: [2, struct({ ...taskFields, result: dispatchResult }), 'A task was dispatched.'],
  RetrySet: [
    3,
    struct({ ...taskFields, period: u32, retries: u8 }),
    'A task is repeated if it fails.',
  ],
  RetryCancelled: [4, task, 'A task is not repeated if it fails.'],
  CallUnavailable: [5, task, 'The call of a task could not be read: the task is gone.'],
  PeriodicFailed: [6, task, 'There was no place for the next repetition of a task.'],
  RetryFailed: [7, task, 'There was no place for a task that failed to be repeated.'],
  PermanentlyOverweight: [8, task, 'No block has room for the call of a task: the task is gone.'],
  AgendaIncomplete: [9, struct({ when: u32 }), 'Tasks of a block and of later ones are left.'],
})

/** Indices as in pallet_scheduler. */
export const schedulerErrors: Errors<
  'FailedToSchedule' | 'NotFound' | 'TargetBlockNumberInPast' | 'RescheduleNoChange' | 'Named'
> = defineErrors('Scheduler', SCHEDULER_INDEX, {
  FailedToSchedule: [0, 'Another task has this name.'],
  NotFound: [1, 'There is no such task.'],
  TargetBlockNumberInPast: [2, 'The block has begun already.'],
  RescheduleNoChange: [3, 'Of rescheduling, which no call does: the time is the same.'],
  Named: [4, 'Of rescheduling, which no call does: the task has a name.'],
})
