import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { err, parseUtf8, unwrap, utf8 } from '@tacit/base'
import { cutSignedMember } from './signed-member.ts'

const SIGNATURE = 'ab'.repeat(64)
const cut = (body: string) => cutSignedMember(utf8(body), 'tcb_info')
const malformed = (reason: string) =>
  err({ code: 'document_malformed', document: 'tcb_info', reason })

describe('the signed member', () => {
  test.each([
    ['as Intel sends it', `{"tcbInfo":{"a":1},"signature":"${SIGNATURE}"}`, '{"a":1}'],
    ['in the other order', `{"signature":"${SIGNATURE}","tcbInfo":{"a":1}}`, '{"a":1}'],
    [
      'with space',
      ` {\n"tcbInfo" :\t{ "a" : [1] } , "signature": "${SIGNATURE}" } `,
      '{ "a" : [1] }',
    ],
    [
      'with brackets in text',
      `{"tcbInfo":{"a":"}\\"]{"},"signature":"${SIGNATURE}"}`,
      '{"a":"}\\"]{"}',
    ],
    ['among others', `{"x":[{}],"tcbInfo":{},"y":1e3,"z":"","signature":"${SIGNATURE}"}`, '{}'],
    ['of another type', `{"tcbInfo":12,"signature":"${SIGNATURE}"}`, '12'],
  ])('is cut out byte for byte, %s', (_, body, expected) => {
    expect(parseUtf8(unwrap(cut(body)).bytes)).toBe(expected)
  })

  test.each([
    ['', 'not_json'],
    ['<html></html>', 'not_json'],
    ['[]', 'not_json'],
    ['"tcbInfo"', 'not_json'],
    ['{"tcbInfo":{}', 'not_json'],
    [`{"tcbInfo":{},"tcbInfo":{"a":1},"signature":"${SIGNATURE}"}`, 'not_json'],
    [`{"tcbinfo":{},"signature":"${SIGNATURE}"}`, 'member_missing'],
    [`{"a":{"tcbInfo":{}},"signature":"${SIGNATURE}"}`, 'member_missing'],
    ['{"tcbInfo":{}}', 'signature_malformed'],
    ['{"tcbInfo":{},"signature":"abcd"}', 'signature_malformed'],
    [`{"tcbInfo":{},"signature":["${SIGNATURE}"]}`, 'signature_malformed'],
    [`{"tcbInfo":{},"signature":"${'x'.repeat(128)}"}`, 'signature_malformed'],
  ])('is refused in %s as %s', (body, reason) => {
    expect(cut(body)).toEqual(malformed(reason))
  })

  test('bytes that are not UTF-8 are not JSON', () => {
    expect(cutSignedMember(Uint8Array.of(0x7b, 0xff, 0x7d), 'tcb_info')).toEqual(
      malformed('not_json'),
    )
  })

  test('is what JSON says, for any content and spacing', () => {
    const space = fc.stringMatching(/^[ \t\r\n]{0,2}$/)
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), space, space, (value, other, a, b) => {
        const text = JSON.stringify(value)
        const name = JSON.stringify('more')
        const body = `{${a}${name}${b}:${JSON.stringify(other, null, 1)}${a},"tcbInfo":${b}${text}${a},"signature"${b}:"${SIGNATURE}"${a}}`
        expect(parseUtf8(unwrap(cut(body)).bytes)).toBe(text)
      }),
    )
  })

  test('any bytes give a code or a member, never a fault', () => {
    const fragment = fc.constantFrom('{', '}', '[', ']', '"', '\\', ':', ',', 'tcbInfo', '1', ' ')
    fc.assert(
      fc.property(fc.array(fragment, { maxLength: 30 }), (parts) => {
        expect(cut(parts.join('')).ok).toBe(false)
      }),
      { numRuns: 2_000 },
    )
  })
})
