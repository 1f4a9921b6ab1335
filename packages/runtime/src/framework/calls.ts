import type { Codec, Result } from '@tacit/base'
import type { CallContext } from './context.ts'
import type { DispatchError } from './dispatch-error.ts'
import type { Weight } from './weights.ts'

/** Operational and Mandatory calls may use the whole block, Normal ones 75 percent. */
export type DispatchClass = 'Normal' | 'Operational' | 'Mandatory'

/** What a call that took effect says about its cost; absent means as declared. */
export type PostDispatchInfo = { readonly actualWeight?: Weight; readonly paysFee?: boolean }

export type DispatchResult = Result<void | PostDispatchInfo, DispatchError>

/** One call of a pallet. `index`: 0 to 255, never reused. `args`: an anonymous struct, or unit. */
export interface CallDefinition<A> {
  readonly index: number
  readonly args: Codec<A>
  readonly docs: readonly string[]
  readonly class?: DispatchClass
  /** Declared before execution; an upper bound. */
  weight(args: A): Weight
  paysFee?(args: A): boolean
  /** Storage changes and events of a failing dispatch are undone by the framework. */
  dispatch(context: CallContext, args: A): DispatchResult
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
