import { MAX_BALANCE } from '@tacit/base'
import type { VestingInfo } from './types.ts'

/** The arithmetic of one schedule: pallet_vesting's vesting_info.rs and merge_vesting_info. */

/** Whether a schedule locks something and ends some day. */
export function isValid(schedule: VestingInfo): boolean {
  return schedule.locked > 0n && schedule.per_block > 0n
}

/** Planck of a schedule that are not free yet at a block. */
export function lockedAt(schedule: VestingInfo, block: number): bigint {
  const blocks = BigInt(Math.max(0, block - schedule.starting_block))
  const rest = schedule.locked - blocks * schedule.per_block
  return rest > 0n ? rest : 0n
}

/** The first block at which all is free; saturates as a balance does, in which FRAME counts it. */
export function endingBlock({ locked, per_block, starting_block }: VestingInfo): bigint {
  const blocks = (locked + per_block - 1n) / per_block
  const end = BigInt(starting_block) + blocks
  return end < MAX_BALANCE ? end : MAX_BALANCE
}

/**
 * One schedule for two at a block: it starts at the latest of the block and both starts, and ends
 * at the later end or, because of rounding, some blocks after. A schedule that has ended leaves the
 * other as it is; undefined if both have.
 */
export function mergeSchedules(
  now: number,
  first: VestingInfo,
  second: VestingInfo,
): VestingInfo | undefined {
  const unfinished = [first, second].filter((schedule) => endingBlock(schedule) > BigInt(now))
  if (unfinished.length < 2) return unfinished[0]
  const starting_block = Math.max(now, first.starting_block, second.starting_block)
  const locked = lockedAt(first, now) + lockedAt(second, now)
  const ends = [endingBlock(first), endingBlock(second)].map((end) => end - BigInt(starting_block))
  const blocks = ends.reduce((most, end) => (end > most ? end : most), 1n)
  const per_block = locked / blocks
  return { locked, per_block: per_block > 0n ? per_block : 1n, starting_block }
}
