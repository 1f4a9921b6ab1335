import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseBase64, parseBase64Url } from './base64.ts'
import { utf8 } from './bytes.ts'

test('any bytes come back', () => {
  const property = fc.property(fc.uint8Array({ minLength: 1, maxLength: 100 }), (bytes) => {
    const text = Buffer.from(bytes)
    expect(parseBase64(utf8(text.toString('base64')))).toEqual(bytes)
    expect(parseBase64Url(utf8(text.toString('base64url')))).toEqual(bytes)
  })
  fc.assert(property)
})

test('no two texts without line breaks spell the same bytes', () => {
  const property = fc.property(fc.string({ minLength: 1, maxLength: 9 }), (text) => {
    const bytes = parseBase64Url(utf8(text))
    if (bytes !== undefined) expect(Buffer.from(bytes).toString('base64url')).toBe(text)
  })
  fc.assert(property)
})

test('line breaks are skipped in base64', () => {
  expect(parseBase64(utf8('AQ\nI\r\nD\n'))).toEqual(Uint8Array.of(1, 2, 3))
  expect(parseBase64(utf8('AQ=\n=\n'))).toEqual(Uint8Array.of(1))
})

test.each([
  '',
  '\n',
  'A',
  'AA',
  'AA=',
  'AA===',
  'AAAA====',
  'AB==',
  'AAB=',
  'AA=A',
  'AA A',
  'A-AA',
])('no base64: %j', (text) => {
  expect(parseBase64(utf8(text))).toBeUndefined()
})

test.each(['', 'A', 'AB', 'AAB', 'AA==', 'AAAAA', 'AA\nAA', 'A+AA', 'A/AA', 'A AA', 'Aé'])(
  'no base64url: %j',
  (text) => {
    expect(parseBase64Url(utf8(text))).toBeUndefined()
  },
)
