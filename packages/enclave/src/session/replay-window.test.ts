import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createReplayWindow } from './replay-window.ts'

test('takes each counter once, and none more than 63 behind the highest', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(200), { maxLength: 120 }), (counters) => {
      const window = createReplayWindow()
      const used = new Set<number>()
      let highest = -1
      for (const counter of counters) {
        const isFresh = !used.has(counter) && counter > highest - 64
        expect(window.isFresh(BigInt(counter))).toBe(isFresh)
        if (!isFresh) continue
        window.mark(BigInt(counter))
        used.add(counter)
        highest = Math.max(highest, counter)
      }
    }),
  )
})

test('a counter at the end of its range is used once', () => {
  const window = createReplayWindow()
  window.mark(2n ** 64n - 1n)
  expect(window.isFresh(2n ** 64n - 1n)).toBe(false)
  expect(window.isFresh(0n)).toBe(false)
})
