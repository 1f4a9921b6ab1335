import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { hex } from '../testing/bytes.ts'
import { civilToUnix } from './civil-time.ts'
import { readDer, TAG, type DerReader, type DerReason } from './der.ts'
import { parseEcdsaSignature } from './ecdsa-signature.ts'

/** The reason why reading fails, or the value. */
function read<T>(text: string, reader: (input: DerReader) => T): T | DerReason {
  const result = readDer(hex(text), reader)
  return result.ok ? result.value : result.error.reason
}

const content = (input: DerReader): number => input.content(TAG.octetString).length

describe('lengths', () => {
  test.each([
    ['04 00', 0],
    ['04 01 aa', 1],
    [`04 7f ${'00'.repeat(127)}`, 127],
    [`04 81 80 ${'00'.repeat(128)}`, 128],
    [`04 82 01 00 ${'00'.repeat(256)}`, 256],
  ])('%s is read', (bytes, length) => {
    expect(read(bytes, content)).toBe(length)
  })

  test.each([
    ['', 'truncated'],
    ['04', 'truncated'],
    ['04 02 aa', 'truncated'],
    ['04 81', 'truncated'],
    ['04 82 01', 'truncated'],
    ['04 84 ff ff ff ff', 'truncated'],
    ['04 80 00 00', 'length_invalid'],
    ['04 81 7f', 'length_invalid'],
    ['04 82 00 80', 'length_invalid'],
    ['04 85 01 00 00 00 00', 'length_invalid'],
    ['04 ff', 'length_invalid'],
    ['04 00 00', 'trailing_bytes'],
    ['05 00', 'tag_unexpected'],
    ['1f 04 00', 'tag_unexpected'],
  ])('%s: %s', (bytes, reason) => {
    expect(read(bytes, content)).toBe(reason)
  })

  test('an element may not reach out of its parent', () => {
    const nested = (input: DerReader): number => input.sequence(content)
    expect(read('30 03 04 02 aa bb', nested)).toBe('truncated')
    expect(read('30 04 04 01 aa 00', nested)).toBe('trailing_bytes')
  })

  test('skipping needs a single-byte tag and a true length', () => {
    const skip = (input: DerReader): void => input.skip()
    expect(read('a0 01 00', skip)).toBeUndefined()
    expect(read('bf 01 00', skip)).toBe('tag_unexpected')
    expect(read('a0 02 00', skip)).toBe('truncated')
  })
})

test('nesting is bounded', () => {
  const descend = (input: DerReader): number =>
    input.remaining === 0 ? input.depth : input.sequence(descend)
  let nested = new Uint8Array()
  for (let depth = 0; depth < 16; depth++) nested = Uint8Array.of(0x30, nested.length, ...nested)
  expect(readDer(nested, descend)).toEqual({ ok: true, value: 16 })
  const deeper = Uint8Array.of(0x30, nested.length, ...nested)
  expect(readDer(deeper, descend)).toMatchObject({ error: { reason: 'too_deep' } })
})

test('counts are bounded', () => {
  const count = (input: DerReader): void => input.each(TAG.sequence, 2, (item) => item.skip())
  expect(read('30 04 05 00 05 00', count)).toBeUndefined()
  expect(read('30 06 05 00 05 00 05 00', count)).toBe('too_many')
})

test.each([
  ['02 01 00', 0],
  ['02 01 7f', 127],
  ['02 02 00 80', 128],
  ['02 02 01 00', 256],
  ['02 04 00 ff ff ff', 0xff_ffff],
  ['02 00', 'integer_invalid'],
  ['02 01 80', 'integer_invalid'],
  ['02 01 ff', 'integer_invalid'],
  ['02 02 00 7f', 'integer_invalid'],
  ['02 02 00 00', 'integer_invalid'],
  ['02 05 01 00 00 00 00', 'integer_invalid'],
  ['02 04 01 00 00 00', 'integer_invalid'],
])('integer %s is %s', (bytes, expected) => {
  expect(read(bytes, (input) => input.unsigned(0xff_ffff))).toBe(expected)
})

test.each([
  ['01 01 00', false],
  ['01 01 ff', true],
  ['01 01 01', 'boolean_invalid'],
  ['01 00', 'boolean_invalid'],
  ['01 02 ff ff', 'boolean_invalid'],
])('boolean %s is %s', (bytes, expected) => {
  expect(read(bytes, (input) => input.boolean())).toBe(expected)
})

test('a default of FALSE is left out', () => {
  const optional = (input: DerReader): boolean => input.optionalTrue()
  expect(read('', optional)).toBe(false)
  expect(read('01 01 ff', optional)).toBe(true)
  expect(read('01 01 00', optional)).toBe('boolean_invalid')
})

test.each([
  ['03 02 05 a0', 0b101],
  ['03 02 00 01', 0b1000_0000],
  ['03 02 06 c0', 0b11],
  ['03 03 07 00 80', 0b1_0000_0000],
  ['03 02 01 04', 0b10_0000],
  ['03 02 06 80', 0b1],
  ['03 02 00 80', 0b1],
  ['03 02 02 02', 'bit_string_invalid'],
  ['03 02 05 a1', 'bit_string_invalid'],
  ['03 02 08 00', 'bit_string_invalid'],
  ['03 02 00 00', 'bit_string_invalid'],
  ['03 01 00', 'bit_string_invalid'],
  ['03 00', 'bit_string_invalid'],
  ['03 04 00 00 00 01', 'bit_string_invalid'],
])('named bits %s are %s', (bytes, expected) => {
  expect(read(bytes, (input) => input.namedBits())).toBe(expected)
})

test.each([
  ['06 03 55 04 03', '2.5.4.3'],
  ['06 09 2a 86 48 86 f8 4d 01 0d 01', '1.2.840.113741.1.13.1'],
  ['06 01 27', '0.39'],
  ['06 02 88 37', '2.999'],
  ['06 00', 'oid_invalid'],
  ['06 01 80', 'oid_invalid'],
  ['06 02 80 01', 'oid_invalid'],
  ['06 02 2a 86', 'oid_invalid'],
  ['06 06 2a ff ff ff ff 7f', 'oid_invalid'],
  [`06 21 ${'2a'.repeat(33)}`, 'oid_invalid'],
])('identifier %s is %s', (bytes, expected) => {
  expect(read(bytes, (input) => input.oid())).toBe(expected)
})

function timeHex(tag: string, digits: string): string {
  return `${tag} ${digits.length.toString(16).padStart(2, '0')} ${Buffer.from(digits).toString('hex')}`
}

test.each([
  ['17', '700101000000Z', 0],
  ['17', '491231235959Z', Date.UTC(2049, 11, 31, 23, 59, 59) / 1000],
  ['17', '500101000000Z', Date.UTC(1950, 0, 1) / 1000],
  ['17', '000229000000Z', Date.UTC(2000, 1, 29) / 1000],
  ['18', '20500101000000Z', Date.UTC(2050, 0, 1) / 1000],
  ['18', '99991231235959Z', Date.UTC(9999, 11, 31, 23, 59, 59) / 1000],
  ['18', '20491231235959Z', Date.UTC(2049, 11, 31, 23, 59, 59) / 1000],
  ['18', '20231031000000Z', Date.UTC(2023, 9, 31) / 1000],
  ['18', '20510229000000Z', 'time_invalid'],
  ['17', '010229000000Z', 'time_invalid'],
  ['17', '011301000000Z', 'time_invalid'],
  ['17', '010001000000Z', 'time_invalid'],
  ['17', '010100000000Z', 'time_invalid'],
  ['17', '010101240000Z', 'time_invalid'],
  ['17', '010101006000Z', 'time_invalid'],
  ['17', '010101000060Z', 'time_invalid'],
  ['17', '0101010000Z', 'time_invalid'],
  ['17', '010101000000', 'time_invalid'],
  ['17', '010101000000z', 'time_invalid'],
  ['17', '0101010000+00', 'time_invalid'],
  ['17', '01010100000 Z', 'time_invalid'],
  ['18', '20510101000000.5Z', 'time_invalid'],
  ['16', '010101000000Z', 'tag_unexpected'],
])('time %s %s is %s', (tag, digits, expected) => {
  expect(read(timeHex(tag, digits), (input) => input.time())).toBe(expected)
})

test('civil times agree with Date from year 0 to 9999', () => {
  const range = { min: new Date('0000-01-01T00:00:00Z'), max: new Date('9999-12-31T23:59:59Z') }
  const property = fc.property(fc.date({ ...range, noInvalidDate: true }), (date) => {
    const unix = Math.floor(date.getTime() / 1000)
    const civil = {
      year: date.getUTCFullYear(),
      month: date.getUTCMonth() + 1,
      day: date.getUTCDate(),
      hour: date.getUTCHours(),
      minute: date.getUTCMinutes(),
      second: date.getUTCSeconds(),
    }
    expect(civilToUnix(civil)).toBe(unix)
  })
  fc.assert(property)
})

describe('ECDSA signatures', () => {
  test('become r and s of fixed width', () => {
    const parsed = parseEcdsaSignature(hex('30 07 02 02 00 ff 02 01 05'), 32)
    if (!parsed.ok) throw new Error(parsed.error.reason)
    expect(parsed.value).toHaveLength(64)
    expect([parsed.value[31], parsed.value[63]]).toEqual([0xff, 5])
  })

  test.each([
    ['negative r', '30 06 02 01 ff 02 01 05', 'integer_invalid'],
    ['padded r', '30 07 02 02 00 01 02 01 05', 'integer_invalid'],
    ['r of 33 bytes', `30 26 02 21 01 ${'00'.repeat(32)} 02 01 05`, 'integer_invalid'],
    ['three integers', '30 09 02 01 01 02 01 01 02 01 01', 'trailing_bytes'],
    ['one integer', '30 03 02 01 01', 'truncated'],
    ['bytes behind', '30 06 02 01 01 02 01 01 00', 'trailing_bytes'],
    ['a set', '31 06 02 01 01 02 01 01', 'tag_unexpected'],
  ])('%s', (_, bytes, reason) => {
    const parsed = parseEcdsaSignature(hex(bytes), 32)
    expect(parsed).toMatchObject({ error: { code: 'signature_malformed', reason } })
  })
})
