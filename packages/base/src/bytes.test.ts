import { describe, expect, it } from 'vitest'
import {
  bytesToHex,
  bytesToLatin1,
  compareBytes,
  concatBytes,
  equalBytes,
  parseHex,
  parseUtf8,
  startsWith,
  toHex,
} from './bytes.ts'

describe('hex', () => {
  it('reads what it writes, with and without prefix and in either case', () => {
    const bytes = Uint8Array.of(0, 1, 0xab, 0xff)
    expect(toHex(bytes)).toBe('0x0001abff')
    expect(parseHex('0x0001ABff')).toEqual({ ok: true, value: bytes })
    expect(parseHex('0001abff')).toEqual({ ok: true, value: bytes })
    expect(bytesToHex(new Uint8Array())).toBe('')
  })

  it.each(['0', '0x0', '0xzz', ' 00', '0x0x00', '-1', '00\n'])('refuses %j', (text) => {
    expect(parseHex(text)).toEqual({ ok: false, error: { code: 'hex_malformed' } })
  })
})

describe('byte strings', () => {
  it('compares, joins and orders views', () => {
    const view = Uint8Array.of(9, 1, 2, 9).subarray(1, 3)
    expect(equalBytes(view, Uint8Array.of(1, 2))).toBe(true)
    expect(equalBytes(view, Uint8Array.of(1, 3))).toBe(false)
    expect(equalBytes(view, Uint8Array.of(1))).toBe(false)
    expect(concatBytes(view, view)).toEqual(Uint8Array.of(1, 2, 1, 2))
    expect(startsWith(view, Uint8Array.of(1))).toBe(true)
    expect(startsWith(view, Uint8Array.of(1, 2, 3))).toBe(false)
    expect(compareBytes(view, Uint8Array.of(1, 2, 0))).toBeLessThan(0)
    expect(compareBytes(view, Uint8Array.of(0xff))).toBeLessThan(0)
    expect(compareBytes(view, view)).toBe(0)
  })

  it('knows what is not UTF-8', () => {
    expect(parseUtf8(Uint8Array.of(0xc3, 0xa9))).toBe('é')
    expect(parseUtf8(Uint8Array.of(0xc3))).toBeUndefined()
    expect(parseUtf8(Uint8Array.of(0xed, 0xa0, 0x80))).toBeUndefined()
  })
})

describe('bytesToLatin1', () => {
  it('has one character per byte, at every length', () => {
    for (let length = 0; length < 20; length++) {
      const bytes = Uint8Array.from({ length }, (_, at) => 255 - at)
      const text = bytesToLatin1(bytes)
      expect(Array.from(text, (character) => character.charCodeAt(0))).toEqual([...bytes])
    }
  })
})
