import { concatBytes, unwrap, utf8 } from '@tacit/base'
import { describe, expect, test } from 'vitest'
import { hex } from '../testing/kit.ts'
import { parseCertificateTable } from './certificate-table.ts'

const VCEK = '63da758de6644564adc5f4b93be8accd'
const VLEK = 'a8074bc2a25a483eaae639c045a0b8a1'
const ASK = '4ab7b379bbac4fe4a02f05aef327c782'
const ARK = 'c0b406a4a803495297433fb6014cd0ae'
const CRL = '92f81bc358114d3d97ffd19f88dc67ea'
const OTHER = '00112233445566778899aabbccddeeff'

type Row = readonly [id: string, content: Uint8Array]

function table(...rows: readonly Row[]): Uint8Array {
  let offset = 24 * (rows.length + 1)
  const entries = rows.map(([id, { length }]) => {
    const entry = concatBytes(hex(id), u32(offset), u32(length))
    offset += length
    return entry
  })
  return concatBytes(...entries, new Uint8Array(24), ...rows.map(([, content]) => content))
}

function u32(value: number): Uint8Array {
  return Uint8Array.of(value, value >> 8, value >> 16, value >> 24)
}

function reasonOf(bytes: Uint8Array): string | undefined {
  const parsed = parseCertificateTable(bytes)
  return parsed.ok ? undefined : parsed.error.reason
}

describe('parseCertificateTable', () => {
  test('names what is there, and passes over the rest', () => {
    const rows: Row[] = [
      [OTHER, utf8('other')],
      [ASK, utf8('ask')],
      [VCEK, utf8('vcek')],
      [ARK, utf8('ark')],
      [CRL, utf8('crl')],
      [VLEK, new Uint8Array()],
    ]
    const parsed = unwrap(parseCertificateTable(table(...rows)))
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
    const parsed = unwrap(parseCertificateTable(table([VLEK, utf8('vlek')], [ASK, utf8('asvk')])))
    expect(parsed).toMatchObject({ vlek: utf8('vlek'), ask: undefined, asvk: utf8('asvk') })
  })

  test('a table of zeros is empty', () => {
    const empty = unwrap(parseCertificateTable(new Uint8Array(4096)))
    expect(Object.values(empty)).toEqual(Array.from({ length: 6 }))
  })

  test('every way to be wrong has a reason', () => {
    const good = table([VCEK, utf8('vcek')])
    expect(reasonOf(new Uint8Array(1024 * 1024 + 1))).toBe('too_long')
    expect(reasonOf(new Uint8Array(24 * 64).fill(1))).toBe('too_many')
    expect(reasonOf(good.subarray(0, 24))).toBe('unterminated')
    expect(reasonOf(new Uint8Array())).toBe('unterminated')
    expect(reasonOf(good.subarray(0, -1))).toBe('entry_outside')
    expect(reasonOf(good.with(16, 47))).toBe('entry_outside')
    expect(reasonOf(good.with(19, 0xff))).toBe('entry_outside')
    expect(reasonOf(good.with(23, 0xff))).toBe('entry_outside')
    expect(reasonOf(table([VCEK, utf8('a')], [VCEK, utf8('b')]))).toBe('duplicate')
  })

  test('cut short anywhere it is wrong', () => {
    const good = table([VCEK, utf8('vcek')], [ASK, utf8('ask')])
    for (let length = 0; length < good.length; length++) {
      expect(reasonOf(good.subarray(0, length))).toMatch(/^(?:unterminated|entry_outside)$/)
    }
  })
})
