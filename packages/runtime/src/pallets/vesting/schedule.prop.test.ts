import { MAX_BALANCE } from '@tacit/base'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { endingBlock, isValid, lockedAt, mergeSchedules } from './schedule.ts'
import type { VestingInfo } from './types.ts'

const schedule: fc.Arbitrary<VestingInfo> = fc.record({
  locked: fc.bigInt({ min: 1n, max: 300n }),
  per_block: fc.bigInt({ min: 1n, max: 320n }),
  starting_block: fc.nat({ max: 40 }),
})
const LAST_BLOCK = 400

/** What is locked at each block, taking one block's share away at a time. */
function model({ locked, per_block, starting_block }: VestingInfo): bigint[] {
  const at: bigint[] = []
  let rest = locked
  for (let block = 0; block <= LAST_BLOCK; block++) {
    if (block > starting_block) rest -= rest < per_block ? rest : per_block
    at.push(rest)
  }
  return at
}

test('at every block as much is locked as the model says, and nothing from the ending block on', () => {
  fc.assert(
    fc.property(schedule, (given) => {
      const expected = model(given)
      expect(expected.map((_, block) => lockedAt(given, block))).toEqual(expected)
      expect(endingBlock(given)).toBe(BigInt(expected.indexOf(0n)))
    }),
    { numRuns: 100 },
  )
})

test('merging keeps what is locked, ends no sooner, and rounds down what each block frees', () => {
  fc.assert(
    fc.property(schedule, schedule, fc.nat({ max: 60 }), (first, second, now) => {
      const merged = mergeSchedules(now, first, second)
      const locked = lockedAt(first, now) + lockedAt(second, now)
      expect(merged ? lockedAt(merged, now) : 0n).toBe(locked)
      if (!merged) return
      const ends = [endingBlock(first), endingBlock(second)]
      const end = ends.reduce((most, one) => (one > most ? one : most))
      expect(isValid(merged)).toBe(true)
      expect(endingBlock(merged)).toBeGreaterThanOrEqual(end)
      const unfinished = ends.filter((one) => one > BigInt(now))
      if (unfinished.length < 2) expect([first, second]).toContainEqual(merged)
      else {
        const blocks = end - BigInt(merged.starting_block)
        expect(merged.starting_block).toBe(
          Math.max(now, first.starting_block, second.starting_block),
        )
        expect(merged.per_block * (blocks > 0n ? blocks : 1n)).toBeLessThanOrEqual(
          locked > blocks ? locked : blocks,
        )
      }
    }),
    { numRuns: 200 },
  )
})

test('the largest amounts neither overflow nor wrap', () => {
  const huge = { locked: MAX_BALANCE, per_block: 1n, starting_block: 2 ** 32 - 1 }
  expect(endingBlock(huge)).toBe(MAX_BALANCE)
  expect(lockedAt(huge, 2 ** 32 - 1)).toBe(MAX_BALANCE)
  expect(lockedAt({ ...huge, per_block: MAX_BALANCE, starting_block: 0 }, 2 ** 32 - 1)).toBe(0n)
})

test.each([
  [{ locked: 0n, per_block: 1n }, false],
  [{ locked: 1n, per_block: 0n }, false],
  [{ locked: 1n, per_block: 1n }, true],
])('a schedule of %o is valid: %s', (amounts, valid) => {
  expect(isValid({ ...amounts, starting_block: 0 })).toBe(valid)
})
