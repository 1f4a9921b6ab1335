import { utf8 } from '@tacit/base'
import { expect, test } from 'vitest'
import { parseBundle } from './bundle.ts'
import { parseIsoTime, readJson } from '../json-document.ts'

const COLLATERAL = {
  pck_crl_issuer_chain: 'a',
  root_ca_crl: '01',
  pck_crl: '02',
  tcb_info_issuer_chain: 'b',
  tcb_info: 'c',
  tcb_info_signature: '03',
  qe_identity_issuer_chain: 'd',
  qe_identity: 'e',
  qe_identity_signature: '04',
}

function parse(value: unknown): ReturnType<typeof parseBundle> {
  return parseBundle(utf8(typeof value === 'string' ? value : JSON.stringify(value)))
}

test('a bundle with an embedded quote', () => {
  const parsed = parse({
    quote: '0xAB01',
    collateral: COLLATERAL,
    verify_at: '2026-01-02T03:04:05Z',
  })
  expect(parsed).toMatchObject({
    ok: true,
    value: {
      quote: { type: 'bytes', bytes: Uint8Array.of(0xab, 1) },
      verifyAt: Date.UTC(2026, 0, 2, 3, 4, 5) / 1000,
      expected: undefined,
      collateral: { rootCaCrl: Uint8Array.of(1), tcbInfo: utf8('c') },
    },
  })
})

test('a bundle with a path, a number for the time and an expectation', () => {
  const expected = { tcb_status: 'UpToDate', advisory_ids: ['A'], debug: true }
  const parsed = parse({ quote: 'dcap/q.bin', collateral: COLLATERAL, verify_at: 17, expected })
  expect(parsed).toMatchObject({
    value: {
      quote: { type: 'path', path: 'dcap/q.bin' },
      verifyAt: 17,
      expected: { tcbStatus: 'UpToDate', advisories: ['A'], debug: true, tdxModule: undefined },
    },
  })
})

test.each([
  ['not json', '{', { reason: 'not_json', path: '' }],
  ['a list', '[]', { reason: 'value_invalid', path: '' }],
  ['no quote', { collateral: COLLATERAL }, { reason: 'missing', path: 'quote' }],
  ['no collateral', { quote: '00' }, { reason: 'missing', path: 'collateral' }],
  [
    'a path that climbs',
    { quote: '../q', collateral: COLLATERAL },
    { reason: 'value_invalid', path: 'quote' },
  ],
  [
    'an absolute path',
    { quote: '/etc/passwd', collateral: COLLATERAL },
    { reason: 'value_invalid', path: 'quote' },
  ],
  [
    'an empty quote',
    { quote: '', collateral: COLLATERAL },
    { reason: 'value_invalid', path: 'quote' },
  ],
  [
    'a list that is not hex',
    { quote: '00', collateral: { ...COLLATERAL, pck_crl: 'zz' } },
    { reason: 'value_invalid', path: 'collateral.pck_crl' },
  ],
  [
    'a time without zone',
    { quote: '00', collateral: COLLATERAL, verify_at: '2026-01-02T03:04:05' },
    { reason: 'value_invalid', path: 'verify_at' },
  ],
  ['deep nesting', '['.repeat(100_000), { reason: 'too_deep', path: '' }],
  ['too long', `"${'a'.repeat(300_000)}"`, { reason: 'too_long', path: '' }],
])('%s', (_, value, problem) => {
  expect(parse(value)).toEqual({ ok: false, error: { code: 'bundle_malformed', ...problem } })
})

test('brackets in strings are not nesting', () => {
  const text = JSON.stringify({ a: `${'['.repeat(50)}"\\` })
  expect(readJson(utf8(text), (root) => root.get('a').text(99)).ok).toBe(true)
})

test('bytes that are no UTF-8', () => {
  const parsed = readJson(Uint8Array.of(0x22, 0xff, 0x22), (root) => root.text(9))
  expect(parsed).toEqual({ ok: false, error: { reason: 'not_utf8', path: '' } })
})

test.each([
  '2026-02-29T00:00:00Z',
  '2026-13-01T00:00:00Z',
  '2026-01-01T24:00:00Z',
  '2026-01-01T00:00:60Z',
  '2026-1-1T0:0:0Z',
  '2026-01-01T00:00:00.0Z',
  ' 2026-01-01T00:00:00Z',
  '2026-01-01T00:00:00+00:00',
  '',
])('no time: %s', (text) => {
  expect(parseIsoTime(text)).toBeUndefined()
})

test('times agree with Date', () => {
  for (const text of [
    '1970-01-01T00:00:00Z',
    '2000-02-29T23:59:59Z',
    '2100-03-01T00:00:00Z',
    '0000-03-01T00:00:00Z',
    '9999-12-31T23:59:59Z',
  ]) {
    expect(parseIsoTime(text)).toBe(Date.parse(text) / 1000)
  }
})
