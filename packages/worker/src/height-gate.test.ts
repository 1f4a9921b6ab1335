import { expect, test } from 'vitest'
import { createHeightGate } from './height-gate.ts'

test('waits for a height that comes, and answers at once for one that is there', async () => {
  const gate = createHeightGate()
  gate.reach(5)
  expect(await gate.waitFor(5, 10_000)).toBe(true)
  const waiting = gate.waitFor(7, 10_000)
  gate.reach(7)
  expect(await waiting).toBe(true)
})

test('a height that cannot come soon is refused without waiting', async () => {
  const gate = createHeightGate()
  gate.reach(5)
  expect(await gate.waitFor(2 ** 32 - 1, 10_000)).toBe(false)
  expect(await gate.waitFor(262, 10_000)).toBe(false)
})

test('no more than 64 wait at once', async () => {
  const gate = createHeightGate()
  gate.reach(5)
  const waiting = Array.from({ length: 64 }, () => gate.waitFor(6, 10_000))
  expect(await gate.waitFor(6, 10_000)).toBe(false)
  gate.reach(6)
  expect(new Set(await Promise.all(waiting))).toEqual(new Set([true]))
})
