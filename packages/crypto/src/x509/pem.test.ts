import { utf8 } from '@tacit/base'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parsePemCertificates } from './pem.ts'

function pem(body: string): string {
  return `-----BEGIN CERTIFICATE-----${body}-----END CERTIFICATE-----`
}

function parse(text: string, max = 3): ReturnType<typeof parsePemCertificates> {
  return parsePemCertificates(utf8(text), max)
}

test('any bytes come back, in order, whatever the line length and ending', () => {
  const ders = fc.array(fc.uint8Array({ minLength: 1, maxLength: 90 }), {
    minLength: 1,
    maxLength: 3,
  })
  const property = fc.property(
    ders,
    fc.integer({ min: 1, max: 76 }),
    fc.boolean(),
    (all, width, isDos) => {
      const end = isDos ? '\r\n' : '\n'
      const blocks = all.map((der) => {
        const lines =
          Buffer.from(der)
            .toString('base64')
            .match(new RegExp(`.{1,${width}}`, 'g')) ?? []
        return pem(`${end}${lines.join(end)}${end}`)
      })
      expect(parse(`${blocks.join(end)}${end}\0`)).toEqual({ ok: true, value: all })
    },
  )
  fc.assert(property, { numRuns: 100 })
})

test.each([
  ['', 'empty'],
  [' \n\0', 'empty'],
  ['text', 'boundary_invalid'],
  ['-----BEGIN CERTIFICATE-----AAAA', 'boundary_invalid'],
  ['-----BEGIN CERTIFICATE-----AAAA-----END CERTIFICATE----', 'boundary_invalid'],
  ['-----BEGIN PUBLIC KEY-----AAAA-----END PUBLIC KEY-----', 'boundary_invalid'],
  [`${pem('AAAA')}x`, 'boundary_invalid'],
  [pem(''), 'base64_invalid'],
  [pem('A'), 'base64_invalid'],
  [pem('AA'), 'base64_invalid'],
  [pem('AA='), 'base64_invalid'],
  [pem('AA==='), 'base64_invalid'],
  [pem('AB=='), 'base64_invalid'],
  [pem('AAB='), 'base64_invalid'],
  [pem('AA==AAAA'), 'base64_invalid'],
  [pem('AA=A'), 'base64_invalid'],
  [pem('AAAA===='), 'base64_invalid'],
  [pem('AA_A'), 'base64_invalid'],
  [pem('AA A'), 'base64_invalid'],
  [pem('AA\0A'), 'base64_invalid'],
  [pem('AAAA').repeat(4), 'too_many'],
  [' '.repeat(64 * 1024 + 1), 'too_long'],
])('%j: %s', (text, reason) => {
  expect(parse(text)).toEqual({ ok: false, error: { code: 'pem_malformed', reason } })
})
