import { decode, encode, unwrap, type AccountId } from '@tacit/base'
import { dispatchInfo } from '../execution/check.ts'
import type { DispatchInfo, DispatchResult } from '../framework/calls.ts'
import type { FoundCall } from '../framework/composition.ts'
import { idAddress } from '../framework/multi-address.ts'
import type { Origin } from '../framework/origin.ts'
import type { RuntimeCall } from '../framework/runtime-call.ts'
import { addWeights, ZERO_WEIGHT, type Weight } from '../framework/weights.ts'
import type { TestChain } from './chain.ts'
import { alice, contextOf, richChain } from './scenario.ts'

/** A chain on which calls are dispatched one by one, without extrinsics and fees. */
export interface CallBench {
  readonly chain: TestChain
  readonly context: ReturnType<typeof contextOf>
  /** Dispatches a call as it is read from its bytes, in a layer of its own; Alice calls. */
  run(call: RuntimeCall, origin?: Origin): DispatchResult
  info(call: RuntimeCall): DispatchInfo
  bytes(call: RuntimeCall): Uint8Array
  /** Codes of the events since the last call of this. */
  codes(): string[]
  /** The block's number goes up. */
  nextBlock(count?: number): void
}

export function createCallBench(): CallBench {
  const chain = richChain()
  const { composition } = chain.runtime
  const base = contextOf(chain, signed(alice.who))
  const block = { ...base.block }
  const context = { ...base, block }
  const bytes = (call: RuntimeCall): Uint8Array => encode(composition.call, call)
  const found = (call: RuntimeCall): FoundCall =>
    composition.find(unwrap(decode(composition.call, bytes(call)), 'call'))
  return {
    chain,
    context,
    run: (call, origin = base.origin) => {
      const { definition, args } = found(call)
      return context.attempt(() => definition.dispatch({ ...context, origin }, args))
    },
    info: (call) => dispatchInfo(found(call)),
    bytes,
    codes: () => context.events.splice(0).map(({ code }) => code),
    nextBlock: (count = 1) => {
      block.number += count
    },
  }
}

export function signed(who: AccountId): Origin {
  return { type: 'Signed', who }
}

export const ROOT: Origin = { type: 'Root' }
export const NONE: Origin = { type: 'None' }

export function callOf(pallet: string, name: string, args: unknown): RuntimeCall {
  return { type: pallet, value: { type: name, value: args } }
}

export function payCall(to: AccountId, value: bigint): RuntimeCall {
  return callOf('Balances', 'transfer_keep_alive', { dest: idAddress(to), value })
}

/** Leaves an event and nothing else. */
export const REMARK: RuntimeCall = callOf('System', 'remark_with_event', {
  remark: new Uint8Array(3),
})
/** Nobody may nest it. */
export const INHERENT: RuntimeCall = callOf('Timestamp', 'set', { now: 2n ** 40n })
/** Needs root. */
export const ROOT_CALL: RuntimeCall = callOf('Attestation', 'set_minimum_evaluation', {
  minimum: 1,
})

export function sumWeights(...weights: Weight[]): Weight {
  return weights.reduce(addWeights, ZERO_WEIGHT)
}

/** A dispatch that failed with an error. */
export function failed(error: unknown): { readonly ok: false; readonly error: unknown } {
  return { ok: false, error }
}
