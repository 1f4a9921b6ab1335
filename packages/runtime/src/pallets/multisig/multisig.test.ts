import { bytesToHex, compareBytes, encode, ok, unwrap, type AccountId } from '@tacit/base'
import { beforeEach, describe, expect, test } from 'vitest'
import type { DispatchResult } from '../../framework/calls.ts'
import type { Origin } from '../../framework/origin.ts'
import type { RuntimeCall } from '../../framework/runtime-call.ts'
import { addFilter } from '../../framework/origin.ts'
import { ZERO_WEIGHT, type Weight } from '../../framework/weights.ts'
import {
  callOf,
  createCallBench,
  failed,
  INHERENT,
  NONE,
  payCall,
  REMARK,
  ROOT,
  signed,
  sumWeights,
  type CallBench,
} from '../../testing/call-bench.ts'
import { countIssuance, PHA, type TestChain } from '../../testing/chain.ts'
import { hashes } from '../../testing/crypto.ts'
import { alice, bob, carol, dave } from '../../testing/scenario.ts'
import { free, held } from '../balances/ops.ts'
import { EXISTENTIAL_DEPOSIT as ED } from '../balances/types.ts'
import { systemErrors } from '../system/types.ts'
import { multisigAccount } from './account.ts'
import { threshold1Weight } from './manage.ts'
import { operateWeight } from './operate.ts'
import {
  DEPOSIT_BASE,
  DEPOSIT_FACTOR,
  MAX_SIGNATORIES,
  multisigErrors,
  multisigStorage,
  MULTISIG_HOLD,
  type Operation,
  type Timepoint,
} from './types.ts'

const MOST: Weight = { refTime: 10n ** 12n, proofSize: 10n ** 6n }
const all = [alice.who, bob.who, carol.who].sort(compareBytes)
const others = (who: AccountId): AccountId[] => all.filter((one) => one !== who)
const filled = (byte: number): AccountId => new Uint8Array(32).fill(byte) as AccountId
const multi = (threshold: number): AccountId => multisigAccount(hashes, all, threshold)
const deposit = (threshold: number): bigint => DEPOSIT_BASE + DEPOSIT_FACTOR * BigInt(threshold)

let bench: CallBench
let chain: TestChain
beforeEach(() => {
  bench = createCallBench()
  ;({ chain } = bench)
  expect(bench.run(payCall(multi(2), 5n * PHA)).ok).toBe(true)
  bench.codes()
})

type Changes = {
  readonly threshold?: number
  readonly others?: readonly AccountId[]
  readonly when?: Timepoint | undefined
  readonly call?: RuntimeCall
  readonly most?: Weight
  readonly origin?: Origin
}
const PAY = payCall(dave.who, PHA)
const when: Timepoint = { height: 0, index: 2 }
const hashOf = (call: RuntimeCall): Uint8Array => hashes.blake2b256(bench.bytes(call))

function common(who: AccountId, changes: Changes): object {
  const { threshold = 2, others: given = others(who) } = changes
  return { threshold, other_signatories: given }
}

function asMulti(who: AccountId, changes: Changes = {}): DispatchResult {
  const { when: maybe_timepoint, call = PAY, most: max_weight = MOST } = changes
  const args = { ...common(who, changes), maybe_timepoint, call, max_weight }
  return bench.run(callOf('Multisig', 'as_multi', args), changes.origin ?? signed(who))
}

function approve(who: AccountId, changes: Changes = {}): DispatchResult {
  const { when: maybe_timepoint, call = PAY } = changes
  const approval = { maybe_timepoint, call_hash: hashOf(call), max_weight: ZERO_WEIGHT }
  const args = { ...common(who, changes), ...approval }
  return bench.run(callOf('Multisig', 'approve_as_multi', args), changes.origin ?? signed(who))
}

function cancel(who: AccountId, changes: Changes = {}): DispatchResult {
  const { when: timepoint = when, call = PAY } = changes
  const args = { ...common(who, changes), timepoint, call_hash: hashOf(call) }
  return bench.run(callOf('Multisig', 'cancel_as_multi', args), changes.origin ?? signed(who))
}

function poke(who: AccountId, changes: Changes = {}): DispatchResult {
  const args = { ...common(who, changes), call_hash: hashOf(changes.call ?? PAY) }
  return bench.run(callOf('Multisig', 'poke_deposit', args), changes.origin ?? signed(who))
}

const depositHeld = (who: AccountId): bigint => held(chain.state, MULTISIG_HOLD, who)
const operation = (threshold = 2): unknown =>
  multisigStorage.Multisigs.get(chain.state, multi(threshold), hashOf(PAY))

// Source: @polkadot/util-crypto 14.0.1, createKeyMulti(32 equal bytes each, threshold).
test.each([
  [[1, 2], 1, 'db86c5e6ed0461bd621d167aa8bebbb5598e93c4518fa025017e470ab369d455'],
  [[1, 2], 2, '6fd5d80fd10c6bdf947ee5c83d64c6d6dc84ea591b44d1ea5ecafe6f1c505b0d'],
  [[1, 2, 3], 2, '3ffd20eb97bafd6f5af8d026cd11101f1553fa9cb4b8a37d1721314fbbb48fc5'],
])('the account of %j with threshold %i', (keys, threshold, expected) => {
  expect(bytesToHex(multisigAccount(hashes, keys.map(filled), threshold))).toBe(expected)
})

describe('an operation', () => {
  test('opens, is approved, and pays when nothing is missing; the deposit comes back', () => {
    const before = free(chain.state, alice.who)
    expect(approve(alice.who, { threshold: 3 }).ok).toBe(true)
    expect(depositHeld(alice.who)).toBe(deposit(3))
    expect(operation(3)).toEqual({
      when,
      deposit: deposit(3),
      depositor: alice.who,
      approvals: [alice.who],
    })
    expect(bench.run(payCall(multi(3), 5n * PHA), signed(bob.who)).ok).toBe(true)
    bench.codes()
    expect(approve(carol.who, { threshold: 3, when }).ok).toBe(true)
    expect(bench.codes()).toEqual(['Multisig.MultisigApproval'])
    expect(asMulti(bob.who, { threshold: 3, when }).ok).toBe(true)
    expect(bench.context.events.at(-1)).toMatchObject({
      code: 'Multisig.MultisigExecuted',
      value: { approving: bob.who, timepoint: when, multisig: multi(3), result: ok() },
    })
    expect(chain.free(dave.who)).toBe(PHA)
    expect(operation(3)).toBeUndefined()
    expect(depositHeld(alice.who)).toBe(0n)
    expect(free(chain.state, alice.who)).toBe(before)
    const { onAccounts, issued } = countIssuance(chain.state)
    expect(onAccounts).toBe(issued)
  })

  test('keeps its approvals in order, whoever comes first', () => {
    expect(approve(carol.who, { threshold: 4 }).ok).toBe(true)
    for (const who of [alice.who, bob.who])
      expect(approve(who, { threshold: 4, when }).ok).toBe(true)
    expect(operation(4)).toMatchObject({ approvals: all, depositor: carol.who })
    expect(asMulti(bob.who, { threshold: 4, when })).toEqual(failed(multisigErrors.AlreadyApproved))
  })

  test('weighs what it did', () => {
    const bytes = bench.bytes(PAY).length
    const own = operateWeight(2, bytes)
    expect(asMulti(alice.who)).toEqual(ok({ actualWeight: own }))
    const used = sumWeights(own, bench.info(PAY).weight)
    expect(asMulti(bob.who, { when })).toEqual(ok({ actualWeight: used }))
    expect(approve(alice.who)).toEqual(ok({ actualWeight: operateWeight(2, 0) }))
    const args = { ...common(bob.who, {}), maybe_timepoint: when, call: PAY, max_weight: MOST }
    const declared = bench.info(callOf('Multisig', 'as_multi', args))
    expect(declared).toEqual({ weight: sumWeights(own, MOST), class: 'Normal', paysFee: true })
  })

  test('whose call fails is over all the same', () => {
    const call = payCall(dave.who, 6n * PHA)
    expect(asMulti(alice.who, { call }).ok).toBe(true)
    expect(asMulti(bob.who, { call, when }).ok).toBe(true)
    const { value } = bench.context.events.at(-1) ?? {}
    expect(value).toMatchObject({ result: failed({ code: 'token', reason: 'FundsUnavailable' }) })
    expect(depositHeld(alice.who)).toBe(0n)
  })

  test('that is fully approved waits for the call, from anybody', () => {
    expect(approve(alice.who).ok).toBe(true)
    expect(approve(bob.who, { when }).ok).toBe(true)
    for (const who of all)
      expect(approve(who, { when })).toEqual(failed(multisigErrors.AlreadyApproved))
    expect(asMulti(carol.who, { when }).ok).toBe(true)
    expect(chain.free(dave.who)).toBe(PHA)
  })

  test('dispatches under no filter of its approvers, and no inherent', () => {
    const origin = (who: AccountId): Origin =>
      addFilter(signed(who), ({ type }) => type === 'Multisig')
    expect(asMulti(alice.who, { origin: origin(alice.who) }).ok).toBe(true)
    expect(asMulti(bob.who, { origin: origin(bob.who), when }).ok).toBe(true)
    expect(chain.free(dave.who)).toBe(PHA)
    expect(asMulti(alice.who, { call: INHERENT }).ok).toBe(true)
    expect(asMulti(bob.who, { call: INHERENT, when }).ok).toBe(true)
    expect(bench.context.events.at(-1)?.value).toMatchObject({
      result: failed(systemErrors.CallFiltered),
    })
  })
})

describe('is refused', () => {
  const refused = (outcome: DispatchResult, name: keyof typeof multisigErrors): void =>
    expect(outcome).toEqual(failed(multisigErrors[name]))
  const many = (count: number): AccountId[] =>
    Array.from({ length: count }, (_, at) => filled(at)).filter(
      (one) => compareBytes(one, alice.who) !== 0,
    )

  const calls = { asMulti, approve, cancel, poke }
  test.each(Object.entries(calls))('%s: signatories that are none', (_, call) => {
    refused(call(alice.who, { threshold: 0 }), 'MinimumThreshold')
    refused(call(alice.who, { threshold: 1 }), 'MinimumThreshold')
    refused(call(alice.who, { others: [] }), 'TooFewSignatories')
    refused(call(alice.who, { others: many(MAX_SIGNATORIES) }), 'TooManySignatories')
    refused(call(alice.who, { others: [filled(2), filled(1)] }), 'SignatoriesOutOfOrder')
    refused(call(alice.who, { others: [filled(1), filled(1)] }), 'SignatoriesOutOfOrder')
    refused(call(alice.who, { others: [alice.who] }), 'SenderInSignatories')
    for (const origin of [ROOT, NONE])
      expect(call(alice.who, { origin })).toEqual(failed({ code: 'bad_origin' }))
  })

  test('a timepoint that is missing, wrong or too early', () => {
    refused(approve(alice.who, { when }), 'UnexpectedTimepoint')
    refused(cancel(alice.who), 'NotFound')
    refused(poke(alice.who), 'NotFound')
    expect(approve(alice.who).ok).toBe(true)
    refused(approve(bob.who), 'NoTimepoint')
    for (const wrong of [
      { height: 1, index: 2 },
      { height: 0, index: 1 },
    ]) {
      refused(asMulti(bob.who, { when: wrong }), 'WrongTimepoint')
      refused(cancel(alice.who, { when: wrong }), 'WrongTimepoint')
    }
    refused(cancel(bob.who), 'NotOwner')
    refused(poke(bob.who), 'NotOwner')
    refused(approve(alice.who, { when }), 'AlreadyApproved')
  })

  test('a call that weighs more than was allowed', () => {
    expect(approve(alice.who).ok).toBe(true)
    const { weight } = bench.info(PAY)
    const refTime = { ...weight, refTime: weight.refTime - 1n }
    const proofSize = { ...weight, proofSize: weight.proofSize - 1n }
    for (const most of [ZERO_WEIGHT, refTime, proofSize])
      refused(asMulti(bob.who, { when, most }), 'MaxWeightTooLow')
    expect(asMulti(bob.who, { when, most: weight }).ok).toBe(true)
  })

  test('an opening that cannot pay its deposit', () => {
    const poor = failed({ code: 'token', reason: 'FundsUnavailable' })
    expect(approve(dave.who, { others: [alice.who] })).toEqual(poor)
    expect(bench.run(payCall(dave.who, ED + deposit(2) - 1n)).ok).toBe(true)
    expect(approve(dave.who, { others: [alice.who] })).toEqual(poor)
    expect(bench.run(payCall(dave.who, 1n)).ok).toBe(true)
    expect(approve(dave.who, { others: [alice.who] }).ok).toBe(true)
    expect(depositHeld(dave.who)).toBe(deposit(2))
  })
})

test('the most signatories, the highest threshold', () => {
  const most = Array.from({ length: MAX_SIGNATORIES - 1 }, (_, at) => filled(at))
  expect(approve(alice.who, { others: most, threshold: 65_535 }).ok).toBe(true)
  expect(depositHeld(alice.who)).toBe(deposit(65_535))
})

test('cancelling gives the deposit back', () => {
  const before = free(chain.state, alice.who)
  expect(approve(alice.who).ok).toBe(true)
  bench.codes()
  expect(cancel(alice.who)).toEqual(ok())
  expect(bench.codes()).toEqual(['Balances.Released', 'Multisig.MultisigCancelled'])
  expect(free(chain.state, alice.who)).toBe(before)
  expect(operation()).toBeUndefined()
})

describe('poking', () => {
  test.each([
    ['less', -1n],
    ['more', 1n],
  ])('a deposit that was %s brings it to what it is today, for free', (_, change) => {
    expect(approve(alice.who).ok).toBe(true)
    expect(poke(alice.who)).toEqual(ok({ paysFee: true }))
    const { Multisigs } = multisigStorage
    const open = Multisigs.get(chain.state, multi(2), hashOf(PAY)) as Operation
    const old = open.deposit + change
    Multisigs.set(chain.state, multi(2), hashOf(PAY), { ...open, deposit: old })
    bench.codes()
    expect(poke(alice.who)).toEqual(ok({ paysFee: false }))
    expect(bench.context.events.at(-1)).toMatchObject({
      code: 'Multisig.DepositPoked',
      value: { who: alice.who, old_deposit: old, new_deposit: deposit(2) },
    })
    expect(depositHeld(alice.who)).toBe(deposit(2) - change)
    expect(operation()).toMatchObject({ deposit: deposit(2) })
  })
})

describe('with threshold 1', () => {
  const asOne = (who: AccountId, call: RuntimeCall, given = others(who)): RuntimeCall =>
    callOf('Multisig', 'as_multi_threshold_1', { other_signatories: given, call })

  test('any signatory acts at once', () => {
    expect(bench.run(payCall(multi(1), 3n * PHA)).ok).toBe(true)
    const call = asOne(carol.who, PAY)
    const { weight } = bench.info(call)
    expect(bench.run(call, signed(carol.who))).toEqual(ok({ actualWeight: weight }))
    expect(chain.free(dave.who)).toBe(PHA)
    const tooMuch = payCall(dave.who, 5n * PHA)
    const actualWeight = sumWeights(threshold1Weight(2), bench.info(tooMuch).weight)
    expect(bench.run(asOne(bob.who, tooMuch), signed(bob.who))).toEqual({
      ...failed({ code: 'token', reason: 'FundsUnavailable' }),
      post: { actualWeight },
    })
  })

  test('and nobody else', () => {
    const run = (given: AccountId[], origin = signed(alice.who)): DispatchResult =>
      bench.run(asOne(alice.who, REMARK, given), origin)
    expect(run([])).toEqual(failed(multisigErrors.TooFewSignatories))
    expect(run([alice.who])).toEqual(failed(multisigErrors.SenderInSignatories))
    expect(run([filled(9), filled(8)])).toEqual(failed(multisigErrors.SignatoriesOutOfOrder))
    const many = Array.from({ length: MAX_SIGNATORIES }, (_, at) => filled(at))
    expect(run(many)).toEqual(failed(multisigErrors.TooManySignatories))
    for (const origin of [ROOT, NONE])
      expect(run(others(alice.who), origin)).toEqual(failed({ code: 'bad_origin' }))
  })
})

test('in blocks: the timepoint is the extrinsic that opened it', () => {
  const { composition } = chain.runtime
  const args = { ...common(alice.who, {}), maybe_timepoint: undefined, call: PAY, max_weight: MOST }
  const opening = encode(composition.call, callOf('Multisig', 'as_multi', args))
  const block = chain.begin()
  unwrap(block.apply(chain.sign(bob, encode(composition.call, REMARK))))
  unwrap(block.apply(chain.sign(alice, opening)))
  chain.seal(block)
  expect(operation()).toMatchObject({ when: { height: 1, index: 3 } })
  const { weight, dispatch } = unwrap(
    chain.run(
      chain.sign(
        bob,
        encode(
          composition.call,
          callOf('Multisig', 'as_multi', {
            ...args,
            ...common(bob.who, {}),
            maybe_timepoint: { height: 1, index: 3 },
          }),
        ),
      ),
    ),
  )
  expect(dispatch).toEqual(ok())
  expect(weight.refTime).toBeLessThan(MOST.refTime)
  expect(chain.free(dave.who)).toBe(PHA)
})
