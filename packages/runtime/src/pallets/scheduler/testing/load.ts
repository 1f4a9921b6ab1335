import { bool, bytes, err, ok, struct, u32, u64 } from '@tacit/base'
import { defineCalls } from '../../../framework/calls.ts'
import { defineErrors } from '../../../framework/errors.ts'
import { defineEvents } from '../../../framework/events.ts'
import { definePallet, type Pallet } from '../../../framework/pallet.ts'
import type { RuntimeCall } from '../../../framework/runtime-call.ts'
import type { TestChain } from '../../../testing/chain.ts'
import { contextOf, richChain } from '../../../testing/scenario.ts'
import { createRuntime, PALLETS } from '../../../runtime.ts'
import type { Origin } from '../../../framework/origin.ts'
import type { DispatchResult } from '../../../framework/calls.ts'

/** A call that weighs as much as it says, and fails if it says so. */
export type Work = {
  readonly id: number
  readonly refTime: bigint
  readonly fails: boolean
  readonly padding: Uint8Array
}

const INDEX = 99
const events = defineEvents<{ Worked: { readonly id: number } }>('Load', INDEX, {
  Worked: [0, struct({ id: u32 }), ''],
})
export const loadErrors: ReturnType<typeof defineErrors<'Failed'>> = defineErrors('Load', INDEX, {
  Failed: [0, ''],
})

const loadPallet: Pallet = definePallet({
  name: 'Load',
  index: INDEX,
  docs: [],
  events,
  errors: loadErrors,
  calls: defineCalls<{ work: Work }>({
    work: {
      index: 0,
      args: struct({ id: u32, refTime: u64, fails: bool, padding: bytes }),
      docs: [],
      weight: ({ refTime }) => ({ refTime, proofSize: 0n }),
      dispatch(context, { id, fails }) {
        context.deposit(events.Worked({ id }))
        return fails ? err(loadErrors.Failed) : ok()
      },
    },
  }),
})

const RUNTIME = createRuntime([...PALLETS, loadPallet])

/** The call of an id; light, good and short unless said otherwise. */
export function work(id: number, options: Partial<Work> = {}): RuntimeCall {
  const value = { id, refTime: 1n, fails: false, padding: new Uint8Array(), ...options }
  return { type: 'Load', value: { type: 'work', value } }
}

/** A chain with the pallet Load. */
export function loadedChain(): TestChain {
  return richChain(RUNTIME)
}

/** Dispatches a call of the scheduler between two blocks, as if by an extrinsic of the last one. */
export function callScheduler(
  chain: TestChain,
  name: string,
  value: unknown,
  origin: Origin = { type: 'Root' },
): DispatchResult & { readonly codes: readonly string[] } {
  const context = contextOf(chain, origin)
  const outcome = RUNTIME.composition.dispatch(context, {
    type: 'Scheduler',
    value: { type: name, value },
  })
  return { ...outcome, codes: context.events.map(({ code }) => code) }
}

/** Makes a block; what happened before its extrinsics, as pallet, event and content. */
export function nextBlock(chain: TestChain): [code: string, value: unknown][] {
  chain.seal(chain.begin())
  return chain
    .events()
    .filter(({ phase }) => phase.type === 'Initialization')
    .map(({ event: { type, value } }) => [`${type}.${value.type}`, value.value])
}
