import { describe, expect, test } from 'vitest'
import { createVerifier } from '../testing/kit.ts'
import { NVIDIA_CASES } from '../testing/nvidia-cases.ts'
import { GPU_SET_CASES } from '../testing/nvidia-cases/sets.ts'
import { decideGpuSet } from './gpu-set.ts'
import { decideNvidia } from './verify.ts'

const verify = createVerifier()

test('cases have different names', () => {
  const names = [...NVIDIA_CASES, ...GPU_SET_CASES].map(({ name }) => name)
  expect(new Set(names).size).toBe(names.length)
})

describe('synthetic evidence of a device', () => {
  test.each(NVIDIA_CASES)('$name: $what', ({ expected, input }) => {
    const decided = decideNvidia(input(), verify)
    if ('verdict' in expected) {
      expect(decided).toMatchObject({ ok: true, value: expected.verdict })
    } else expect(decided).toMatchObject({ ok: false, error: expected })
  })
})

describe('synthetic evidence of a set', () => {
  test.each(GPU_SET_CASES)('$name: $what', ({ expected, input }) => {
    const decided = decideGpuSet(input(), verify)
    if ('verdict' in expected) {
      expect(decided).toMatchObject({ ok: true, value: expected.verdict })
    } else expect(decided).toMatchObject({ ok: false, error: expected })
  })
})
