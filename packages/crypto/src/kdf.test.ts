import { bytesToHex, utf8 } from '@tacit/base'
import { describe, expect, test } from 'vitest'
import { hkdfSha256, hmacSha256 } from './kdf.ts'
import { hex } from './testing/bytes.ts'

const range = (from: number, to: number): Uint8Array =>
  Uint8Array.from({ length: to - from }, (_, at) => from + at)

/** RFC 5869, appendix A.1 to A.3. */
describe('HKDF-SHA256', () => {
  test('A.1, basic', () => {
    const okm = hkdfSha256(new Uint8Array(22).fill(0x0b), range(0, 13), range(0xf0, 0xfa), 42)
    expect(bytesToHex(okm)).toBe(
      '3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865',
    )
  })
  test('A.2, longer inputs', () => {
    const okm = hkdfSha256(range(0, 0x50), range(0x60, 0xb0), range(0xb0, 0x100), 82)
    expect(bytesToHex(okm)).toBe(
      'b11e398dc80327a1c8e7f78c596a49344f012eda2d4efad8a050cc4c19afa97c59045a99cac7827271cb41c65e590e09da3275600c2f09b8367793a9aca3db71cc30c58179ec3e87c14c01d5c1f3434f1d87',
    )
  })
  test('A.3, no salt and no info', () => {
    const okm = hkdfSha256(new Uint8Array(22).fill(0x0b), new Uint8Array(), new Uint8Array(), 42)
    expect(bytesToHex(okm)).toBe(
      '8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8',
    )
  })
})

/** RFC 4231, test cases 1, 2 and 6. */
describe('HMAC-SHA256', () => {
  test.each([
    [
      new Uint8Array(20).fill(0x0b),
      'Hi There',
      'b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7',
    ],
    [
      utf8('Jefe'),
      'what do ya want for nothing?',
      '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843',
    ],
    [
      new Uint8Array(131).fill(0xaa),
      'Test Using Larger Than Block-Size Key - Hash Key First',
      '60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54',
    ],
  ])('case %#', (key, message, mac) => {
    expect(hmacSha256(key, utf8(message))).toEqual(hex(mac))
  })
})
