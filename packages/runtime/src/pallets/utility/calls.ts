import { struct, u16, vec } from '@tacit/base'
import { defineCalls, type Calls, type DispatchClass } from '../../framework/calls.ts'
import { classOfNested, type RuntimeCalls } from '../../framework/nested-calls.ts'
import { originCaller } from '../../framework/origin-caller.ts'
import type { RuntimeCall } from '../../framework/runtime-call.ts'
import { addWeights, weightCodec } from '../../framework/weights.ts'
import {
  asDerivative,
  AS_DERIVATIVE_WEIGHT,
  dispatchAs,
  dispatchAsFallible,
  DISPATCH_AS_WEIGHT,
  ifElse,
  IF_ELSE_WEIGHT,
  withWeight,
  type AsDerivativeArgs,
  type DispatchAsArgs,
  type IfElseArgs,
  type WithWeightArgs,
} from './as-origin.ts'
import { batch, batchAll, batchInfoWeight, forceBatch, type BatchArgs } from './batch.ts'

export type UtilityCalls = {
  batch: BatchArgs
  as_derivative: AsDerivativeArgs
  batch_all: BatchArgs
  dispatch_as: DispatchAsArgs
  force_batch: BatchArgs
  with_weight: WithWeightArgs
  if_else: IfElseArgs
  dispatch_as_fallible: DispatchAsArgs
}

/** Indices as in pallet_utility. */
export function utilityCalls(calls: RuntimeCalls): Calls<UtilityCalls> {
  return defineCalls<UtilityCalls>({ ...batches(calls), ...asOthers(calls), ...byRoot(calls) })
}

function batches(calls: RuntimeCalls): Calls<Pick<UtilityCalls, Batches>> {
  const every = {
    args: struct({ calls: vec(calls.codec) }),
    classOf: ({ calls: list }: BatchArgs) => classOfNested(calls, list),
    weight: (args: BatchArgs) => batchInfoWeight(calls, args),
  }
  return {
    batch: {
      ...every,
      index: 0,
      docs: ['Dispatches calls one by one and stops at the first that fails.'],
      dispatch: (context, args) => batch(calls, context, args),
    },
    batch_all: {
      ...every,
      index: 2,
      docs: ['Dispatches calls one by one; if one fails, none takes effect.'],
      dispatch: (context, args) => batchAll(calls, context, args),
    },
    force_batch: {
      ...every,
      index: 4,
      docs: ['Dispatches calls one by one, those behind failures too.'],
      dispatch: (context, args) => forceBatch(calls, context, args),
    },
  }
}

type Batches = 'batch' | 'batch_all' | 'force_batch'

function asOthers(calls: RuntimeCalls): Calls<Pick<UtilityCalls, 'as_derivative' | 'if_else'>> {
  return {
    as_derivative: {
      index: 1,
      args: struct({ index: u16, call: calls.codec }),
      docs: ["Dispatches a call as one of the sender's derivative accounts, under its filters."],
      classOf: ({ call }) => classOfNested(calls, [call]),
      weight: ({ call }) => addWeights(AS_DERIVATIVE_WEIGHT, calls.info(call).weight),
      dispatch: (context, args) => asDerivative(calls, context, args),
    },
    if_else: {
      index: 6,
      args: struct({ main: calls.codec, fallback: calls.codec }),
      docs: ['Dispatches a call and, should it fail, another.'],
      classOf: ({ main, fallback }) => classOfNested(calls, [main, fallback]),
      weight: ({ main, fallback }) =>
        addWeights(
          addWeights(IF_ELSE_WEIGHT, calls.info(main).weight),
          calls.info(fallback).weight,
        ),
      dispatch: (context, args) => ifElse(calls, context, args),
    },
  }
}

function byRoot(
  calls: RuntimeCalls,
): Calls<Pick<UtilityCalls, 'dispatch_as' | 'with_weight' | 'dispatch_as_fallible'>> {
  const classOf = ({ call }: { readonly call: RuntimeCall }): DispatchClass =>
    classOfNested(calls, [call])
  const asOrigin = {
    args: struct({ as_origin: originCaller, call: calls.codec }),
    classOf,
    weight: ({ call }: DispatchAsArgs) => addWeights(DISPATCH_AS_WEIGHT, calls.info(call).weight),
  }
  return {
    dispatch_as: {
      ...asOrigin,
      index: 3,
      docs: ['Root: dispatches a call as any origin.'],
      dispatch: (context, args) => dispatchAs(calls, context, args),
    },
    with_weight: {
      index: 5,
      args: struct({ call: calls.codec, weight: weightCodec }),
      docs: ['Root: dispatches a call that weighs what root says.'],
      classOf,
      weight: ({ weight }) => weight,
      dispatch: (context, args) => withWeight(calls, context, args),
    },
    dispatch_as_fallible: {
      ...asOrigin,
      index: 7,
      docs: ['Root: dispatches a call as any origin and fails with it.'],
      dispatch: (context, args) => dispatchAsFallible(calls, context, args),
    },
  }
}
