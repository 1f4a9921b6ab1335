import { bytesToHex, unwrap, utf8 } from '@tacit/base'
import { describe, expect, test } from 'vitest'
import { NOW, verify } from '../testing/kit.ts'
import { amdOf, snp } from '../testing/snp-kit.ts'
import { parseSnpBundle } from './bundle.ts'
import { decideSnp } from './verify.ts'

const { report, collateral } = snp()
const { endorsement } = collateral
const chain = collateral.chain ?? new Uint8Array()
const crl = collateral.crl ?? new Uint8Array()
const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64')
const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes)
const pem = `-----BEGIN CERTIFICATE-----\n${base64(endorsement)}\n-----END CERTIFICATE-----\n`
const json = (value: unknown): Uint8Array => utf8(JSON.stringify(value))

describe('parseSnpBundle', () => {
  test('with everything, it verifies', () => {
    const bundle = unwrap(
      parseSnpBundle(
        json({
          name: 'synthetic',
          report: bytesToHex(report),
          vcek: pem,
          chain: text(chain),
          crl: base64(crl),
          verify_at: '2026-06-01T00:00:00Z',
          expected: { family: 'Genoa', debug: false },
        }),
      ),
    )
    expect(bundle).toEqual({
      name: 'synthetic',
      report,
      collateral,
      verifyAt: NOW,
      expected: { code: undefined, family: 'Genoa', debug: false },
    })
    const input = { ...bundle, roots: [amdOf().root], now: bundle.verifyAt ?? 0 }
    expect(decideSnp(input, verify)).toMatchObject({ ok: true })
  })

  test('with the least', () => {
    const bundle = unwrap(
      parseSnpBundle(json({ report: base64(report), vlek: bytesToHex(endorsement) })),
    )
    expect(bundle).toEqual({
      name: undefined,
      report,
      collateral: { endorsement, chain: undefined, crl: undefined },
      verifyAt: undefined,
      expected: undefined,
    })
  })

  test.each([
    ['no report', { vcek: pem }, 'missing', 'report'],
    ['no certificate', { report: 'aa' }, 'missing', 'vcek'],
    ['a report that is no text', { report: [1], vcek: pem }, 'value_invalid', 'report'],
    ['an empty report', { report: '', vcek: pem }, 'value_invalid', 'report'],
    ['a report in no form', { report: '!', vcek: pem }, 'value_invalid', 'report'],
    ['two certificates', { report: 'aa', vcek: pem + pem }, 'value_invalid', 'vcek'],
    ['a list in no form', { report: 'aa', vcek: pem, crl: '?' }, 'value_invalid', 'crl'],
    [
      'a time in no form',
      { report: 'aa', vcek: pem, verify_at: 'x' },
      'value_invalid',
      'verify_at',
    ],
    [
      'an unknown family',
      { report: 'aa', vcek: pem, expected: { family: 'Rome' } },
      'value_invalid',
      'expected.family',
    ],
    [
      'a flag that is text',
      { report: 'aa', vcek: pem, expected: { debug: 'no' } },
      'value_invalid',
      'expected.debug',
    ],
  ])('%s', (_, value, reason, path) => {
    const error = { code: 'bundle_malformed', reason, path }
    expect(parseSnpBundle(json(value))).toEqual({ ok: false, error })
  })

  test('a time may be in seconds', () => {
    const bundle = parseSnpBundle(json({ report: 'aa', vcek: pem, verify_at: NOW }))
    expect(bundle).toMatchObject({ value: { verifyAt: NOW } })
  })

  test('more than 256 KiB is not read', () => {
    expect(parseSnpBundle(new Uint8Array(256 * 1024 + 1))).toMatchObject({
      error: { reason: 'too_long' },
    })
  })
})
