import { err, ok } from '@tacit/base'
import { expect, test } from 'vitest'
import { fixedHex, hexBytes, integer, listOf, oneOf, parseParams } from './params.ts'

const FIELDS = {
  id: fixedHex(2),
  data: hexBytes(3),
  count: integer(9),
  list: listOf(integer(1), 2),
  word: oneOf('a', 'b'),
}
const GOOD = { id: '0x0102', data: '0x', count: 9, list: [1, 0], word: 'b' }

test('reads exactly the declared fields', () => {
  expect(parseParams(GOOD, FIELDS)).toEqual(
    ok({
      id: Uint8Array.of(1, 2),
      data: new Uint8Array(),
      count: 9,
      list: [1, 0],
      word: 'b',
    }),
  )
})

test.each([
  ['id', { ...GOOD, id: '0x01' }],
  ['id', { ...GOOD, id: '0102' }],
  ['id', { ...GOOD, id: 7 }],
  ['data', { ...GOOD, data: '0x01020304' }],
  ['data', { ...GOOD, data: '0x0g' }],
  ['count', { ...GOOD, count: 10 }],
  ['count', { ...GOOD, count: -1 }],
  ['count', { ...GOOD, count: 1.5 }],
  ['count', { ...GOOD, count: '1' }],
  ['list', { ...GOOD, list: [0, 0, 0] }],
  ['list', { ...GOOD, list: [2] }],
  ['list', { ...GOOD, list: { length: 0 } }],
  ['word', { ...GOOD, word: 'c' }],
  ['more', { ...GOOD, more: 1 }],
  ['', null],
  ['', [GOOD]],
])('names %s as the field that is wrong', (field, params) => {
  expect(parseParams(params, FIELDS)).toEqual(err({ code: 'params_invalid', field }))
})

test('an inherited field does not count', () => {
  const params: unknown = Object.create(GOOD)
  expect(parseParams(params, FIELDS)).toEqual(err({ code: 'params_invalid', field: 'id' }))
})
