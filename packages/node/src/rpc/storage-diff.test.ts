import { native } from '@tacit/crypto/native'
import { createMemoryStore } from '@tacit/state'
import { expect, test } from 'vitest'
import type { StateAt } from '../storage/store.ts'
import { toHex } from './hex.ts'
import { diffStates, type DiffItem, type DiffLimits } from './storage-diff.ts'

const key = (number: number): Uint8Array => Uint8Array.of(number >> 8, number & 255)
const bytes = (number: number): Uint8Array => Uint8Array.of(number)

function stateOf(entries: readonly (readonly [key: number, value: number])[]): StateAt {
  const values = createMemoryStore()
  values.apply(entries.map(([number, value]) => ({ key: key(number), value: bytes(value) })))
  return { values, nodes: values }
}

function diff(before: StateAt, after: StateAt, prefix = new Uint8Array()): readonly DiffItem[] {
  const query = { prefix, asHash: false, isEmpty: false }
  return [...diffStates([query], () => ({ before, after }), native.hashes)].flat()
}

test('added, modified and deleted entries, however many there are and however they lie', () => {
  const range = (from: number, to: number): number[] =>
    Array.from({ length: to - from }, (_, at) => from + at)
  const before = stateOf(range(0, 1_000).map((number) => [number, 1]))
  const after = stateOf([
    ...range(300, 900).map((number) => [number, number === 555 ? 2 : 1] as const),
    ...range(1_500, 2_000).map((number) => [number, 3] as const),
  ])
  const expected = [
    ...range(0, 300).map((number) => [number, 1, 'deleted'] as const),
    [555, 2, 'modified'] as const,
    ...range(900, 1_000).map((number) => [number, 1, 'deleted'] as const),
    ...range(1_500, 2_000).map((number) => [number, 3, 'added'] as const),
  ]
  expect(diff(before, after)).toEqual(
    expected.map(([number, value, type]) => {
      return { key: toHex(key(number)), value: toHex(bytes(value)), type }
    }),
  )
  expect(diff(before, after, Uint8Array.of(2))).toHaveLength(1)
  expect(diff(before, before)).toEqual([])
})

test('a chunk ends behind a quarter of a MiB of values', () => {
  const entries = Array.from({ length: 10 }, (_, number) => {
    return { key: key(number), value: new Uint8Array(100_000).fill(number + 1) }
  })
  const values = createMemoryStore(entries)
  const [before, after] = [stateOf([[0, 1]]), { values, nodes: values }]
  const query = { prefix: new Uint8Array(), asHash: true, isEmpty: false }
  const chunks = [...diffStates([query], () => ({ before, after }), native.hashes)]
  expect(chunks.map(({ length }) => length)).toEqual([3, 3, 3, 1])
  expect(chunks.flat().map((item) => item.key)).toEqual(entries.map((entry) => toHex(entry.key)))
})

test('what one request compares has bounds, by keys and by bytes of both states', () => {
  const state = stateOf(Array.from({ length: 600 }, (_, number) => [number, 1] as const))
  const query = { prefix: new Uint8Array(), asHash: false, isEmpty: false }
  const endOf = (limits: DiffLimits): unknown => {
    const read = (): { before: StateAt; after: StateAt } => ({ before: state, after: state })
    const chunks = diffStates([query, query], read, native.hashes, limits)
    for (let next = chunks.next(); ; next = chunks.next()) if (next.done) return next.value
  }
  expect(endOf({ keys: 1_200, bytes: 2_400 })).toBe('done')
  expect(endOf({ keys: 1_199, bytes: 2_400 })).toBe('too_many')
  expect(endOf({ keys: 1_200, bytes: 2_399 })).toBe('too_many')
})

test('a state that is gone ends it', () => {
  const query = { prefix: new Uint8Array(), asHash: true, isEmpty: false }
  expect(diffStates([query], () => undefined, native.hashes).next()).toEqual({
    done: true,
    value: 'pruned',
  })
})
