import { expect, test } from 'vitest'
import { hexAnywhere, hexOf, latin1Anywhere, latin1Of } from './byte-text.ts'

const ALL = Uint8Array.from({ length: 259 }, (_, at) => at)

test.each([0, 1, 7, 8, 9, 256, 259])('both ways give the same text of %i bytes', (length) => {
  const bytes = ALL.subarray(0, length)
  expect(latin1Of(bytes)).toBe(latin1Anywhere(bytes))
  expect(hexOf(bytes)).toBe(hexAnywhere(bytes))
})

test('a view is read from its own place, by the way of Node here', () => {
  const view = ALL.subarray(3, 6)
  for (const latin1 of [latin1Of, latin1Anywhere]) expect(latin1(view)).toBe('\u0003\u0004\u0005')
  for (const hex of [hexOf, hexAnywhere]) expect(hex(view)).toBe('030405')
  expect([hexOf === hexAnywhere, latin1Of === latin1Anywhere]).toEqual([false, false])
})
