import { bytesToHex, InvariantError, MAX_BALANCE, unwrap, type AccountId } from '@tacit/base'
import { beforeEach, describe, expect, test } from 'vitest'
import type { CallContext } from '../../framework/context.ts'
import { idAddress, type MultiAddress } from '../../framework/multi-address.ts'
import type { Origin } from '../../framework/origin.ts'
import { countIssuance, PHA, type TestChain } from '../../testing/chain.ts'
import { hashes } from '../../testing/crypto.ts'
import { alice, bob, contextOf, dave, richChain } from '../../testing/scenario.ts'
import { locked } from '../balances/frozen.ts'
import { held, spendable } from '../balances/ops.ts'
import { EXISTENTIAL_DEPOSIT } from '../balances/types.ts'
import { systemStorage } from '../system/types.ts'
import { vestingCalls } from './calls.ts'
import { vestFromGenesis } from './schedules.ts'
import {
  MAX_VESTING_SCHEDULES,
  MIN_VESTED_TRANSFER,
  VESTING_LOCK,
  vestingDeposit,
  vestingErrors,
  vestingStorage,
  type VestingInfo,
} from './types.ts'

const done = { ok: true, value: undefined }
const fails = (error: object): unknown => ({ ok: false, error })
const badOrigin = fails({ code: 'bad_origin' })
const noLookup = fails({ code: 'cannot_lookup' })
const nowhere: MultiAddress = { type: 'Address20', value: new Uint8Array(20) }
const ROOT: Origin = { type: 'Root' }
const NONE: Origin = { type: 'None' }
const by = (who: AccountId): Origin => ({ type: 'Signed', who })
/** 10 PHA over ten blocks behind block 10. */
const TEN: VestingInfo = { locked: 10n * PHA, per_block: PHA, starting_block: 10 }

let chain: TestChain
let events: readonly { readonly code: string; readonly value: unknown }[]
beforeEach(() => {
  chain = richChain()
})

/** A context at a block; its events are those that are looked at. */
function at(number: number, origin: Origin): CallContext {
  const context = contextOf(chain, origin)
  events = context.events
  return { ...context, block: { ...context.block, number } }
}

const give = (number: number, who: AccountId, schedule: VestingInfo, from = alice.who): unknown =>
  vestingCalls.vested_transfer.dispatch(at(number, by(from)), {
    target: idAddress(who),
    schedule,
  })
const vest = (number: number, who: AccountId): unknown =>
  vestingCalls.vest.dispatch(at(number, by(who)), undefined)
const merge = (number: number, who: AccountId, first: number, second: number): unknown =>
  vestingCalls.merge_schedules.dispatch(at(number, by(who)), {
    schedule1_index: first,
    schedule2_index: second,
  })
const remove = (number: number, who: AccountId, place: number, origin: Origin = ROOT): unknown =>
  vestingCalls.force_remove_vesting_schedule.dispatch(at(number, origin), {
    target: idAddress(who),
    schedule_index: place,
  })
const codes = (): string[] => events.map(({ code }) => code)

function expectBooks(who: AccountId): void {
  const schedules = vestingStorage.Vesting.get(chain.state, who)
  expect(schedules).not.toEqual([])
  const reason = { type: 'Vesting', value: { type: 'Schedule' } } as const
  expect(held(chain.state, reason, who)).toBe(vestingDeposit(schedules?.length ?? 0))
  const { onAccounts, byTotals, issued } = countIssuance(chain.state)
  expect([onAccounts, byTotals]).toEqual([issued, issued])
}

describe('a vested transfer', () => {
  test('locks what it sends, and frees it block by block once somebody asks', () => {
    expect(give(1, dave.who, TEN)).toEqual(done)
    expect(codes()).toEqual([
      'System.NewAccount',
      'Balances.Endowed',
      'Balances.Transfer',
      'Vesting.VestingCreated',
      'Balances.Held',
      'Balances.Locked',
      'Vesting.VestingUpdated',
    ])
    expect(locked(chain.state, VESTING_LOCK, dave.who)).toBe(10n * PHA)
    expect(spendable(chain.state, dave.who, 'Expendable')).toBe(0n)
    for (const [block, rest] of [
      [10, 10n],
      [11, 9n],
      [19, 1n],
    ] as const) {
      expect(vest(block, dave.who)).toEqual(done)
      expect(locked(chain.state, VESTING_LOCK, dave.who)).toBe(rest * PHA)
      expect(events.at(-1)).toMatchObject({
        code: 'Vesting.VestingUpdated',
        value: { account: dave.who, unvested: rest * PHA },
      })
      expectBooks(dave.who)
    }
    expect(
      vestingCalls.vest_other.dispatch(at(20, by(bob.who)), { target: idAddress(dave.who) }),
    ).toEqual(done)
    expect(codes()).toEqual(['Balances.Released', 'Balances.Unlocked', 'Vesting.VestingCompleted'])
    expect(vestingStorage.Vesting.has(chain.state, dave.who)).toBe(false)
    expect(systemStorage.Account.get(chain.state, dave.who)).toMatchObject({
      consumers: 0,
      data: { free: 10n * PHA, reserved: 0n, frozen: 0n },
    })
    expect(vest(20, dave.who)).toEqual(fails(vestingErrors.NotVesting))
    expectBooks(dave.who)
  })

  test('takes the deposit out of the least that can be sent', () => {
    const least = { ...TEN, locked: MIN_VESTED_TRANSFER, per_block: 1n }
    expect(give(1, dave.who, least)).toEqual(done)
    expect(systemStorage.Account.get(chain.state, dave.who).data).toMatchObject({
      free: MIN_VESTED_TRANSFER - vestingDeposit(1),
      reserved: vestingDeposit(1),
    })
    expect(MIN_VESTED_TRANSFER).toBeGreaterThan(EXISTENTIAL_DEPOSIT + vestingDeposit(1))
    expectBooks(dave.who)
  })

  test('may begin in the past, and be over before it begins', () => {
    expect(give(100, dave.who, TEN)).toEqual(done)
    expect(codes().slice(-2)).toEqual(['Vesting.VestingCreated', 'Vesting.VestingCompleted'])
    expect(give(15, dave.who, TEN)).toEqual(done)
    expect(locked(chain.state, VESTING_LOCK, dave.who)).toBe(5n * PHA)
    expectBooks(dave.who)
  })

  test('to oneself locks what one has', () => {
    expect(give(1, bob.who, TEN, bob.who)).toEqual(done)
    expect(chain.free(bob.who)).toBe(100n * PHA - vestingDeposit(1))
    expect(spendable(chain.state, bob.who, 'Expendable')).toBe(90n * PHA)
  })

  test.each([
    ['less than the least', { locked: MIN_VESTED_TRANSFER - 1n }, vestingErrors.AmountLow],
    ['nothing', { locked: 0n }, vestingErrors.AmountLow],
    ['what never vests', { per_block: 0n }, vestingErrors.InvalidScheduleParams],
    ['more than exists', { locked: MAX_BALANCE }, { code: 'arithmetic', reason: 'Underflow' }],
    ['more than one has', { locked: 101n * PHA }, { code: 'token', reason: 'FundsUnavailable' }],
  ] as const)('of %s fails', (_, change, error) => {
    const before = chain.written()
    expect(give(1, dave.who, { ...TEN, ...change }, bob.who)).toEqual(fails(error))
    expect(chain.written()).toEqual(before)
  })

  test('is one of so many', () => {
    const least = { ...TEN, locked: MIN_VESTED_TRANSFER }
    for (let count = 1; count <= MAX_VESTING_SCHEDULES; count++)
      expect(give(1, dave.who, least)).toEqual(done)
    expectBooks(dave.who)
    const before = chain.written()
    expect(give(1, dave.who, least)).toEqual(fails(vestingErrors.AtMaxVestingSchedules))
    expect(chain.written()).toEqual(before)
  })

  test('can be forced by the chain alone', () => {
    const force = (origin: Origin, source = idAddress(bob.who), target = idAddress(dave.who)) =>
      vestingCalls.force_vested_transfer.dispatch(at(1, origin), { source, target, schedule: TEN })
    expect(force(by(bob.who))).toEqual(badOrigin)
    expect(force(NONE)).toEqual(badOrigin)
    expect(force(ROOT, nowhere)).toEqual(noLookup)
    expect(force(ROOT, undefined, nowhere)).toEqual(noLookup)
    expect(force(ROOT)).toEqual(done)
    expect(chain.free(bob.who)).toBe(90n * PHA)
    expect(locked(chain.state, VESTING_LOCK, dave.who)).toBe(10n * PHA)
  })
})

describe('merging', () => {
  beforeEach(() => {
    unwrap(give(1, dave.who, TEN) as never)
    unwrap(give(1, dave.who, { ...TEN, locked: 40n * PHA, starting_block: 20 }) as never)
  })

  test('makes one schedule that ends when the later one does', () => {
    expect(merge(15, dave.who, 0, 1)).toEqual(done)
    expect(vestingStorage.Vesting.get(chain.state, dave.who)).toEqual([
      { locked: 45n * PHA, per_block: (45n * PHA) / 40n, starting_block: 20 },
    ])
    expect(locked(chain.state, VESTING_LOCK, dave.who)).toBe(45n * PHA)
    expectBooks(dave.who)
  })

  test('leaves an unfinished one as it is, and nothing of two finished ones', () => {
    expect(merge(20, dave.who, 1, 0)).toEqual(done)
    expect(vestingStorage.Vesting.get(chain.state, dave.who)).toEqual([
      { ...TEN, locked: 40n * PHA, starting_block: 20 },
    ])
    unwrap(give(30, dave.who, TEN) as never)
    unwrap(give(30, dave.who, { ...TEN, starting_block: 25 }) as never)
    expect(merge(100, dave.who, 0, 1)).toEqual(done)
    expect(vestingStorage.Vesting.has(chain.state, dave.who)).toBe(false)
    expect(locked(chain.state, VESTING_LOCK, dave.who)).toBe(0n)
    expectBooks(dave.who)
  })

  test('of one with itself does nothing; of what is not there fails', () => {
    const before = chain.written()
    expect(merge(15, dave.who, 7, 7)).toEqual(done)
    expect(merge(15, dave.who, 0, 2)).toEqual(fails(vestingErrors.ScheduleIndexOutOfBounds))
    expect(merge(15, dave.who, 2 ** 32 - 1, 0)).toEqual(
      fails(vestingErrors.ScheduleIndexOutOfBounds),
    )
    expect(merge(15, bob.who, 0, 1)).toEqual(fails(vestingErrors.NotVesting))
    expect(chain.written()).toEqual(before)
  })
})

describe('removing', () => {
  test('frees one schedule at once, for the chain alone', () => {
    unwrap(give(1, dave.who, TEN) as never)
    unwrap(give(1, dave.who, { ...TEN, locked: 40n * PHA }) as never)
    expect(remove(5, dave.who, 0, by(dave.who))).toEqual(badOrigin)
    expect(remove(5, dave.who, 2)).toEqual(fails(vestingErrors.InvalidScheduleParams))
    expect(remove(5, bob.who, 0)).toEqual(fails(vestingErrors.InvalidScheduleParams))
    expect(remove(5, dave.who, 0)).toEqual(done)
    expect(locked(chain.state, VESTING_LOCK, dave.who)).toBe(40n * PHA)
    expectBooks(dave.who)
    expect(remove(5, dave.who, 0)).toEqual(done)
    expect(codes()).toEqual(['Balances.Released', 'Balances.Unlocked', 'Vesting.VestingCompleted'])
    expectBooks(dave.who)
  })
})

describe('origins and addresses', () => {
  const target = idAddress(dave.who)
  test.each([ROOT, NONE])('$type may not what a sender may', (origin) => {
    for (const outcome of [
      vestingCalls.vest.dispatch(at(1, origin), undefined),
      vestingCalls.vest_other.dispatch(at(1, origin), { target }),
      vestingCalls.vested_transfer.dispatch(at(1, origin), { target, schedule: TEN }),
      vestingCalls.merge_schedules.dispatch(at(1, origin), {
        schedule1_index: 0,
        schedule2_index: 0,
      }),
    ])
      expect(outcome).toEqual(badOrigin)
  })

  test('an address that names nobody is refused', () => {
    const context = at(1, by(alice.who))
    expect(vestingCalls.vest_other.dispatch(context, { target: nowhere })).toEqual(noLookup)
    expect(
      vestingCalls.vested_transfer.dispatch(context, { target: nowhere, schedule: TEN }),
    ).toEqual(noLookup)
    expect(
      vestingCalls.force_remove_vesting_schedule.dispatch(at(1, ROOT), {
        target: nowhere,
        schedule_index: 0,
      }),
    ).toEqual(noLookup)
  })
})

describe('genesis', () => {
  const begin = (liquid: bigint, length = 100): void =>
    vestFromGenesis(at(0, ROOT), [{ who: bob.who, begin: 5, length, liquid }])

  test('locks all but the liquid part', () => {
    begin(40n * PHA)
    expect(vestingStorage.Vesting.get(chain.state, bob.who)).toEqual([
      { locked: 60n * PHA, per_block: (60n * PHA) / 100n, starting_block: 5 },
    ])
    expect(locked(chain.state, VESTING_LOCK, bob.who)).toBe(60n * PHA)
    expect(vestingStorage.StorageVersion.get(chain.state)).toEqual({ type: 'V1' })
    expectBooks(bob.who)
    expect(() => begin(40n * PHA)).toThrow(InvariantError)
  })

  test('refuses what locks nothing', () => {
    expect(() => begin(100n * PHA)).toThrow(InvariantError)
    expect(() => begin(100n * PHA - 5n, 6)).toThrow(InvariantError)
  })
})

test("an account's schedules are stored as FRAME stores them", () => {
  unwrap(give(1, dave.who, { locked: 10n ** 12n, per_block: 2n, starting_block: 258 }) as never)
  const key = vestingStorage.Vesting.key(hashes, dave.who)
  // twox128("Vesting") ++ twox128("Vesting"), as on Polkadot.
  expect(bytesToHex(key.subarray(0, 32))).toBe(
    '5f27b51b5ec208ee9cb25b55d87282435f27b51b5ec208ee9cb25b55d8728243',
  )
  const raw = chain.state.get(key) ?? new Uint8Array()
  expect(bytesToHex(raw)).toBe(
    ['04', '0010a5d4e8', '00'.repeat(11), '02', '00'.repeat(15), '02010000'].join(''),
  )
})
