import { concatBytes, decode, encode, MAX_DEPTH, ok, struct, unwrap } from '@tacit/base'
import { beforeEach, describe, expect, test } from 'vitest'
import { encodeBareExtrinsic } from '../extrinsic.ts'
import { systemErrors } from '../pallets/system/types.ts'
import { createRuntime, PALLETS } from '../runtime.ts'
import type { TestChain } from '../testing/chain.ts'
import { alice, bob, contextOf, dave, richChain } from '../testing/scenario.ts'
import { defineCalls, type DispatchInfo } from './calls.ts'
import { compose, type PalletSource } from './composition.ts'
import { classOfNested, type Dispatched, type RuntimeCalls } from './nested-calls.ts'
import { idAddress } from './multi-address.ts'
import { addFilter, type Origin } from './origin.ts'
import { definePallet } from './pallet.ts'
import type { RuntimeCall } from './runtime-call.ts'
import { addWeights, weigh } from './weights.ts'

const ERROR = systemErrors.CallFiltered
let calls: RuntimeCalls
let outcomes: Dispatched[]

/** Carries one call; keeps what became of it. */
const wrapper: PalletSource = (runtimeCalls) => {
  calls = runtimeCalls
  return definePallet({
    name: 'Wrapper',
    index: 99,
    docs: [],
    calls: defineCalls<{ wrap: { readonly call: RuntimeCall } }>({
      wrap: {
        index: 0,
        args: struct({ call: runtimeCalls.codec }),
        docs: [],
        classOf: ({ call }) => runtimeCalls.info(call).class,
        weight: ({ call }) => addWeights(OWN, runtimeCalls.info(call).weight),
        dispatch(context, { call }) {
          outcomes.push(runtimeCalls.dispatch(context, call, context.origin))
          return ok()
        },
      },
    }),
  })
}
const OWN = weigh({ reads: 1 })
const { composition } = createRuntime([...PALLETS, wrapper])

const wrap = (call: RuntimeCall): RuntimeCall => ({
  type: 'Wrapper',
  value: { type: 'wrap', value: { call } },
})
const remark: RuntimeCall = {
  type: 'System',
  value: { type: 'remark_with_event', value: { remark: Uint8Array.of(7) } },
}
const transfer = (value: bigint): RuntimeCall => ({
  type: 'Balances',
  value: { type: 'transfer_keep_alive', value: { dest: idAddress(dave.who), value } },
})
const set: RuntimeCall = { type: 'Timestamp', value: { type: 'set', value: { now: 1n } } }
const nestedIn = (levels: number): RuntimeCall => {
  let call = remark
  for (let level = 0; level < levels; level++) call = wrap(call)
  return call
}
const read = (call: RuntimeCall): RuntimeCall =>
  unwrap(decode(composition.call, encode(composition.call, call)))

let chain: TestChain
let context: ReturnType<typeof contextOf>
beforeEach(() => {
  chain = richChain()
  context = contextOf(chain, signed())
  outcomes = []
})
const signed = (): Origin => ({ type: 'Signed', who: alice.who })
const codes = (): string[] => context.events.map(({ code }) => code)
const filtered = { ok: false, error: ERROR }

describe('a nested call', () => {
  test('is read and written as it is alone', () => {
    const bytes = encode(composition.call, wrap(remark))
    expect(bytes).toEqual(concatBytes(Uint8Array.of(99, 0), encode(composition.call, remark)))
    const { value } = read(wrap(remark)).value as { value: { call: RuntimeCall } }
    expect(calls.bytes(value.call)).toEqual(encode(composition.call, remark))
    expect(calls.bytes(remark)).toEqual(encode(composition.call, remark))
  })

  test('is followed to a depth and no further', () => {
    const extrinsic = (levels: number): Uint8Array =>
      encodeBareExtrinsic(encode(composition.call, nestedIn(levels)))
    expect(decode(composition.extrinsic, extrinsic(MAX_DEPTH)).ok).toBe(true)
    expect(decode(composition.extrinsic, extrinsic(MAX_DEPTH + 1))).toMatchObject({
      error: { code: 'scale_malformed', reason: 'too_deep' },
    })
  })

  test('weighs what it declares, and each wrapper adds its own', () => {
    const { weight } = calls.info(nestedIn(3))
    const expected = [OWN, OWN, OWN].reduce(addWeights, calls.info(remark).weight)
    expect(weight).toEqual(expected)
  })

  test('has the class that its wrapper says', () => {
    expect(calls.info(wrap(set)).class).toBe('Mandatory')
    expect(calls.info(wrap(remark)).class).toBe('Normal')
  })

  test('that fails is undone, and nothing else', () => {
    expect(calls.dispatch(context, transfer(1n), signed())).toEqual({
      result: { ok: false, error: { code: 'token', reason: 'BelowMinimum' } },
      weight: calls.info(transfer(1n)).weight,
    })
    expect(calls.dispatch(context, remark, signed()).result).toEqual(ok())
    expect(codes()).toEqual(['System.Remarked'])
  })

  test('that fails behind changes takes them back with their events', () => {
    const before = chain.written()
    const failing = compose([
      definePallet({
        name: 'Failing',
        index: 98,
        docs: [],
        calls: defineCalls<{ fail: { readonly call: RuntimeCall } }>({
          fail: {
            index: 0,
            args: struct({ call: calls.codec }),
            docs: [],
            weight: () => OWN,
            dispatch(inner, { call }) {
              calls.dispatch(inner, call, inner.origin)
              return { ok: false, error: ERROR, post: { actualWeight: weigh({}) } }
            },
          },
        }),
      }),
    ])
    const call = { type: 'Failing', value: { type: 'fail', value: { call: remark } } }
    expect(failing.dispatch(context, call)).toMatchObject(filtered)
    expect(codes()).toEqual([])
    expect(chain.written()).toEqual(before)
  })
})

describe('filters', () => {
  const only = (origin: Origin): Origin => addFilter(origin, ({ type }) => type !== 'Balances')
  const dispatch = (call: RuntimeCall, origin: Origin): unknown =>
    calls.dispatch(context, call, origin).result

  test('go with the origin, however deep', () => {
    const value = 10n ** 12n
    expect(dispatch(transfer(value), only(signed()))).toEqual(filtered)
    expect(dispatch(remark, only(signed()))).toEqual(ok())
    expect(dispatch(wrap(wrap(transfer(value))), only(signed()))).toEqual(ok())
    expect(outcomes.map(({ result }) => result)).toEqual([filtered, ok()])
    expect(dispatch(transfer(value), signed())).toEqual(ok())
  })

  test('add up', () => {
    const neither = addFilter(only(signed()), ({ type }) => type !== 'System')
    expect(dispatch(remark, neither)).toEqual(filtered)
    expect(dispatch(transfer(1n), neither)).toEqual(filtered)
  })

  test('are passed by root, and by nobody who would dispatch a mandatory call', () => {
    expect(addFilter({ type: 'Root' }, () => false)).toEqual({ type: 'Root' })
    expect(dispatch(set, { type: 'Root' })).toEqual(filtered)
    expect(dispatch(set, { type: 'None' })).toEqual(filtered)
    expect(dispatch(wrap(set), { type: 'None' })).toEqual(filtered)
  })

  test("of the chain count for everybody but root, and not for a block's own calls", () => {
    const strict = createRuntime(PALLETS, ({ type }) => type === 'Balances').composition
    const at = (origin: Origin): typeof context => contextOf(chain, origin)
    expect(strict.dispatch(at(signed()), remark)).toEqual(filtered)
    expect(strict.dispatch(at({ type: 'None' }), remark)).toEqual(filtered)
    expect(strict.dispatch(at(signed()), transfer(10n ** 12n)).ok).toBe(true)
    const late = { ...set, value: { type: 'set', value: { now: 2n ** 47n } } }
    expect(strict.dispatch(at({ type: 'None' }), late).ok).toBe(true)
    expect(strict.dispatch(at({ type: 'Root' }), remark)).toMatchObject({
      error: { code: 'bad_origin' },
    })
  })
})

test('root may order a call past the filters of the chain and of an origin', () => {
  let strictCalls: RuntimeCalls | undefined
  const grab: PalletSource = (given) => {
    strictCalls = given
    return definePallet({ name: 'Grab', index: 98, docs: [] })
  }
  createRuntime([...PALLETS, grab], () => false)
  const origin = addFilter(signed(), () => false)
  expect(strictCalls?.dispatch(context, remark, origin).result).toEqual(filtered)
  expect(strictCalls?.dispatch(context, remark, signed()).result).toEqual(filtered)
  expect(strictCalls?.dispatchUnfiltered(context, remark, origin).result).toEqual(ok())
  expect(strictCalls?.dispatchUnfiltered(context, set, { type: 'None' }).result).toEqual(filtered)
})

test('calls together are Operational if there is one and all are', () => {
  const classes = { remark: 'Operational', set: 'Mandatory', wrap: 'Normal' } as const
  const info = ({ value }: RuntimeCall): DispatchInfo => ({
    class: classes[value.type as keyof typeof classes],
    weight: OWN,
    paysFee: true,
  })
  const [operational, mandatory, normal] = [
    { type: 'System', value: { type: 'remark' } },
    set,
    wrap(remark),
  ]
  const classOf = (...list: RuntimeCall[]): string => classOfNested({ info }, list)
  expect(classOf(operational, operational)).toBe('Operational')
  for (const list of [[], [operational, normal], [operational, mandatory], [mandatory]])
    expect(classOf(...list)).toBe('Normal')
})

test("a nonce is its signer's", () => {
  const nonces: (number | undefined)[] = []
  const watch = compose([
    definePallet({
      name: 'Watch',
      index: 97,
      docs: [],
      calls: defineCalls<{ nonce: { readonly [name: string]: never } }>({
        nonce: {
          index: 0,
          args: struct({}),
          docs: [],
          weight: () => OWN,
          dispatch: ({ nonce }) => (nonces.push(nonce), ok()),
        },
      }),
    }),
    (watched) => {
      calls = watched
      return definePallet({ name: 'None', index: 98, docs: [] })
    },
  ])
  const call = { type: 'Watch', value: { type: 'nonce', value: {} } }
  expect(watch.find(call).name).toBe('nonce')
  const outer = { ...context, nonce: 5 }
  calls.dispatch(outer, call, outer.origin)
  calls.dispatch(outer, call, { type: 'Signed', who: bob.who })
  calls.dispatch(outer, call, { type: 'Root' })
  expect(nonces).toEqual([5, undefined, undefined])
})
