import { expect, test } from 'vitest'
import { createByteBudget, type Holder } from './byte-budget.ts'

test('whoever holds most goes when all together hold too much', () => {
  const budget = createByteBudget(100)
  const cut: string[] = []
  const holder = (name: string): Holder => ({ cut: () => void cut.push(name) })
  const [small, large, late] = [holder('small'), holder('large'), holder('late')]
  budget.set(small, 30)
  budget.set(large, 60)
  budget.set(large, 70)
  expect([budget.total, cut]).toEqual([100, []])
  budget.set(late, 1)
  expect([budget.total, cut]).toEqual([31, ['large']])
  budget.set(small, 0)
  budget.set(late, 101)
  expect([budget.total, cut]).toEqual([0, ['large', 'late']])
})
