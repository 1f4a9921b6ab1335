import { codec, compareBytes, decode, encode, MAX_DEPTH, struct, unit, unwrap } from '@tacit/base'
import { beforeAll, describe, expect, test } from 'vitest'
import { dispatchInfo } from '../execution/check.ts'
import { createRuntime, PALLETS } from '../runtime.ts'
import { callOf, REMARK, signed } from '../testing/call-bench.ts'
import { alice, bob, contextOf, richChain } from '../testing/scenario.ts'
import { defineCalls } from './calls.ts'
import { definePallet } from './pallet.ts'
import type { RuntimeCall } from './runtime-call.ts'
import { ZERO_WEIGHT } from './weights.ts'

/** The least stack that was left when the innermost call was read, weighed, written and run. */
let least = Number.POSITIVE_INFINITY
const measure = (): void => {
  least = Math.min(least, stackLeft())
}

/** Frames of one function that fit on what is left of the stack. */
function stackLeft(): number {
  try {
    return stackLeft() + 1
  } catch {
    return 1
  }
}

const watched = codec<undefined>(
  unit.type,
  () => measure(),
  () => measure() as undefined,
)
const probe = definePallet({
  name: 'Probe',
  index: 99,
  docs: [],
  calls: defineCalls<{ probe: { readonly watched: undefined } }>({
    probe: {
      index: 0,
      args: struct({ watched }),
      docs: [],
      weight: () => {
        measure()
        return ZERO_WEIGHT
      },
      dispatch: () => {
        measure()
        return { ok: true, value: undefined }
      },
    },
  }),
})
const { composition } = createRuntime([...PALLETS, probe])
const PROBE = callOf('Probe', 'probe', { watched: undefined })

const wrappers: { readonly [name: string]: (call: RuntimeCall) => RuntimeCall } = {
  batch: (call) => callOf('Utility', 'batch', { calls: [REMARK, call] }),
  force_batch: (call) => callOf('Utility', 'force_batch', { calls: [call] }),
  as_derivative: (call) => callOf('Utility', 'as_derivative', { index: 0, call }),
  if_else: (call) => callOf('Utility', 'if_else', { main: PROBE, fallback: call }),
  if_else_fallback: (call) =>
    callOf('Utility', 'if_else', {
      main: callOf('Timestamp', 'set', { now: 1n }),
      fallback: call,
    }),
}

describe('the deepest nesting of calls', () => {
  beforeAll(() => {
    for (let warm = 0; warm < 20; warm++) stackLeft()
  })

  test.each(Object.keys(wrappers))('of %s leaves more than half of the stack', (name) => {
    const wrap = wrappers[name] as (call: RuntimeCall) => RuntimeCall
    let call = PROBE
    for (let level = 0; level < MAX_DEPTH; level++) call = wrap(call)
    const all = stackLeft()
    least = all
    const bytes = encode(composition.call, call)
    const read = unwrap(decode(composition.call, bytes))
    dispatchInfo(composition.find(read))
    const outcome = composition.dispatch(contextOf(richChain(), signed(alice.who)), read)
    expect(outcome.ok).toBe(true)
    expect(least).toBeLessThan(all)
    expect(least).toBeGreaterThan(all / 2)
    expect(decode(composition.call, encode(composition.call, wrap(call)))).toMatchObject({
      error: { reason: 'too_deep' },
    })
  })

  test('of a multisig whose every level is a multisig of its own', () => {
    const others = [bob.who].sort(compareBytes)
    let call = PROBE
    for (let level = 0; level < MAX_DEPTH; level++)
      call = callOf('Multisig', 'as_multi_threshold_1', { other_signatories: others, call })
    const all = stackLeft()
    least = all
    const read = unwrap(decode(composition.call, encode(composition.call, call)))
    const outcome = composition.dispatch(contextOf(richChain(), signed(alice.who)), read)
    expect(outcome.ok).toBe(true)
    expect(least).toBeGreaterThan(all / 2)
  })
})
