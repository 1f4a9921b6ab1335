import { bytesToHex, utf8 } from '@tacit/base'
import { describe, expect, test } from 'vitest'
import { native } from './native/index.ts'
import { portable } from './portable/index.ts'
import type { Hashes } from './types.ts'

/** Published values: RFC 7693 (BLAKE2b-512), FIPS 180-4, BLAKE3's, xxHash's and Substrate's own. */
const VECTORS: readonly (readonly [name: keyof Hashes, input: string, output: string])[] = [
  ['blake2b128', '', 'cae66941d9efbd404e4d88758ea67670'],
  ['blake2b256', '', '0e5751c026e543b2e8ab2eb06099daa1d1e5df47778f7787faab45cdf12fe3a8'],
  [
    'blake2b512',
    'abc',
    'ba80a53f981c4d0d6a2797b69f12f6e94c212f14685ac4b74b12bb6fdbffa2d17d87c5392aab792dc252d5de4533cc9518d38aa8dbf1925ab92386edd4009923',
  ],
  // XXH64("", seed 0) is ef46db3751d8e999; Substrate writes it little-endian.
  ['twox64', '', '99e9d85137db46ef'],
  ['twox128', 'System', '26aa394eea5630e07c48ae0c9558cef7'],
  ['twox128', 'Account', 'b99d880ec681799c0cf30e8886371da9'],
  ['sha256', 'abc', 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'],
  [
    'sha384',
    'abc',
    'cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed8086072ba1e7cc2358baeca134c825a7',
  ],
  ['keccak256', '', 'c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470'],
  ['blake3', '', 'af1349b9f5f9a1a6a0404dea36dcc9499bcb25c9adc112b7cc9a93cae41f3262'],
  ['sha1', 'abc', 'a9993e364706816aba3e25717850c26c9cd0d89d'],
]

describe.each([native, portable])('$name', ({ hashes }) => {
  test.each(VECTORS)('%s of "%s"', (name, input, output) => {
    expect(bytesToHex(hashes[name](utf8(input)))).toBe(output)
  })
  test('each gives its own length, in memory of its own', () => {
    const lengths = Object.fromEntries(
      Object.entries(hashes).map(([name, hash]) => [name, hash(new Uint8Array(3)).length]),
    )
    expect(lengths).toEqual({
      blake2b128: 16,
      blake2b256: 32,
      blake2b512: 64,
      twox64: 8,
      twox128: 16,
      sha256: 32,
      sha384: 48,
      keccak256: 32,
      blake3: 32,
      sha1: 20,
    })
    for (const hash of Object.values(hashes)) {
      const digest = hash(new Uint8Array(3))
      expect(digest.constructor).toBe(Uint8Array)
      expect(digest.buffer.byteLength).toBe(digest.length)
    }
  })
})
