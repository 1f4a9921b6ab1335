import { bytesToHex } from '@tacit/base'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { aeadOpen, aeadSeal } from './aead.ts'
import { hex } from './testing/bytes.ts'

/** McGrew and Viega, "The Galois/Counter Mode of Operation", appendix B: cases 4 and 16. */
const PLAINTEXT = hex(
  `d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72
   1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39`,
)
const PLACE = {
  nonce: hex('cafebabefacedbaddecaf888'),
  aad: hex('feedfacedeadbeeffeedfacedeadbeefabaddad2'),
}
const KEY = hex('feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308')

describe('AES-GCM', () => {
  test.each([
    [
      KEY.subarray(0, 16),
      `42831ec2217774244b7221b784d0d49ce3aa212f2c02a4e035c17e2329aca12e
       21d514b25466931c7d8f6a5aac84aa051ba30b396a0aac973d58e091
       5bc94fbc3221a5db94fae95ae7121a47`,
    ],
    [
      KEY,
      `522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa
       8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662
       76fc6ece0f4e1768cddf8853bb2d551b`,
    ],
  ])('the paper’s vector %#', (key, sealed) => {
    const ciphertext = aeadSeal({ key, ...PLACE, plaintext: PLAINTEXT })
    expect(ciphertext).toEqual(hex(sealed))
    expect(aeadOpen({ key, ...PLACE, ciphertext })).toEqual({ ok: true, value: PLAINTEXT })
  })
  test('WebCrypto opens what we seal', async () => {
    const { subtle } = globalThis.crypto
    const key = await subtle.importKey('raw', KEY.slice(), 'AES-GCM', false, ['decrypt'])
    for (const length of [0, 1, 16, 4096]) {
      const plaintext = new Uint8Array(length).fill(length)
      const ciphertext = aeadSeal({ key: KEY, ...PLACE, plaintext })
      const way = { name: 'AES-GCM', iv: PLACE.nonce.slice(), additionalData: PLACE.aad.slice() }
      const opened = await subtle.decrypt(way, key, ciphertext.slice())
      expect(bytesToHex(new Uint8Array(opened))).toBe(bytesToHex(plaintext))
    }
  })
  test('any changed bit, key, nonce or aad is refused', () => {
    const base = { key: KEY, ...PLACE }
    const ciphertext = aeadSeal({ ...base, plaintext: PLAINTEXT })
    const whole = { ...base, ciphertext }
    const change = fc.record({
      field: fc.constantFrom('key', 'nonce', 'aad', 'ciphertext'),
      at: fc.nat(),
      bit: fc.nat(7),
    })
    fc.assert(
      fc.property(change, ({ field, at, bit }) => {
        const bytes = Uint8Array.from(whole[field])
        const place = at % bytes.length
        bytes[place] = (bytes[place] ?? 0) ^ (1 << bit)
        expect(aeadOpen({ ...whole, [field]: bytes })).toEqual(REFUSED)
      }),
    )
  })
  test.each([
    ['empty', { ciphertext: new Uint8Array() }],
    ['shorter than a tag', { ciphertext: new Uint8Array(15) }],
    ['key of 31 bytes', { key: KEY.subarray(1) }],
    ['no nonce', { nonce: new Uint8Array() }],
  ])('%s is refused', (_name, part) => {
    const ciphertext = aeadSeal({ key: KEY, ...PLACE, plaintext: PLAINTEXT })
    expect(aeadOpen({ key: KEY, ...PLACE, ciphertext, ...part })).toEqual(REFUSED)
  })
})

const REFUSED = { ok: false, error: { code: 'aead_open_failed' } }
