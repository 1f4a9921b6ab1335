import { bytes, concatBytes, encode, u32 } from '@tacit/base'
import { expect, test } from 'vitest'
import { hashes } from '../testing/crypto.ts'
import { createKeyMaker } from './storage-key.ts'

test('what a map remembers of its keys changes none, however many come', () => {
  const make = createKeyMaker('Sample', 'Map', ['Twox64Concat'], [u32])
  const root = make(hashes)
  const expected = (key: number): Uint8Array =>
    concatBytes(root, hashes.twox64(encode(u32, key)), encode(u32, key))
  for (let key = 0; key < 5_000; key++) make(hashes, key)
  for (const key of [0, 1, 4_095, 4_096, 4_999]) {
    expect(make(hashes, key)).toEqual(expected(key))
    expect(make(hashes, key)).toBe(make(hashes, key))
  }
})

test('a key of bytes counts by its content when it is asked for', () => {
  const make = createKeyMaker('Sample', 'Map', ['Blake2_128Concat'], [bytes])
  const key = Uint8Array.of(1, 2)
  const first = make(hashes, key)
  key[0] = 9
  expect(make(hashes, key)).not.toEqual(first)
  expect(make(hashes, Uint8Array.of(1, 2))).toEqual(first)
})
