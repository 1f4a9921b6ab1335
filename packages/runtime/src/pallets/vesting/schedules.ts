import { err, InvariantError, ok, unwrap, type AccountId, type Result } from '@tacit/base'
import type { PalletContext } from '../../framework/context.ts'
import type { DispatchError } from '../../framework/dispatch-error.ts'
import type { GenesisSpec } from '../../framework/genesis-spec.ts'
import type { HoldReason } from '../../framework/hold-reason.ts'
import { setLock } from '../balances/frozen.ts'
import { free, hold, release, transfer } from '../balances/ops.ts'
import { isValid, lockedAt, mergeSchedules } from './schedule.ts'
import {
  MAX_VESTING_SCHEDULES,
  MIN_VESTED_TRANSFER,
  VESTING_LOCK,
  vestingDeposit,
  vestingErrors,
  vestingEvents,
  vestingStorage,
  type VestingInfo,
} from './types.ts'

type Outcome = Result<void, DispatchError>
type Schedules = readonly VestingInfo[]

const REASON: HoldReason = { type: 'Vesting', value: { type: 'Schedule' } }

/** Frees what has vested of an account up to this block. */
export function vest(context: PalletContext, who: AccountId): Outcome {
  const schedules = schedulesOf(context, who)
  return schedules.ok ? write(context, who, schedules.value, schedules.value) : schedules
}

/** Sends planck that vest with the recipient, under a schedule that they pay the deposit of. */
export function vestedTransfer(
  context: PalletContext,
  source: AccountId,
  target: AccountId,
  schedule: VestingInfo,
): Outcome {
  if (schedule.locked < MIN_VESTED_TRANSFER) return err(vestingErrors.AmountLow)
  if (!isValid(schedule)) return err(vestingErrors.InvalidScheduleParams)
  const before = vestingStorage.Vesting.get(context.state, target) ?? []
  if (before.length >= MAX_VESTING_SCHEDULES) return err(vestingErrors.AtMaxVestingSchedules)
  const sent = transfer(context, source, target, schedule.locked, { keepAlive: false })
  if (!sent.ok) return sent
  const created = { account: target, schedule_index: before.length }
  context.deposit(vestingEvents.VestingCreated(created))
  return write(context, target, before, [...before, schedule])
}

/** Makes one schedule of two, by their places in the list; one and the same stays as it is. */
export function merge(
  context: PalletContext,
  who: AccountId,
  first: number,
  second: number,
): Outcome {
  if (first === second) return ok()
  const schedules = schedulesOf(context, who)
  if (!schedules.ok) return schedules
  const before = schedules.value
  const [one, other] = [before[first], before[second]]
  if (!one || !other) return err(vestingErrors.ScheduleIndexOutOfBounds)
  const merged = mergeSchedules(context.block.number, one, other)
  const others = before.filter((_, at) => at !== first && at !== second)
  return write(context, who, before, merged ? [...others, merged] : others)
}

/** Takes a schedule away: all of it is free at once. */
export function removeSchedule(context: PalletContext, who: AccountId, place: number): Outcome {
  const before = vestingStorage.Vesting.get(context.state, who) ?? []
  if (place >= before.length) return err(vestingErrors.InvalidScheduleParams)
  return write(
    context,
    who,
    before,
    before.filter((_, at) => at !== place),
  )
}

/** Locks balances of genesis. Throws InvariantError where one does not fit its account. */
export function vestFromGenesis(
  context: PalletContext,
  vesting: NonNullable<GenesisSpec['vesting']>,
): void {
  vestingStorage.StorageVersion.set(context.state, { type: 'V1' })
  for (const { who, begin, length, liquid } of vesting) {
    const locked = free(context.state, who) - liquid
    const per_block = locked / BigInt(Math.max(1, length))
    const schedule = { locked, per_block, starting_block: begin }
    const before = vestingStorage.Vesting.get(context.state, who) ?? []
    if (!isValid(schedule)) throw new InvariantError('genesis: a vesting schedule without vesting')
    if (before.length > 0) throw new InvariantError('genesis: an account vests twice')
    unwrap(write(context, who, before, [schedule]), 'genesis: vesting')
  }
}

function schedulesOf(
  { state }: PalletContext,
  who: AccountId,
): Result<Schedules, (typeof vestingErrors)['NotVesting']> {
  const schedules = vestingStorage.Vesting.get(state, who)
  return schedules ? ok(schedules) : err(vestingErrors.NotVesting)
}

/** Stores what of the schedules has not ended, with the deposit and the lock that belong to it. */
function write(
  context: PalletContext,
  account: AccountId,
  before: Schedules,
  schedules: Schedules,
): Outcome {
  const { number } = context.block
  const kept = schedules.filter((schedule) => lockedAt(schedule, number) > 0n)
  const unvested = kept.reduce((sum, schedule) => sum + lockedAt(schedule, number), 0n)
  if (kept.length > 0) vestingStorage.Vesting.set(context.state, account, kept)
  else vestingStorage.Vesting.delete(context.state, account)
  const more = vestingDeposit(kept.length) - vestingDeposit(before.length)
  const paid =
    more > 0n ? hold(context, REASON, account, more) : release(context, REASON, account, -more)
  if (!paid.ok) return paid
  const locked = setLock(context, VESTING_LOCK, account, unvested)
  if (!locked.ok) return locked
  if (unvested > 0n) context.deposit(vestingEvents.VestingUpdated({ account, unvested }))
  else context.deposit(vestingEvents.VestingCompleted({ account }))
  return ok()
}
