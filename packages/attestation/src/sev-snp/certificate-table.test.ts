import { unwrap, utf8 } from '@tacit/base'
import { describe, expect, test } from 'vitest'
import {
  ARK,
  ASK,
  CRL,
  VCEK,
  VLEK,
  writeCertificateTable,
  type TableRow,
} from '../testing/certificate-table-writer.ts'
import { parseCertificateTable } from './certificate-table.ts'

const OTHER = '00112233445566778899aabbccddeeff'

function reasonOf(bytes: Uint8Array): string | undefined {
  const parsed = parseCertificateTable(bytes)
  return parsed.ok ? undefined : parsed.error.reason
}

describe('parseCertificateTable', () => {
  test('names what is there, and passes over the rest', () => {
    const rows: TableRow[] = [
      [OTHER, utf8('other')],
      [ASK, utf8('ask')],
      [VCEK, utf8('vcek')],
      [ARK, utf8('ark')],
      [CRL, utf8('crl')],
      [VLEK, new Uint8Array()],
    ]
    const parsed = unwrap(parseCertificateTable(writeCertificateTable(...rows)))
    expect(parsed).toEqual({
      vcek: utf8('vcek'),
      vlek: undefined,
      ask: utf8('ask'),
      asvk: undefined,
      ark: utf8('ark'),
      crl: utf8('crl'),
    })
  })

  test('beside a VLEK, the ASK is an ASVK', () => {
    const parsed = unwrap(
      parseCertificateTable(writeCertificateTable([VLEK, utf8('vlek')], [ASK, utf8('asvk')])),
    )
    expect(parsed).toMatchObject({ vlek: utf8('vlek'), ask: undefined, asvk: utf8('asvk') })
  })

  test('a table of zeros is empty', () => {
    const empty = unwrap(parseCertificateTable(new Uint8Array(4096)))
    expect(Object.values(empty)).toEqual(Array.from({ length: 6 }))
  })

  test('every way to be wrong has a reason', () => {
    const good = writeCertificateTable([VCEK, utf8('vcek')])
    expect(reasonOf(new Uint8Array(1024 * 1024 + 1))).toBe('too_long')
    expect(reasonOf(new Uint8Array(24 * 64).fill(1))).toBe('too_many')
    expect(reasonOf(good.subarray(0, 24))).toBe('unterminated')
    expect(reasonOf(new Uint8Array())).toBe('unterminated')
    expect(reasonOf(good.subarray(0, -1))).toBe('entry_outside')
    expect(reasonOf(good.with(16, 47))).toBe('entry_outside')
    expect(reasonOf(good.with(19, 0xff))).toBe('entry_outside')
    expect(reasonOf(good.with(23, 0xff))).toBe('entry_outside')
    expect(reasonOf(writeCertificateTable([VCEK, utf8('a')], [VCEK, utf8('b')]))).toBe('duplicate')
  })

  test('cut short anywhere it is wrong', () => {
    const good = writeCertificateTable([VCEK, utf8('vcek')], [ASK, utf8('ask')])
    for (let length = 0; length < good.length; length++) {
      expect(reasonOf(good.subarray(0, length))).toMatch(/^(?:unterminated|entry_outside)$/)
    }
  })
})
