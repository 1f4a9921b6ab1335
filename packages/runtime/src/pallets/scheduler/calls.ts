import { ok, option, struct, u32, u8, type Result } from '@tacit/base'
import { defineCalls, type Calls } from '../../framework/calls.ts'
import type { CallContext } from '../../framework/context.ts'
import type { DispatchError } from '../../framework/dispatch-error.ts'
import type { RuntimeCalls } from '../../framework/nested-calls.ts'
import { ensureRoot } from '../../framework/origin.ts'
import type { RuntimeCall } from '../../framework/runtime-call.ts'
import type { Weight } from '../../framework/weights.ts'
import { bound } from '../preimage/bounded.ts'
import {
  cancelRetry,
  cancelTask,
  findNamed,
  scheduleTask,
  setRetry,
  type DispatchTime,
} from './schedule.ts'
import {
  period,
  taskAddress,
  taskName,
  type Period,
  type TaskAddress,
  type TaskName,
} from './types.ts'
import { CHANGE_WEIGHT, placeWeight } from './weights.ts'

type Outcome = Result<void, DispatchError>
type What = {
  readonly maybe_periodic: Period | undefined
  readonly priority: number
  readonly call: RuntimeCall
}
type At = What & { readonly when: number }
type After = What & { readonly after: number }
type Named = { readonly id: TaskName }
type Retry = { readonly retries: number; readonly period: number }
type OfTask = { readonly task: TaskAddress }

type Scheduling = {
  schedule: At
  schedule_named: Named & At
  schedule_after: After
  schedule_named_after: Named & After
}

export type SchedulerCalls = Calls<
  Scheduling & {
    cancel: { readonly when: number; readonly index: number }
    cancel_named: Named
    set_retry: OfTask & Retry
    set_retry_named: Named & Retry
    cancel_retry: OfTask
    cancel_retry_named: Named
  }
>

const named = { id: taskName }
const retry = { retries: u8, period: u32 }

/** Indices as in pallet_scheduler; only the chain itself may call. */
export function schedulerCalls(calls: RuntimeCalls): SchedulerCalls {
  const scheduling = schedulingCalls(calls)
  return defineCalls({
    ...scheduling,
    cancel: {
      index: 1,
      args: struct({ when: u32, index: u32 }),
      docs: ['Takes a task away.'],
      weight: () => CHANGE_WEIGHT,
      dispatch: asRoot((context, { when, index }) => cancelTask(context, [when, index])),
    },
    cancel_named: {
      index: 3,
      args: struct(named),
      docs: ['Takes a named task away.'],
      weight: () => CHANGE_WEIGHT,
      dispatch: asRoot((context, { id }) =>
        withNamed(context, id, (address) => cancelTask(context, address)),
      ),
    },
    set_retry: {
      index: 6,
      args: struct({ task: taskAddress, ...retry }),
      docs: ['Has a task repeated after a period if it fails, so many times.'],
      weight: () => CHANGE_WEIGHT,
      dispatch: asRoot((context, { task, ...config }) =>
        setRetry(context, task, undefined, config),
      ),
    },
    set_retry_named: {
      index: 7,
      args: struct({ ...named, ...retry }),
      docs: ['Has a named task repeated after a period if it fails, so many times.'],
      weight: () => CHANGE_WEIGHT,
      dispatch: asRoot((context, { id, ...config }) =>
        withNamed(context, id, (address) => setRetry(context, address, id, config)),
      ),
    },
    cancel_retry: {
      index: 8,
      args: struct({ task: taskAddress }),
      docs: ['Has a task not repeated if it fails.'],
      weight: () => CHANGE_WEIGHT,
      dispatch: asRoot((context, { task }) => cancelRetry(context, task, undefined)),
    },
    cancel_retry_named: {
      index: 9,
      args: struct(named),
      docs: ['Has a named task not repeated if it fails.'],
      weight: () => CHANGE_WEIGHT,
      dispatch: asRoot((context, { id }) =>
        withNamed(context, id, (address) => cancelRetry(context, address, id)),
      ),
    },
  })
}

function schedulingCalls(calls: RuntimeCalls): Calls<Scheduling> {
  const what = { maybe_periodic: option(period), priority: u8, call: calls.codec }
  const at = { when: u32, ...what }
  const after = { after: u32, ...what }
  const weight = ({ call }: What): Weight => placeWeight(calls.bytes(call).length)
  const schedule = scheduler(calls)
  return defineCalls<Scheduling>({
    schedule: {
      index: 0,
      args: struct(at),
      docs: ['Schedules a call for a block, perhaps repeated after every so many blocks.'],
      weight,
      dispatch: asRoot((context, args: At) => schedule(context, args, { at: args.when })),
    },
    schedule_named: {
      index: 2,
      args: struct({ ...named, ...at }),
      docs: ['Schedules a call for a block, under a name.'],
      weight,
      dispatch: asRoot((context, args: Named & At) => schedule(context, args, { at: args.when })),
    },
    schedule_after: {
      index: 4,
      args: struct(after),
      docs: ['Schedules a call for so many blocks behind the next one.'],
      weight,
      dispatch: asRoot((context, args: After) => schedule(context, args, { after: args.after })),
    },
    schedule_named_after: {
      index: 5,
      args: struct({ ...named, ...after }),
      docs: ['Schedules a call for so many blocks behind the next one, under a name.'],
      weight,
      dispatch: asRoot((context, args: Named & After) =>
        schedule(context, args, { after: args.after }),
      ),
    },
  })
}

function scheduler(
  calls: RuntimeCalls,
): (context: CallContext, what: What & Partial<Named>, time: DispatchTime) => Outcome {
  return (context, { id, maybe_periodic, priority, call }, time) => {
    const stored = bound(context, calls.bytes(call))
    if (!stored.ok) return stored
    const { origin } = context
    const task = { maybe_id: id, priority, call: stored.value, maybe_periodic, origin }
    const placed = scheduleTask(context, time, task)
    return placed.ok ? ok() : placed
  }
}

type Dispatch<A> = (context: CallContext, args: A) => Outcome

function asRoot<A>(dispatch: Dispatch<A>): Dispatch<A> {
  return (context, args) => {
    const allowed = ensureRoot(context.origin)
    return allowed.ok ? dispatch(context, args) : allowed
  }
}

function withNamed(
  { state }: CallContext,
  id: TaskName,
  act: (address: TaskAddress) => Outcome,
): Outcome {
  const address = findNamed(state, id)
  return address.ok ? act(address.value) : address
}
