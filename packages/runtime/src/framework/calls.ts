import type { Codec, Result } from '@tacit/base'
import type { CallContext } from './context.ts'
import type { DispatchError } from './dispatch-error.ts'
import type { Weight } from './weights.ts'

/** Operational and Mandatory calls may use the whole block, Normal ones 75 percent. */
export type DispatchClass = 'Normal' | 'Operational' | 'Mandatory'

/** What a call declares before it runs. */
export type DispatchInfo = {
  readonly weight: Weight
  readonly class: DispatchClass
  readonly paysFee: boolean
}

/** What a call says about its cost after it ran; absent means as declared. */
export type PostDispatchInfo = { readonly actualWeight?: Weight; readonly paysFee?: boolean }

/** A call that failed may say what it cost in `post`. */
export type DispatchResult = Result<void | PostDispatchInfo, DispatchError> & {
  readonly post?: PostDispatchInfo
}

/** One call of a pallet. `index`: 0 to 255, never reused. `args`: an anonymous struct, or unit. */
export interface CallDefinition<A> {
  readonly index: number
  readonly args: Codec<A>
  readonly docs: readonly string[]
  /** Normal if absent. */
  readonly class?: DispatchClass
  /** Takes the place of `class` where the class is that of calls among the arguments. */
  classOf?(args: A): DispatchClass
  /** Declared before execution; an upper bound. */
  weight(args: A): Weight
  paysFee?(args: A): boolean
  /** Storage changes and events of a failing dispatch are undone by the framework. */
  dispatch(context: CallContext, args: A): DispatchResult
}

/** What a call declares for its arguments. */
export function declaredInfo<A>(definition: CallDefinition<A>, args: A): DispatchInfo {
  return {
    weight: definition.weight(args),
    class: definition.classOf?.(args) ?? definition.class ?? 'Normal',
    paysFee: definition.paysFee?.(args) ?? true,
  }
}

/** A pallet's calls by FRAME's snake_case names; a name's type is that of its arguments. */
export type Calls<A extends { readonly [K in keyof A]: unknown }> = {
  readonly [K in keyof A]: CallDefinition<A[K]>
}

/** Any pallet's calls. */
export type PalletCalls = { readonly [name: string]: CallDefinition<unknown> }

/** Declares a pallet's calls. */
export function defineCalls<A extends { readonly [K in keyof A]: unknown }>(calls: {
  readonly [K in keyof A]: CallDefinition<A[K]>
}): Calls<A> {
  return calls
}
