import { bytesToHex, encode, type Hash } from '@tacit/base'
import { beforeEach, describe, expect, test } from 'vitest'
import { idAddress } from '../../framework/multi-address.ts'
import type { RuntimeCall } from '../../framework/runtime-call.ts'
import { addWeights } from '../../framework/weights.ts'
import { MAX_BLOCK_WEIGHT } from '../../limits.ts'
import { PHA, type TestChain } from '../../testing/chain.ts'
import { hashes } from '../../testing/crypto.ts'
import { alice, bob, contextOf, dave } from '../../testing/scenario.ts'
import { systemStorage } from '../system/types.ts'
import { preimageStorage } from '../preimage/types.ts'
import { scheduleTask } from './schedule.ts'
import { callScheduler, loadedChain, loadErrors, nextBlock, work } from './testing/load.ts'
import {
  MAX_SCHEDULED_PER_BLOCK,
  MAXIMUM_WEIGHT,
  schedulerErrors,
  schedulerStorage,
  type Period,
  type Scheduled,
} from './types.ts'
import { AGENDA_WEIGHT, SERVICE_WEIGHT, taskWeight } from './weights.ts'

const name = (byte: number): Uint8Array => new Uint8Array(32).fill(byte)
const fails = (error: object): object => ({ ok: false, error })
const badOrigin = fails({ code: 'bad_origin' })
const done = { ok: true, value: undefined }

/** What a task without name, period and preimage uses beside its call. */
const BESIDES = [
  SERVICE_WEIGHT,
  AGENDA_WEIGHT,
  taskWeight({
    maybe_id: undefined,
    priority: 0,
    call: { type: 'Inline', value: new Uint8Array() },
    maybe_periodic: undefined,
    origin: { type: 'Root' },
  }),
].reduce(addWeights).refTime

let chain: TestChain
beforeEach(() => {
  chain = loadedChain()
})

type Options = { priority?: number; maybe_periodic?: Period }
const call = (called: string, value: unknown): ReturnType<typeof callScheduler> =>
  callScheduler(chain, called, value)
const what = (called: RuntimeCall, options: Options = {}): object => ({
  maybe_periodic: undefined,
  priority: 0,
  call: called,
  ...options,
})
const at = (when: number, called: RuntimeCall, options?: Options): unknown =>
  call('schedule', { when, ...what(called, options) })
const namedAt = (id: Uint8Array, when: number, called: RuntimeCall, options?: Options): unknown =>
  call('schedule_named', { id, when, ...what(called, options) })
const worked = (id: number): [string, unknown] => ['Load.Worked', { id }]
const dispatched = (when: number, index: number, id?: Uint8Array): [string, unknown] => [
  'Scheduler.Dispatched',
  { task: [when, index], id, result: { ok: true, value: undefined } },
]
const told = (event: string, when: number, index: number, id?: Uint8Array): [string, unknown] => [
  `Scheduler.${event}`,
  { task: [when, index], id },
]
const padded = (id: number): RuntimeCall => work(id, { padding: new Uint8Array(200) })
const hashOf = (called: RuntimeCall): Hash =>
  hashes.blake2b256(encode(chain.runtime.composition.call, called)) as Hash

function expectEmpty(): void {
  const { state } = chain
  expect(schedulerStorage.Agenda.entries(state)).toEqual([])
  expect(schedulerStorage.Lookup.entries(state)).toEqual([])
  expect(schedulerStorage.Retries.entries(state)).toEqual([])
  expect([undefined, chain.head().number + 1]).toContain(
    schedulerStorage.IncompleteSince.get(state),
  )
  expect(preimageStorage.RequestStatusFor.entries(state)).toEqual([])
  expect(preimageStorage.PreimageFor.entries(state)).toEqual([])
}

describe('a task', () => {
  test('is dispatched at the beginning of its block, before the inherents', () => {
    expect(call('schedule', { when: 2, ...what(work(7)) })).toEqual({
      ...done,
      codes: ['Scheduler.Scheduled'],
    })
    expect(nextBlock(chain)).toEqual([])
    expect(nextBlock(chain)).toEqual([worked(7), dispatched(2, 0)])
    expectEmpty()
    expect(nextBlock(chain)).toEqual([])
  })

  test('may be for the next block behind so many', () => {
    expect(call('schedule_after', { after: 0, ...what(work(1)) })).toMatchObject(done)
    expect(call('schedule_after', { after: 2, ...what(work(2)) })).toMatchObject(done)
    expect(call('schedule_named_after', { id: name(3), after: 1, ...what(work(3)) })).toMatchObject(
      done,
    )
    expect([1, 2, 3].map(() => nextBlock(chain)[0])).toEqual([worked(1), worked(3), worked(2)])
    expectEmpty()
  })

  test('acts as the chain, and is undone by itself if it fails', () => {
    const [source, target] = [idAddress(alice.who), idAddress(dave.who)]
    const schedule = { locked: 5n * PHA, per_block: PHA, starting_block: 9 }
    const force = { type: 'force_vested_transfer', value: { source, target, schedule } }
    at(1, { type: 'Vesting', value: force })
    at(1, work(5, { fails: true }))
    expect(nextBlock(chain).slice(-2)).toEqual([
      dispatched(1, 0),
      ['Scheduler.Dispatched', { task: [1, 1], id: undefined, result: fails(moduleError()) }],
    ])
    expect(chain.free(alice.who)).toBe(995n * PHA)
    expectEmpty()
  })

  test('may not be what only a block itself brings', () => {
    at(1, { type: 'Timestamp', value: { type: 'set', value: { now: 1n } } })
    expect(nextBlock(chain)).toMatchObject([['Scheduler.Dispatched', { result: { ok: false } }]])
    expectEmpty()
  })

  test.each([0, 3])('for block %i, which has begun, is refused in block 3', (when) => {
    for (let count = 0; count < 3; count++) nextBlock(chain)
    expect(at(when, work(1))).toMatchObject(fails(schedulerErrors.TargetBlockNumberInPast))
    expectEmpty()
  })

  test('for the last block that can be numbered stays', () => {
    expect(at(2 ** 32 - 1, work(1))).toMatchObject(done)
    expect(call('schedule_after', { after: 2 ** 32 - 1, ...what(work(2)) })).toMatchObject(done)
    expect(schedulerStorage.Agenda.get(chain.state, 2 ** 32 - 1)).toHaveLength(2)
  })

  test('is one of so many; a free place is used again', () => {
    for (let id = 0; id < MAX_SCHEDULED_PER_BLOCK; id++) expect(at(1, work(id))).toMatchObject(done)
    expect(at(1, work(99))).toMatchObject(fails({ code: 'exhausted' }))
    expect(call('cancel', { when: 1, index: 3 })).toMatchObject(done)
    expect(at(1, work(99))).toMatchObject(done)
    const ids = nextBlock(chain).flatMap(([code, value]) => (code === 'Load.Worked' ? [value] : []))
    expect(ids).toHaveLength(MAX_SCHEDULED_PER_BLOCK)
    expect(ids[3]).toEqual({ id: 99 })
    expectEmpty()
  })

  test('with a long call keeps it as a preimage while it waits', () => {
    const hash = hashOf(padded(1))
    at(2, padded(1))
    at(1, padded(1))
    expect(preimageStorage.RequestStatusFor.get(chain.state, hash)).toMatchObject({
      value: { count: 2 },
    })
    expect(nextBlock(chain)).toEqual([worked(1), dispatched(1, 0)])
    expect(nextBlock(chain)).toEqual([worked(1), dispatched(2, 0), ['Preimage.Cleared', { hash }]])
    expectEmpty()
  })
})

describe('a named task', () => {
  test('has its name alone, until it is dispatched', () => {
    expect(namedAt(name(1), 1, work(1))).toMatchObject(done)
    expect(namedAt(name(1), 2, work(2))).toMatchObject(fails(schedulerErrors.FailedToSchedule))
    expect(nextBlock(chain)).toEqual([worked(1), dispatched(1, 0, name(1))])
    expectEmpty()
    expect(namedAt(name(1), 2, work(2))).toMatchObject(done)
  })

  test('is cancelled by its name or its place', () => {
    namedAt(name(1), 1, padded(1))
    namedAt(name(2), 1, work(2))
    expect(call('cancel_named', { id: name(1) })).toEqual({
      ...done,
      codes: ['Preimage.Cleared', 'Scheduler.Canceled'],
    })
    expect(call('cancel_named', { id: name(1) })).toMatchObject(fails(schedulerErrors.NotFound))
    expect(call('cancel', { when: 1, index: 0 })).toMatchObject(fails(schedulerErrors.NotFound))
    expect(call('cancel', { when: 1, index: 1 })).toMatchObject(done)
    expect(call('cancel', { when: 1, index: 1 })).toMatchObject(fails(schedulerErrors.NotFound))
    expectEmpty()
    expect(nextBlock(chain)).toEqual([])
  })
})

describe('a periodic task', () => {
  test('is repeated as often as it says, its name and call with it', () => {
    namedAt(name(1), 1, padded(1), { maybe_periodic: [2, 3] })
    const blocks = [1, 2, 3, 4, 5].map(() => nextBlock(chain).map(([code]) => code))
    const again = ['Load.Worked', 'Scheduler.Dispatched', 'Scheduler.Scheduled']
    const last = ['Load.Worked', 'Scheduler.Dispatched', 'Preimage.Cleared']
    expect(blocks).toEqual([again, [], again, [], last])
    expectEmpty()
  })

  test.each<Period>([
    [0, 5],
    [5, 1],
    [5, 0],
  ])('of a period of %i blocks, %i times, is none', (...maybe_periodic) => {
    at(1, work(1), { maybe_periodic })
    nextBlock(chain)
    expectEmpty()
  })

  test('ends if there is no place for it, or its name has gone', () => {
    at(1, padded(1), { maybe_periodic: [1, 9] })
    for (let id = 0; id < MAX_SCHEDULED_PER_BLOCK; id++) at(2, work(id))
    expect(nextBlock(chain).slice(2)).toEqual([
      ['Preimage.Cleared', { hash: hashOf(padded(1)) }],
      told('PeriodicFailed', 1, 0),
    ])
    nextBlock(chain)
    expectEmpty()
    const rename = { id: name(1), when: 9, ...what(work(8)) }
    namedAt(
      name(1),
      3,
      { type: 'Scheduler', value: { type: 'schedule_named', value: rename } },
      {
        maybe_periodic: [1, 9],
      },
    )
    expect(nextBlock(chain).at(-1)).toEqual(told('PeriodicFailed', 3, 0, name(1)))
    expect(schedulerStorage.Lookup.get(chain.state, name(1))).toEqual([9, 0])
  })
})

describe('a task that fails', () => {
  const failing = work(1, { fails: true, padding: new Uint8Array(200) })
  const codes = (): string[] => nextBlock(chain).map(([code]) => code)

  test('is retried so many times, with its call', () => {
    at(1, failing)
    expect(call('set_retry', { task: [1, 0], retries: 2, period: 2 })).toEqual({
      ...done,
      codes: ['Scheduler.RetrySet'],
    })
    const again = ['Scheduler.Dispatched', 'Scheduler.Scheduled']
    const last = ['Scheduler.Dispatched', 'Preimage.Cleared']
    expect([1, 2, 3, 4, 5].map(codes)).toEqual([again, [], again, [], last])
    expectEmpty()
  })

  test('is retried in the next block at the soonest, beside its own repetitions', () => {
    namedAt(name(1), 1, failing, { maybe_periodic: [3, 2] })
    expect(call('set_retry_named', { id: name(1), retries: 1, period: 0 })).toMatchObject(done)
    expect(codes()).toEqual(['Scheduler.Dispatched', 'Scheduler.Scheduled', 'Scheduler.Scheduled'])
    expect(schedulerStorage.Retries.get(chain.state, [2, 0])).toMatchObject({ remaining: 0 })
    expect(schedulerStorage.Retries.get(chain.state, [4, 0])).toMatchObject({ remaining: 1 })
    expect(codes()).toEqual(['Scheduler.Dispatched'])
    expect(codes()).toEqual([])
    expect(codes()).toEqual(['Scheduler.Dispatched', 'Scheduler.Scheduled'])
    expect(codes()).toEqual(['Scheduler.Dispatched', 'Preimage.Cleared'])
    expectEmpty()
  })

  test('is retried no more once that is cancelled', () => {
    at(1, failing)
    namedAt(name(2), 1, failing)
    call('set_retry', { task: [1, 0], retries: 9, period: 1 })
    call('set_retry_named', { id: name(2), retries: 9, period: 1 })
    expect(call('cancel_retry', { task: [1, 0] }).codes).toEqual(['Scheduler.RetryCancelled'])
    expect(call('cancel_retry_named', { id: name(2) })).toMatchObject(done)
    nextBlock(chain)
    expectEmpty()
  })

  test('is lost, and said to be, if there is no place for it', () => {
    at(1, failing)
    call('set_retry', { task: [1, 0], retries: 1, period: 1 })
    for (let id = 0; id < MAX_SCHEDULED_PER_BLOCK; id++) at(2, work(id))
    expect(nextBlock(chain)[1]).toEqual(told('RetryFailed', 1, 0))
    nextBlock(chain)
    expectEmpty()
  })

  test('is lost if the block has no room for placing it', () => {
    const refTime = MAXIMUM_WEIGHT.refTime - BESIDES - 1n
    at(1, work(1, { fails: true, refTime }))
    call('set_retry', { task: [1, 0], retries: 1, period: 1 })
    expect(nextBlock(chain)[1]).toEqual(told('RetryFailed', 1, 0))
    expectEmpty()
  })

  test.each(['set_retry', 'cancel_retry'])('%s needs a task', (called) => {
    const value = { task: [1, 0], retries: 1, period: 1 }
    expect(call(called, value)).toMatchObject(fails(schedulerErrors.NotFound))
    expect(call(`${called}_named`, { ...value, id: name(1) })).toMatchObject(
      fails(schedulerErrors.NotFound),
    )
    expectEmpty()
  })
})

describe('too much for a block', () => {
  const half = { refTime: MAXIMUM_WEIGHT.refTime / 2n }

  test('is done in the following ones, by priority, before what is due there', () => {
    at(1, work(1, half), { priority: 2 })
    namedAt(name(2), 1, work(2, half), { priority: 1 })
    at(1, work(3, half), { priority: 1 })
    at(1, work(4), { priority: 255 })
    at(2, work(5), { priority: 0 })
    expect(nextBlock(chain)).toEqual([
      worked(2),
      dispatched(1, 1, name(2)),
      worked(4),
      dispatched(1, 3),
      ['Scheduler.AgendaIncomplete', { when: 1 }],
    ])
    expect(nextBlock(chain)).toEqual([
      worked(3),
      dispatched(1, 2),
      worked(5),
      dispatched(2, 0),
      ['Scheduler.AgendaIncomplete', { when: 1 }],
    ])
    expect(nextBlock(chain)).toEqual([worked(1), dispatched(1, 0)])
    expectEmpty()
  })

  test('keeps its name while it waits', () => {
    at(1, work(1, half))
    namedAt(name(2), 1, padded(2))
    namedAt(name(3), 1, work(3, half))
    nextBlock(chain)
    expect(schedulerStorage.Lookup.get(chain.state, name(3))).toEqual([1, 2])
    expect(call('cancel_named', { id: name(3) })).toMatchObject(done)
    nextBlock(chain)
    expectEmpty()
  })

  test('leaves half a block to others', () => {
    const refTime = MAXIMUM_WEIGHT.refTime - BESIDES
    at(1, work(1, { refTime }))
    expect(nextBlock(chain)).toEqual([worked(1), dispatched(1, 0)])
    const { mandatory } = systemStorage.BlockWeight.get(chain.state)
    expect(mandatory.refTime).toBeGreaterThanOrEqual(MAXIMUM_WEIGHT.refTime)
    expect(mandatory.refTime).toBeLessThan((MAX_BLOCK_WEIGHT.refTime * 6n) / 10n)
  })

  test('for any block is given up at once', () => {
    const refTime = MAXIMUM_WEIGHT.refTime - BESIDES + 1n
    at(1, work(1, { refTime }))
    namedAt(name(2), 1, work(2, { refTime, padding: new Uint8Array(200) }))
    at(1, work(3))
    expect(nextBlock(chain).filter(([code]) => code !== 'Preimage.Cleared')).toEqual([
      told('PermanentlyOverweight', 1, 0),
      told('PermanentlyOverweight', 1, 1, name(2)),
      worked(3),
      dispatched(1, 2),
    ])
    expectEmpty()
  })

  test('waits where more agendas are left than a block can look at', () => {
    schedulerStorage.IncompleteSince.set(chain.state, 0)
    for (let count = 0; count < 3; count++) nextBlock(chain)
    expect(schedulerStorage.IncompleteSince.get(chain.state)).toBe(4)
    const perBlock = Number(
      (MAXIMUM_WEIGHT.refTime - SERVICE_WEIGHT.refTime) / AGENDA_WEIGHT.refTime,
    )
    const { state } = chain
    const context = {
      ...contextOf(chain),
      block: { number: perBlock + 5, parentHash: ZERO, nowMs: 0n },
    }
    schedulerStorage.IncompleteSince.set(state, 1)
    const scheduler = chain.runtime.composition.pallets.find((one) => one.name === 'Scheduler')
    const used = scheduler?.hooks?.onInitialize?.(context)
    expect(schedulerStorage.IncompleteSince.get(state)).toBe(perBlock + 1)
    expect(used?.refTime).toBeLessThanOrEqual(MAXIMUM_WEIGHT.refTime)
  })
})

describe('a task whose call cannot be read', () => {
  const place = (task: Partial<Scheduled>): void => {
    const whole: Scheduled = {
      maybe_id: name(1),
      priority: 0,
      call: { type: 'Inline', value: Uint8Array.of(255, 0) },
      maybe_periodic: [1, 5],
      origin: { type: 'Root' },
      ...task,
    }
    expect(scheduleTask(contextOf(chain), { at: 1 }, whole)).toEqual({ ok: true, value: [1, 0] })
  }

  test('is given up', () => {
    place({})
    call('set_retry_named', { id: name(1), retries: 5, period: 1 })
    expect(nextBlock(chain)).toEqual([told('CallUnavailable', 1, 0, name(1))])
    expectEmpty()
  })

  test('is given up if its preimage never came', () => {
    place({ call: { type: 'Lookup', value: { hash: hashOf(padded(1)), len: 200 } } })
    expect(nextBlock(chain)).toEqual([told('CallUnavailable', 1, 0, name(1))])
    expectEmpty()
  })
})

test('another pallet schedules under any origin', () => {
  const transfer = { type: 'transfer_keep_alive', value: { dest: idAddress(dave.who), value: PHA } }
  const bytes = encode(chain.runtime.composition.call, { type: 'Balances', value: transfer })
  const task: Scheduled = {
    maybe_id: undefined,
    priority: 0,
    call: { type: 'Inline', value: bytes },
    maybe_periodic: undefined,
    origin: { type: 'Signed', who: bob.who, filter: () => false },
  }
  scheduleTask(contextOf(chain), { after: 0 }, task)
  expect(nextBlock(chain).at(-1)).toEqual(dispatched(1, 0))
  expect(chain.free(dave.who)).toBe(PHA)
})

test('a task that another one cancels in the same block is not dispatched', () => {
  const cancel = { type: 'cancel', value: { when: 1, index: 1 } }
  at(1, { type: 'Scheduler', value: cancel })
  at(1, work(1))
  expect(nextBlock(chain)).toEqual([
    ['Scheduler.Canceled', { when: 1, index: 1 }],
    dispatched(1, 0),
  ])
  expectEmpty()
})

test.each([{ type: 'Signed', who: alice.who }, { type: 'None' }] as const)(
  '$type may not call',
  (origin) => {
    const [id, when, after, task] = [name(1), 1, 1, [1, 0]]
    const retry = { retries: 1, period: 1 }
    const values = {
      schedule: { when, ...what(work(1)) },
      cancel: { when, index: 0 },
      schedule_named: { id, when, ...what(work(1)) },
      cancel_named: { id },
      schedule_after: { after, ...what(work(1)) },
      schedule_named_after: { id, after, ...what(work(1)) },
      set_retry: { task, ...retry },
      set_retry_named: { id, ...retry },
      cancel_retry: { task },
      cancel_retry_named: { id },
    }
    const scheduler = chain.runtime.composition.pallets.find((one) => one.name === 'Scheduler')
    const indices = Object.entries(scheduler?.calls ?? {}).map(([one, { index }]) => [one, index])
    const expected = Object.keys(values).map((one, index) => [one, index])
    expect(Object.fromEntries(indices)).toEqual(Object.fromEntries(expected))
    for (const [called, value] of Object.entries(values))
      expect(callScheduler(chain, called, value, origin)).toMatchObject(badOrigin)
    expectEmpty()
  },
)

test('agendas, names and retries are stored as FRAME stores them', () => {
  namedAt(name(9), 258, work(1), { priority: 63, maybe_periodic: [10, 4] })
  call('set_retry', { task: [258, 0], retries: 3, period: 7 })
  const hex = (key: Uint8Array): string => bytesToHex(chain.state.get(key) ?? new Uint8Array())
  const bytes = encode(chain.runtime.composition.call, work(1))
  const inline = `01${(bytes.length << 2).toString(16)}${bytesToHex(bytes)}`
  const agenda = schedulerStorage.Agenda.key(hashes, 258)
  expect(bytesToHex(agenda).slice(64)).toBe(`${bytesToHex(hashes.twox64(at258))}02010000`)
  expect(hex(agenda)).toBe(
    ['04', '01', '01', '09'.repeat(32), '3f', inline, '01', '0a000000', '03000000', '0000'].join(
      '',
    ),
  )
  expect(hex(schedulerStorage.Lookup.key(hashes, name(9)))).toBe('0201000000000000')
  const retries = schedulerStorage.Retries.key(hashes, [258, 0])
  expect(bytesToHex(retries).slice(96)).toBe('0201000000000000')
  expect(hex(retries)).toBe('030307000000')
})
const at258 = Uint8Array.of(2, 1, 0, 0)
const ZERO = new Uint8Array(32) as Hash

function moduleError(): object {
  const { pallet, index } = loadErrors.Failed
  return { code: `${pallet}.${index}`, pallet, index, name: String(index), doc: '' }
}
