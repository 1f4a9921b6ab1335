import { expect, test } from 'vitest'
import { createAddressLimit } from './address-limit.ts'

test.each([
  [
    ['10.0.0.1', '10.0.0.2', '10.0.0.1'],
    [true, true, true],
  ],
  [
    ['10.0.0.1', '::ffff:10.0.0.1', '10.0.0.1'],
    [true, true, false],
  ],
  [
    ['2001:db8::1', '2001:db8::ffff:2', '2001:db8:0:0:1::'],
    [true, true, false],
  ],
  [
    ['2001:db8::1', '2001:db8:0:1::1', '2001:0db8::2'],
    [true, true, true],
  ],
  [
    ['127.0.0.1', '::1', '127.0.0.1', '127.0.0.1'],
    [true, true, true, true],
  ],
  [
    [undefined, undefined, undefined],
    [true, true, false],
  ],
])('two connections each: %j', (addresses, expected) => {
  const limit = createAddressLimit(2)
  expect(addresses.map((address) => limit.take(address) !== undefined)).toEqual(expected)
})

test('what was counted out makes room', () => {
  const limit = createAddressLimit(1)
  const release = limit.take('10.0.0.1')
  expect(limit.take('10.0.0.1')).toBeUndefined()
  release?.()
  expect(limit.take('10.0.0.1')).toBeDefined()
})
