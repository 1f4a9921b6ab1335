import { describe, expect, test } from 'vitest'
import { verify } from '../testing/kit.ts'
import { SNP_CASES } from '../testing/snp-cases.ts'
import { decideSnp } from './verify.ts'

describe('synthetic evidence', () => {
  test('there are at least 30 cases, each of its own name', () => {
    const names = SNP_CASES.map(({ name }) => name)
    expect(new Set(names).size).toBe(names.length)
    expect(names.length).toBeGreaterThanOrEqual(30)
  })

  test.each(SNP_CASES)('$name: $what', ({ input, expected }) => {
    const result = decideSnp(input(), verify)
    if ('verdict' in expected) {
      expect(result.ok ? result.value : result.error).toMatchObject(expected.verdict)
    } else {
      expect(result.ok ? result.value.family : result.error).toMatchObject(expected)
    }
  })
})
