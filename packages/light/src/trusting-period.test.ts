import { expect, it } from 'vitest'
import { checkTrustingPeriod } from './trusting-period.ts'

const NOW = 1_800_000_000
const WEEK = 7 * 24 * 3_600
const chainTime = (ageS: number): bigint => BigInt(NOW - ageS) * 1_000n

it('trusts a head up to the period, and a clock that runs a little ahead', () => {
  for (const ageS of [0, 1, WEEK, -1, -120]) {
    expect(checkTrustingPeriod(chainTime(ageS), NOW, WEEK)).toEqual({ ok: true })
  }
})

it('refuses an older head', () => {
  expect(checkTrustingPeriod(chainTime(WEEK + 1), NOW, WEEK)).toEqual({
    ok: false,
    error: { code: 'trusting_period_over', ageS: WEEK + 1, periodS: WEEK },
  })
  expect(checkTrustingPeriod(0n, NOW, WEEK)).toMatchObject({
    error: { code: 'trusting_period_over' },
  })
})

it('refuses a head of the future', () => {
  expect(checkTrustingPeriod(chainTime(-121), NOW, WEEK)).toEqual({
    ok: false,
    error: { code: 'chain_time_ahead', aheadS: 121 },
  })
  expect(checkTrustingPeriod(2n ** 64n - 1n, NOW, WEEK)).toMatchObject({
    error: { code: 'chain_time_ahead' },
  })
})
