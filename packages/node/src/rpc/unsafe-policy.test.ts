import { expect, test } from 'vitest'
import { allowsUnsafe } from './unsafe-policy.ts'

test.each([
  ['auto', '127.0.0.1', true],
  ['auto', '::1', true],
  ['auto', '0.0.0.0', false],
  ['auto', '192.168.1.2', false],
  ['safe', '127.0.0.1', false],
  ['unsafe', '0.0.0.0', true],
] as const)('%s on %s: %s', (policy, host, expected) => {
  expect(allowsUnsafe(policy, host)).toBe(expected)
})
