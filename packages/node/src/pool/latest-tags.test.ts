import { expect, test } from 'vitest'
import { createLatestTags } from './latest-tags.ts'

test('a tag came behind the blocks before its own', () => {
  const tags = createLatestTags(10)
  tags.add('a', 5)
  expect([4, 5, 6].map((block) => tags.cameBehind('a', block))).toEqual([true, false, false])
  expect(tags.cameBehind('b', 0)).toBe(false)
  expect(tags.knowsBehind(0)).toBe(true)
})

test('behind a block of which something is forgotten all is known, before it not', () => {
  const tags = createLatestTags(2)
  for (const [at, tag] of ['a', 'b', 'c'].entries()) tags.add(tag, 5 + at)
  expect([4, 5].map((block) => tags.knowsBehind(block))).toEqual([false, true])
  expect(['a', 'b', 'c'].map((tag) => tags.cameBehind(tag, 0))).toEqual([false, true, true])
  tags.lose(8)
  expect([7, 8].map((block) => tags.knowsBehind(block))).toEqual([false, true])
})
