import { bytesToHex, concatBytes, encode, InvariantError, u32, u64, u8, utf8 } from '@tacit/base'
import { createMemoryStore, createOverlay } from '@tacit/state'
import { beforeEach, describe, expect, test } from 'vitest'
import { hashes } from '../testing/crypto.ts'
import type { State } from './state.ts'
import {
  defineStorage,
  storageDoubleMap,
  storageMap,
  storageValue,
  type OptionalDoubleMap,
  type OptionalValue,
  type StorageMap,
} from './storage.ts'

const items: {
  Count: OptionalValue<number>
  Scores: StorageMap<number, bigint>
  Pairs: OptionalDoubleMap<number, number, number>
} = defineStorage('Sample', {
  Count: storageValue({ value: u32, docs: [] }),
  Scores: storageMap({ hasher: 'Identity', key: u8, value: u64, default: 7n, docs: [] }),
  Pairs: storageDoubleMap({
    hashers: ['Twox64Concat', 'Blake2_128Concat'],
    keys: [u32, u32],
    value: u8,
    docs: [],
  }),
})

let state: State
beforeEach(() => {
  state = { ...createOverlay(createMemoryStore()), hashes }
})

test('keys are laid out as in Substrate', () => {
  const root = concatBytes(hashes.twox128(utf8('Sample')), hashes.twox128(utf8('Pairs')))
  const [first, second] = [encode(u32, 1), encode(u32, 2)]
  const key = concatBytes(root, hashes.twox64(first), first, hashes.blake2b128(second), second)
  expect(bytesToHex(items.Pairs.key(hashes, 1, 2))).toBe(bytesToHex(key))
  expect(items.Pairs.prefix(hashes)).toEqual(root)
  expect(items.Pairs.prefix(hashes, 1)).toEqual(key.subarray(0, 32 + 8 + 4))
  expect(items.Pairs.decodeKey(key)).toEqual({ ok: true, value: [1, 2] })
  const longer = concatBytes(key, Uint8Array.of(0))
  expect(items.Pairs.decodeKey(longer)).toMatchObject({ error: { reason: 'trailing_bytes' } })
  expect(items.Pairs.decodeKey(key.subarray(0, 50))).toMatchObject({
    error: { reason: 'truncated' },
  })
})

describe('values', () => {
  test('without a default are absent until they are set', () => {
    expect(items.Count.get(state)).toBeUndefined()
    items.Count.set(state, 3)
    expect([items.Count.get(state), items.Count.has(state)]).toEqual([3, true])
    items.Count.delete(state)
    expect([items.Count.get(state), items.Count.has(state)]).toEqual([undefined, false])
  })

  test('with a default have it', () => {
    expect([items.Scores.get(state, 9), items.Scores.has(state, 9)]).toEqual([7n, false])
    items.Scores.set(state, 9, 0n)
    expect(items.Scores.get(state, 9)).toBe(0n)
    expect(items.Scores).toMatchObject({ modifier: 'Default', fallback: encode(u64, 7n) })
    expect(items.Count).toMatchObject({ modifier: 'Optional', fallback: Uint8Array.of(0) })
  })

  test('that are garbage in state are a bug, in a proof an error', () => {
    state.set(items.Count.key(hashes), Uint8Array.of(1))
    expect(() => items.Count.get(state)).toThrow(InvariantError)
    expect(items.Count.decode(Uint8Array.of(1))).toMatchObject({ error: { reason: 'truncated' } })
    expect(items.Count.decode(encode(u32, 5))).toEqual({ ok: true, value: 5 })
  })
})

describe('entries', () => {
  beforeEach(() => {
    for (const [a, b] of [
      [1, 1],
      [1, 2],
      [2, 1],
    ] as const)
      items.Pairs.set(state, a, b, 10 * a + b)
    for (const score of [5, 1, 3]) items.Scores.set(state, score, BigInt(score))
  })

  test('come in the order of their raw keys, in parts', () => {
    const all = items.Scores.entries(state)
    expect(all.map(({ keys: [score], value }) => [score, value])).toEqual([
      [1, 1n],
      [3, 3n],
      [5, 5n],
    ])
    expect(items.Scores.entries(state, { limit: 1 })).toEqual(all.slice(0, 1))
    expect(items.Scores.entries(state, { startAfter: [1] })).toEqual(all.slice(1))
    expect(items.Scores.entries(state, { startAfter: [2], limit: 1 })).toEqual(all.slice(1, 2))
  })

  test('can be those under a first key', () => {
    const values = items.Pairs.entries(state, { under: [1] }).map(({ value }) => value)
    expect(values.toSorted((a, b) => a - b)).toEqual([11, 12])
    expect(items.Pairs.entries(state, { under: [3] })).toEqual([])
    expect(items.Pairs.entries(state)).toHaveLength(3)
  })
})
