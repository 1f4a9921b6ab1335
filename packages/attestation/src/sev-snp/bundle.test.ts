import { bytesToHex, concatBytes, unwrap, utf8 } from '@tacit/base'
import { describe, expect, test } from 'vitest'
import { evidenceFolder, hex, NOW, readListedFile, verify } from '../testing/kit.ts'
import { amdOf, MEASUREMENT, snp } from '../testing/snp-kit.ts'
import { parseSnpBundle } from './bundle.ts'
import { recognizeSnp, type SnpFile } from './recognize.ts'
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

describe('recognizeSnp', () => {
  const hcl = amdOf().launchGuest({ measurement: MEASUREMENT }).hclReport()
  const entry = (id: string, offset: number, length: number): Uint8Array => {
    const bytes = concatBytes(hex(id), new Uint8Array(8))
    new DataView(bytes.buffer).setUint32(16, offset, true)
    new DataView(bytes.buffer).setUint32(20, length, true)
    return bytes
  }
  const vcekEntry = entry('63da758de6644564adc5f4b93be8accd', 48, endorsement.length)
  const table = concatBytes(vcekEntry, new Uint8Array(24), endorsement)

  test.each<[string, Uint8Array, SnpFile]>([
    ['a report', report, { type: 'report', report }],
    ['its hex', utf8(`${bytesToHex(report)}\n`), { type: 'report', report }],
    ['its base64', utf8(` ${base64(report)}`), { type: 'report', report }],
    ['the certificate', endorsement, { type: 'endorsement', endorsement, chain: undefined }],
    ['it in PEM', utf8(pem), { type: 'endorsement', endorsement, chain: undefined }],
    [
      'it with its chain',
      concatBytes(utf8(pem), chain),
      { type: 'endorsement', endorsement, chain },
    ],
    ['the chain', chain, { type: 'chain', chain }],
    ['the list', crl, { type: 'crl', crl }],
  ])('%s', (_, bytes, expected) => {
    expect(recognizeSnp(bytes)).toEqual(expected)
  })

  test('containers', () => {
    expect(recognizeSnp(hcl)?.type).toBe('hcl')
    expect(recognizeSnp(table)).toMatchObject({ type: 'table', table: { vcek: endorsement } })
    const bundle = json({ report: base64(report), vcek: pem })
    expect(recognizeSnp(bundle)?.type).toBe('bundle')
    const azure = json({ hcl_report: base64(hcl), vcek: pem })
    expect(recognizeSnp(azure)?.type).toBe('azure')
  })

  test.each([
    ['nothing', new Uint8Array()],
    ['zeros', new Uint8Array(1184)],
    ['a report cut short', report.subarray(0, -1)],
    ['its hex cut short', utf8(bytesToHex(report).slice(2))],
    ['text', utf8('hello')],
    ['other JSON', utf8('{}')],
    ['an HCL report of a TD', hcl.with(1224, 4)],
    ['an HCL report cut short', hcl.subarray(0, 1000)],
    ['a root alone', utf8(text(chain).slice(text(chain).lastIndexOf('-----BEGIN')))],
    ['PEM of nothing', utf8('-----BEGIN CERTIFICATE-----')],
    ['DER of nothing', Uint8Array.of(0x30, 0)],
    ['a table without a key', concatBytes(new Uint8Array(24), endorsement)],
    ['64 MB', new Uint8Array(64 * 1024 * 1024).fill(0x20)],
  ])('%s is none of it', (_, bytes) => expect(recognizeSnp(bytes)).toBeUndefined())
})

describe.runIf(evidenceFolder !== undefined)('real files', () => {
  test.each([
    ['gosev__attestation.bin', 'report'],
    ['virtee__report_milan.hex', 'report'],
    ['gosev__vcek.testcer', 'endorsement'],
    ['virtee__vcek_turin.der', 'endorsement'],
    ['msft__milan_vcek.pem', 'endorsement'],
    ['trustee__az-snp-vtpm__vcek.pem', 'endorsement'],
    ['roots/ask_ark_milan.pem', 'chain'],
    ['roots/ask_ark_turin_vlek.pem', 'chain'],
    ['trustee__az-snp-vtpm__hcl-report.bin', 'hcl'],
    ['trustee__az-snp-vtpm__evidence-genoa.json', 'azure'],
    ['trustee__az-snp-vtpm__evidence-v2.json', 'azure'],
    ['trustee__az-tdx-vtpm__evidence-v1.json', 'azure'],
  ])('%s is a %s', (name, type) => {
    expect(recognizeSnp(readListedFile(evidenceFolder ?? '', `snp/${name}`))?.type).toBe(type)
  })
})
