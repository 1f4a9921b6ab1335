import {
  codec,
  encode,
  equalBytes,
  err,
  lazy,
  ok,
  type Codec,
  type Reader,
  type Result,
} from '@tacit/base'
import { systemErrors } from '../pallets/system/types.ts'
import {
  declaredInfo,
  type CallDefinition,
  type DispatchClass,
  type DispatchInfo,
  type DispatchResult,
} from './calls.ts'
import type { CallContext, DispatchContext } from './context.ts'
import type { DispatchError } from './dispatch-error.ts'
import { passesFilter, type Origin } from './origin.ts'
import type { RuntimeCall } from './runtime-call.ts'
import { lesserWeight, type Weight } from './weights.ts'

/** What became of a nested call, and what it used: at most what it declared. */
export type Dispatched = { readonly result: Result<void, DispatchError>; readonly weight: Weight }

/**
 * All calls of the composition, for pallets whose calls carry or store others. Semantics:
 * frame_support's Dispatchable, UnfilteredDispatchable and GetDispatchInfo.
 */
export interface RuntimeCalls {
  /**
   * A call among the arguments of another. Decoding follows 32 levels (`too_deep`) and 16,384
   * nested calls in all (`too_many`), which bounds every recursion over calls.
   */
  readonly codec: Codec<RuntimeCall>
  /** What a call declares, its own nested calls included. */
  readonly info: (call: RuntimeCall) => DispatchInfo
  /** The call's encoding. */
  bytes(call: RuntimeCall): Uint8Array
  /**
   * Dispatches under an origin in a layer of its own: if the call fails, its changes and events
   * are undone and nothing else. Root passes every filter, others those of the chain and of the
   * origin; Mandatory calls pass none: `System.CallFiltered`.
   */
  dispatch(context: DispatchContext | CallContext, call: RuntimeCall, origin: Origin): Dispatched
  /** The same past all filters, as root may order it; a Mandatory call still fails. */
  dispatchUnfiltered: RuntimeCalls['dispatch']
}

/** The class of a call that carries others: Operational if all of them are. */
export function classOfNested(
  { info }: Pick<RuntimeCalls, 'info'>,
  nested: readonly RuntimeCall[],
): DispatchClass {
  const operational = nested.every((call) => info(call).class === 'Operational')
  return nested.length > 0 && operational ? 'Operational' : 'Normal'
}

/** A failure that says what was used until then. */
export function failure(error: DispatchError, actualWeight: Weight): DispatchResult {
  return { ...err(error), post: { actualWeight } }
}

/** What a composition offers for it. */
type Outer = {
  readonly call: Codec<RuntimeCall>
  find(call: RuntimeCall): { definition: CallDefinition<unknown>; args: unknown }
  /** Asks the chain's filter, unless told not to. */
  dispatch(context: CallContext, call: RuntimeCall, unfiltered?: boolean): DispatchResult
}

/** Makes the calls of a composition, which is asked for only once it is whole. */
export function createRuntimeCalls(composition: () => Outer): RuntimeCalls {
  const infos = new WeakMap<RuntimeCall, DispatchInfo>()
  const encodings = new WeakMap<RuntimeCall, Uint8Array>()
  const info = (call: RuntimeCall): DispatchInfo => {
    const known = infos.get(call)
    if (known) return known
    const { definition, args } = composition().find(call)
    const declared = declaredInfo(definition, args)
    infos.set(call, declared)
    return declared
  }
  const dispatch = (unfiltered: boolean): RuntimeCalls['dispatch'] => {
    return (context, call, origin) => {
      const declared = info(call)
      const passes = unfiltered || passesFilter(origin, call)
      const outcome: DispatchResult =
        passes && declared.class !== 'Mandatory'
          ? composition().dispatch(nestedContext(context, origin), call, unfiltered)
          : err(systemErrors.CallFiltered)
      const post = (outcome.ok ? outcome.value : outcome.post) ?? {}
      const weight = lesserWeight(post.actualWeight ?? declared.weight, declared.weight)
      return { result: outcome.ok ? ok() : err(outcome.error), weight }
    }
  }
  return {
    codec: remembering(
      lazy(() => composition().call),
      encodings,
    ),
    info,
    bytes: (call) => encodings.get(call) ?? encode(composition().call, call),
    dispatch: dispatch(false),
    dispatchUnfiltered: dispatch(true),
  }
}

/** Keeps the bytes from which a call was read, which hashing and weighing would make again. */
function remembering(
  inner: Codec<RuntimeCall>,
  encodings: WeakMap<RuntimeCall, Uint8Array>,
): Codec<RuntimeCall> {
  const read = (input: Reader): RuntimeCall => {
    const begin = input.at
    const call = inner.decode(input)
    encodings.set(call, input.bytes.subarray(begin, input.at))
    return call
  }
  return codec(inner.type, (call, out) => inner.encode(call, out), read)
}

/** A nonce is its signer's: under another account there is none. */
function nestedContext(context: DispatchContext | CallContext, origin: Origin): CallContext {
  const { state, host, block, deposit, attempt } = context
  const outer = 'origin' in context ? context : undefined
  const extrinsicIndex = outer?.extrinsicIndex ?? 0
  const nested = { state, host, block, deposit, attempt, origin, extrinsicIndex }
  const nonce = outer && sameAccount(outer.origin, origin) ? outer.nonce : undefined
  return nonce === undefined ? nested : { ...nested, nonce }
}

function sameAccount(a: Origin, b: Origin): boolean {
  return a.type === 'Signed' && b.type === 'Signed' && equalBytes(a.who, b.who)
}
