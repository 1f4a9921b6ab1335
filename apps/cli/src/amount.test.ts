import { describe, expect, it } from 'vitest'
import { formatPha, parsePha } from './amount.ts'

describe('amounts', () => {
  it.each([
    [0n, '0 PHA'],
    [1n, '0.000000000001 PHA'],
    [1_500_000_000_000n, '1.5 PHA'],
    [10n ** 21n, '1000000000 PHA'],
  ])('%s planck', (planck, text) => {
    expect(formatPha(planck)).toBe(text)
    expect(parsePha(text.replace(' PHA', ''))).toBe(planck)
  })

  it('reads planck and refuses what is neither', () => {
    expect(parsePha('12planck')).toBe(12n)
    for (const text of ['', '-1', '1e3', '.5', '1.', '1.0000000000001', ' 1', '0x10', '1PHA']) {
      expect(parsePha(text)).toBeUndefined()
    }
  })
})
