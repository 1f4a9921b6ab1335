import { bytesToHex, encode, ok, unwrap, type AccountId } from '@tacit/base'
import { beforeEach, describe, expect, test } from 'vitest'
import type { DispatchResult } from '../../framework/calls.ts'
import type { Origin } from '../../framework/origin.ts'
import type { RuntimeCall } from '../../framework/runtime-call.ts'
import { ZERO_WEIGHT, type Weight } from '../../framework/weights.ts'
import { BASE_EXTRINSIC_WEIGHT } from '../../limits.ts'
import {
  callOf,
  createCallBench,
  failed,
  INHERENT,
  NONE,
  payCall,
  REMARK,
  ROOT,
  ROOT_CALL,
  signed,
  sumWeights,
  type CallBench,
} from '../../testing/call-bench.ts'
import { PHA, type TestChain } from '../../testing/chain.ts'
import { hashes } from '../../testing/crypto.ts'
import { alice, bob, dave } from '../../testing/scenario.ts'
import { EXISTENTIAL_DEPOSIT as ED } from '../balances/types.ts'
import { systemErrors } from '../system/types.ts'
import { AS_DERIVATIVE_WEIGHT, derivativeAccount, IF_ELSE_WEIGHT } from './as-origin.ts'
import { batchWeight } from './batch.ts'
import { BATCHED_CALLS_LIMIT, utilityErrors } from './types.ts'

let bench: CallBench
let chain: TestChain
let context: CallBench['context']
beforeEach(() => {
  bench = createCallBench()
  ;({ chain, context } = bench)
})

const utility = (type: string, value: unknown): RuntimeCall => callOf('Utility', type, value)
const batchOf = (type: string, ...calls: RuntimeCall[]): RuntimeCall => utility(type, { calls })
const pay = (value: bigint, who = dave.who): RuntimeCall => payCall(who, value)
/** To an account that does not exist. */
const tooLittle = pay(1n, new Uint8Array(32).fill(0x77) as AccountId)
const run = (call: RuntimeCall, origin?: Origin): DispatchResult => bench.run(call, origin)
const weightOf = (call: RuntimeCall): Weight => bench.info(call).weight
const codes = (): string[] => context.events.map(({ code }) => code.replace('Utility.', ''))
const own = (): string[] => codes().filter((code) => !code.includes('.'))
const used = (weight: Weight): DispatchResult => ok({ actualWeight: weight })
const belowMinimum = { code: 'token', reason: 'BelowMinimum' }
const badOrigin = { code: 'bad_origin' }

describe('batch', () => {
  test('of none, one and several', () => {
    for (const count of [0, 1, 5]) {
      context.events.length = 0
      const calls = Array<RuntimeCall>(count).fill(pay(ED))
      const call = batchOf('batch', ...calls)
      expect(run(call)).toEqual(used(weightOf(call)))
      expect(own()).toEqual([...Array<string>(count).fill('ItemCompleted'), 'BatchCompleted'])
    }
    expect(chain.free(dave.who)).toBe(6n * ED)
  })

  test('stops at the first failure, keeps what was before, and weighs what ran', () => {
    const calls = [pay(ED), REMARK, pay(10_000n * PHA), REMARK]
    const weight = sumWeights(
      batchWeight(3),
      weightOf(pay(ED)),
      weightOf(REMARK),
      weightOf(pay(ED)),
    )
    expect(run(batchOf('batch', ...calls))).toEqual(used(weight))
    expect(own()).toEqual(['ItemCompleted', 'ItemCompleted', 'BatchInterrupted'])
    const error = { code: 'arithmetic', reason: 'Underflow' }
    expect(context.events.at(-1)?.value).toEqual({ index: 2, error })
    expect(chain.free(dave.who)).toBe(ED)
  })

  test('of a batch counts what that one used', () => {
    const inner = batchOf('batch', pay(1n), REMARK)
    const call = batchOf('batch', inner)
    const weight = sumWeights(batchWeight(1), batchWeight(1), weightOf(pay(1n)))
    expect(run(call)).toEqual(used(weight))
    expect(own()).toEqual(['BatchInterrupted', 'ItemCompleted', 'BatchCompleted'])
  })
})

describe('batch_all', () => {
  test('takes effect as a whole', () => {
    const call = batchOf('batch_all', pay(ED), pay(ED))
    expect(run(call)).toEqual(used(weightOf(call)))
    expect(own()).toEqual(['ItemCompleted', 'ItemCompleted', 'BatchCompleted'])
  })

  test('or not at all, and says what it used until then', () => {
    const before = chain.written()
    const post = {
      actualWeight: sumWeights(batchWeight(2), weightOf(pay(ED)), weightOf(tooLittle)),
    }
    const call = batchOf('batch_all', pay(ED), tooLittle, REMARK)
    expect(run(call)).toEqual({ ...failed(belowMinimum), post })
    expect(codes()).toEqual([])
    expect(chain.written()).toEqual(before)
  })

  test('is not nested in itself, but by root', () => {
    const call = batchOf('batch_all', batchOf('batch_all', REMARK))
    expect(run(call)).toMatchObject(failed(systemErrors.CallFiltered))
    const deep = batchOf('batch_all', batchOf('force_batch', batchOf('batch_all', REMARK)))
    expect(run(deep).ok).toBe(true)
    expect(own()).toEqual([
      'ItemFailed',
      'BatchCompletedWithErrors',
      'ItemCompleted',
      'BatchCompleted',
    ])
    expect(run(batchOf('batch_all', batchOf('batch_all')), ROOT).ok).toBe(true)
  })
})

describe('force_batch', () => {
  test('goes on behind failures', () => {
    const call = batchOf('force_batch', pay(1n), pay(ED), tooLittle)
    expect(run(call)).toEqual(used(weightOf(call)))
    expect(own()).toEqual(['ItemFailed', 'ItemCompleted', 'ItemFailed', 'BatchCompletedWithErrors'])
    expect(context.events.find(({ code }) => code === 'Utility.ItemFailed')?.value).toEqual({
      error: belowMinimum,
    })
  })

  test('without failures', () => {
    expect(run(batchOf('force_batch', REMARK)).ok).toBe(true)
    expect(own()).toEqual(['ItemCompleted', 'BatchCompleted'])
  })
})

describe.each(['batch', 'batch_all', 'force_batch'])('%s', (name) => {
  test('needs an account or root', () => {
    expect(run(batchOf(name, REMARK), NONE)).toEqual(failed(badOrigin))
    expect(run(batchOf(name), ROOT).ok).toBe(true)
  })

  test('takes so many calls and no more', () => {
    const many = (count: number): RuntimeCall =>
      batchOf(name, ...Array.from({ length: count }, () => REMARK))
    expect(run(many(BATCHED_CALLS_LIMIT + 1))).toEqual(failed(utilityErrors.TooManyCalls))
    expect(run(many(BATCHED_CALLS_LIMIT)).ok).toBe(true)
  })

  test('hands its origin on: root stays root, an account stays one, and no inherent runs', () => {
    run(batchOf(name, ROOT_CALL), ROOT)
    expect(own()).toEqual(['ItemCompleted', 'BatchCompleted'])
    context.events.length = 0
    const outcomes = [ROOT_CALL, INHERENT].map((call) => run(batchOf(name, call)))
    const errors = [badOrigin, systemErrors.CallFiltered]
    if (name === 'batch_all') expect(outcomes).toMatchObject(errors.map(failed))
    else
      expect(
        context.events.flatMap(({ value }) => (value as { error?: unknown })?.error ?? []),
      ).toEqual(errors)
  })

  test('is Operational only if all of its calls are', () => {
    const classOf = (...calls: RuntimeCall[]): string => bench.info(batchOf(name, ...calls)).class
    expect([classOf(), classOf(REMARK), classOf(INHERENT), classOf(INHERENT, REMARK)]).toEqual(
      Array(4).fill('Normal'),
    )
  })
})

describe('as_derivative', () => {
  // Source: @polkadot/util-crypto 14.0.1: createKeyDerived(32 bytes of 1, index).
  test.each([
    [0, '1a4dfb39d9805df468da8e070dad6bcc4b4d697339a072f7a1a03c0e12eb6c9d'],
    [1, '616a00de5e45f70e64fd2cc003bbf7bb683c73099c083b0f78cbea8bd7cc5af5'],
    [65_535, 'dfa371595b16c1e52b2cd7f8bbe8e5b9c3a192647545e044fc586f5f3b332ef2'],
  ])('of index %i is %s', (index, expected) => {
    const who = new Uint8Array(32).fill(1) as AccountId
    expect(bytesToHex(derivativeAccount(hashes, who, index))).toBe(expected)
  })

  test('acts as the derivative, and tells its weight', () => {
    const derived = derivativeAccount(hashes, alice.who, 7)
    expect(run(pay(5n * ED, derived)).ok).toBe(true)
    const call = utility('as_derivative', { index: 7, call: pay(ED) })
    expect(run(call)).toEqual(used(weightOf(call)))
    expect(chain.free(derived)).toBe(4n * ED)
    const poor = utility('as_derivative', { index: 8, call: pay(ED) })
    const post = { actualWeight: sumWeights(AS_DERIVATIVE_WEIGHT, weightOf(pay(ED))) }
    expect(run(poor)).toEqual({ ...failed({ code: 'token', reason: 'FundsUnavailable' }), post })
  })

  test('keeps the filters of its origin', () => {
    const filter = ({ type }: RuntimeCall): boolean => type !== 'System'
    const call = utility('as_derivative', { index: 0, call: REMARK })
    const origin = { ...signed(alice.who), filter } as Origin
    expect(run(call, origin)).toMatchObject(failed(systemErrors.CallFiltered))
  })

  test('needs an account', () => {
    const call = utility('as_derivative', { index: 65_535, call: REMARK })
    for (const origin of [ROOT, NONE]) expect(run(call, origin)).toEqual(failed(badOrigin))
  })
})

describe('root', () => {
  const as = (name: string, origin: Origin, call: RuntimeCall): RuntimeCall =>
    utility(name, { as_origin: origin, call })

  test.each([
    ['dispatch_as', { as_origin: signed(alice.who), call: REMARK }],
    ['dispatch_as_fallible', { as_origin: signed(alice.who), call: REMARK }],
    ['with_weight', { call: REMARK, weight: ZERO_WEIGHT }],
  ])('alone may %s', (name, args) => {
    for (const origin of [signed(alice.who), NONE])
      expect(run(utility(name, args), origin)).toEqual(failed(badOrigin))
    expect(run(utility(name, args), ROOT).ok).toBe(name !== 'with_weight')
  })

  test('dispatches as anybody', () => {
    expect(run(as('dispatch_as', signed(bob.who), pay(ED)), ROOT)).toEqual(ok())
    expect(chain.free(dave.who)).toBe(ED)
    expect(context.events.at(-1)?.value).toEqual({ result: ok() })
    expect(run(as('dispatch_as', signed(bob.who), pay(10_000n * PHA)), ROOT)).toEqual(ok())
    const error = { code: 'arithmetic', reason: 'Underflow' }
    expect(context.events.at(-1)?.value).toEqual({ result: failed(error) })
  })

  test('dispatches fallibly', () => {
    expect(run(as('dispatch_as_fallible', signed(bob.who), pay(ED)), ROOT)).toEqual(ok())
    expect(own()).toEqual(['DispatchedAs'])
    expect(run(as('dispatch_as_fallible', signed(bob.who), tooLittle), ROOT)).toEqual(
      failed(belowMinimum),
    )
    expect(run(as('dispatch_as_fallible', NONE, INHERENT), ROOT)).toEqual(
      failed(systemErrors.CallFiltered),
    )
  })

  test('says what a call weighs', () => {
    const weight = { refTime: 12n, proofSize: 34n }
    const call = utility('with_weight', { call: ROOT_CALL, weight })
    expect(weightOf(call)).toEqual(weight)
    expect(run(call, ROOT)).toEqual(ok())
  })
})

describe('if_else', () => {
  const ifElse = (main: RuntimeCall, fallback: RuntimeCall): RuntimeCall =>
    utility('if_else', { main, fallback })

  test('takes the main call, else the fallback, else fails with it', () => {
    expect(run(ifElse(pay(ED), REMARK))).toEqual(
      used(sumWeights(IF_ELSE_WEIGHT, weightOf(pay(ED)))),
    )
    expect(own()).toEqual(['IfElseMainSuccess'])
    const second = ifElse(tooLittle, REMARK)
    expect(run(second)).toEqual(used(weightOf(second)))
    expect(context.events.at(-1)).toMatchObject({
      code: 'Utility.IfElseFallbackCalled',
      value: { main_error: belowMinimum },
    })
    const neither = ifElse(INHERENT, tooLittle)
    expect(run(neither)).toEqual({
      ...failed(belowMinimum),
      post: { actualWeight: weightOf(neither) },
    })
    expect(run(second, NONE)).toEqual(failed(badOrigin))
    expect(run(ifElse(ROOT_CALL, INHERENT), ROOT).ok).toBe(true)
  })
})

describe('in a block', () => {
  test('what was not used is not paid', () => {
    const call = batchOf('batch', pay(1n), ...Array<RuntimeCall>(50).fill(pay(ED)))
    const bytes = encode(chain.runtime.composition.call, call)
    const applied = unwrap(chain.run(chain.sign(alice, bytes)))
    expect(applied.dispatch).toEqual(ok())
    const expected = sumWeights(batchWeight(1), weightOf(pay(1n)), BASE_EXTRINSIC_WEIGHT)
    expect(applied.weight).toEqual(expected)
  })

  test('a batch_all that fails pays what it used', () => {
    const call = batchOf('batch_all', pay(1n), ...Array<RuntimeCall>(50).fill(pay(ED)))
    const applied = unwrap(
      chain.run(chain.sign(alice, encode(chain.runtime.composition.call, call))),
    )
    expect(applied.dispatch).toEqual(failed(belowMinimum))
    expect(applied.weight).toEqual(
      sumWeights(batchWeight(1), weightOf(pay(1n)), BASE_EXTRINSIC_WEIGHT),
    )
    expect(applied.events.at(-1)).toMatchObject({
      code: 'System.ExtrinsicFailed',
      value: { dispatch_error: belowMinimum },
    })
  })
})
