import { beforeEach, describe, expect, it, vi } from 'vitest'
import { InvariantError, utf8 } from '@tacit/base'
import { createMemoryStore } from './memory-store.ts'
import { createOverlay, type Overlay } from './overlay.ts'

const store = createMemoryStore(
  ['a', 'b1', 'b2', 'b3', 'c'].map((key) => ({ key: utf8(key), value: utf8(`base ${key}`) })),
)
const read = (overlay: Overlay, key: string): string | undefined => {
  const value = overlay.get(utf8(key))
  return value && new TextDecoder().decode(value)
}
const names = (keys: readonly Uint8Array[]): string =>
  keys.map((key) => new TextDecoder().decode(key)).join(' ')
const list = (overlay: Overlay, prefix: string, after?: string, limit?: number): string =>
  names(overlay.keysWithPrefix(utf8(prefix), after === undefined ? after : utf8(after), limit))

describe('reading', () => {
  it('sees changes over the base, and the base where nothing changed', () => {
    const overlay = createOverlay(store)
    overlay.set(utf8('a'), utf8('new'))
    overlay.delete(utf8('c'))
    expect([
      read(overlay, 'a'),
      read(overlay, 'b1'),
      read(overlay, 'c'),
      read(overlay, 'd'),
    ]).toEqual(['new', 'base b1', undefined, undefined])
    expect(read(createOverlay(store), 'a')).toBe('base a')
  })

  it('tells an empty value from none', () => {
    const overlay = createOverlay(store)
    overlay.set(utf8('b0'), new Uint8Array())
    expect(overlay.get(utf8('b0'))).toEqual(new Uint8Array())
    expect(list(overlay, 'b')).toBe('b0 b1 b2 b3')
  })

  it('lists keys in order, with what was added and without what was removed', () => {
    const overlay = createOverlay(store)
    for (const key of ['b9', 'b', 'b15', 'bz', 'ax']) overlay.set(utf8(key), utf8('x'))
    overlay.delete(utf8('b2'))
    overlay.set(utf8('b3'), utf8('over'))
    expect(list(overlay, 'b')).toBe('b b1 b15 b3 b9 bz')
    expect(list(overlay, 'b', undefined, 3)).toBe('b b1 b15')
    expect(list(overlay, 'b', 'b1')).toBe('b15 b3 b9 bz')
    expect(list(overlay, 'b', 'b2', 2)).toBe('b3 b9')
    expect(list(overlay, 'b', 'a')).toBe('b b1 b15 b3 b9 bz')
    expect(list(overlay, 'b', 'bzz')).toBe('')
    expect(list(overlay, '', 'bz')).toBe('c')
    expect(list(overlay, 'b', undefined, 0)).toBe('')
    overlay.set(utf8('b0'), utf8('later'))
    expect(list(overlay, 'b', undefined, 3)).toBe('b b0 b1')
  })
})

describe('clearPrefix', () => {
  it('removes what the base holds and what was added', () => {
    const overlay = createOverlay(store)
    overlay.set(utf8('b0'), utf8('x'))
    expect(overlay.clearPrefix(utf8('b'))).toBe(4)
    expect(list(overlay, '')).toBe('a c')
    expect(overlay.clearPrefix(utf8('b'))).toBe(0)
  })

  it('stops at a limit, in order', () => {
    const overlay = createOverlay(store)
    expect(overlay.clearPrefix(utf8('b'), 2)).toBe(2)
    expect(list(overlay, 'b')).toBe('b3')
  })
})

describe('transactions', () => {
  it('undo what they did, one level at a time', () => {
    const overlay = createOverlay(store)
    overlay.set(utf8('a'), utf8('0'))
    overlay.begin()
    overlay.set(utf8('a'), utf8('1'))
    overlay.set(utf8('n'), utf8('1'))
    overlay.begin()
    overlay.delete(utf8('a'))
    overlay.clearPrefix(utf8('b'))
    overlay.rollback()
    expect([read(overlay, 'a'), read(overlay, 'b2'), read(overlay, 'n')]).toEqual([
      '1',
      'base b2',
      '1',
    ])
    overlay.rollback()
    expect([read(overlay, 'a'), read(overlay, 'n'), list(overlay, 'n')]).toEqual([
      '0',
      undefined,
      '',
    ])
  })

  it('hand what they kept to the one around them, which can still undo it', () => {
    const overlay = createOverlay(store)
    overlay.begin()
    overlay.set(utf8('a'), utf8('1'))
    overlay.begin()
    overlay.set(utf8('a'), utf8('2'))
    overlay.set(utf8('n'), utf8('2'))
    overlay.commit()
    expect(read(overlay, 'a')).toBe('2')
    overlay.rollback()
    expect([read(overlay, 'a'), read(overlay, 'n')]).toEqual(['base a', undefined])
    expect(overlay.changes()).toEqual([])
  })

  it('are opened before they are closed', () => {
    const overlay = createOverlay(store)
    expect(() => overlay.commit()).toThrow(InvariantError)
    expect(() => overlay.rollback()).toThrow(InvariantError)
    overlay.begin()
    expect(() => overlay.changes()).toThrow(InvariantError)
  })
})

it('gives its changes in ascending order, each key once', () => {
  const overlay = createOverlay(store)
  for (const key of ['z', 'a', 'z']) overlay.set(utf8(key), utf8(`new ${key}`))
  overlay.delete(utf8('c'))
  expect(overlay.changes()).toEqual([
    { key: utf8('a'), value: utf8('new a') },
    { key: utf8('c'), value: undefined },
    { key: utf8('z'), value: utf8('new z') },
  ])
})

it('stands over another overlay', () => {
  const lower = createOverlay(store)
  lower.set(utf8('b5'), utf8('lower'))
  lower.delete(utf8('b1'))
  const upper = createOverlay(lower)
  upper.delete(utf8('b2'))
  upper.set(utf8('b4'), utf8('upper'))
  expect(list(upper, 'b')).toBe('b3 b4 b5')
  lower.begin()
  expect(read(upper, 'b5')).toBe('lower')
})

describe('decoded values', () => {
  const form = {
    encode: vi.fn((text: string) => utf8(text)),
    decode: vi.fn((bytes: Uint8Array) => new TextDecoder().decode(bytes)),
  }
  beforeEach(() => void [form.encode.mockClear(), form.decode.mockClear()])

  it('are encoded once, when their bytes are asked for, and never decoded', () => {
    const overlay = createOverlay(store)
    for (const text of ['one', 'two', 'three']) {
      overlay.store(utf8('a'), text, form)
      expect(overlay.load(utf8('a'), form)).toBe(text)
    }
    expect(form.encode).not.toHaveBeenCalled()
    expect(read(overlay, 'a')).toBe('three')
    expect(overlay.changes()).toEqual([{ key: utf8('a'), value: utf8('three') }])
    expect(form.encode).toHaveBeenCalledTimes(1)
    expect(form.decode).not.toHaveBeenCalled()
  })

  it('of the base are decoded once', () => {
    const overlay = createOverlay(store)
    expect([overlay.load(utf8('a'), form), overlay.load(utf8('a'), form)]).toEqual([
      'base a',
      'base a',
    ])
    expect(overlay.load(utf8('d'), form)).toBeUndefined()
    expect(form.decode).toHaveBeenCalledTimes(1)
    expect(overlay.changes()).toEqual([])
  })

  it('come back as they were when a transaction is undone', () => {
    const overlay = createOverlay(store)
    overlay.store(utf8('a'), 'before', form)
    overlay.begin()
    overlay.store(utf8('a'), 'after', form)
    overlay.delete(utf8('b1'))
    expect([overlay.load(utf8('a'), form), overlay.load(utf8('b1'), form)]).toEqual([
      'after',
      undefined,
    ])
    overlay.rollback()
    expect([overlay.load(utf8('a'), form), overlay.load(utf8('b1'), form)]).toEqual([
      'before',
      'base b1',
    ])
  })
})

describe('what is removed', () => {
  const key = (number: number): Uint8Array => Uint8Array.of(7, number >> 8, number & 255)
  const full = createMemoryStore(
    Array.from({ length: 2_000 }, (_, at) => ({ key: key(at), value: utf8('x') })),
  )

  /** A base that counts the keys that it lists. */
  function counted(): { overlay: Overlay; listed: () => number } {
    let listed = 0
    const keysWithPrefix: Overlay['keysWithPrefix'] = (...query) => {
      const keys = full.keysWithPrefix(...query)
      listed += keys.length
      return keys
    }
    return { overlay: createOverlay({ ...full, keysWithPrefix }), listed: () => listed }
  }

  it('is passed over once, however often one looks for what is left', () => {
    const { overlay, listed } = counted()
    for (let round = 0; round < 20; round++) {
      overlay.begin()
      const keys = overlay.keysWithPrefix(Uint8Array.of(7), undefined, 100)
      expect(keys[0]).toEqual(key(100 * round))
      for (const one of keys) overlay.delete(one)
      overlay.commit()
    }
    expect(listed()).toBe(2_000 + 19 * 100)
    for (let round = 0; round < 50; round++)
      expect(overlay.keysWithPrefix(Uint8Array.of(7), undefined, 100)).toEqual([])
    expect(listed()).toBe(2_000 + 19 * 100 + 100)
  })

  it('is seen again once it is written, or its removal is undone', () => {
    const { overlay } = counted()
    const first = (): Uint8Array | undefined =>
      overlay.keysWithPrefix(Uint8Array.of(7), undefined, 1)[0]
    for (let at = 0; at < 10; at++) overlay.delete(key(at))
    expect(first()).toEqual(key(10))
    for (const at of [9, 3]) {
      overlay.set(key(at), utf8('again'))
      expect(first()).toEqual(key(at))
    }
    for (const at of [9, 3]) overlay.delete(key(at))
    overlay.delete(key(20))
    expect(overlay.keysWithPrefix(Uint8Array.of(7), undefined, 0)).toEqual([])
    expect(first()).toEqual(key(10))
    overlay.begin()
    overlay.delete(key(10))
    expect(first()).toEqual(key(11))
    overlay.rollback()
    expect(first()).toEqual(key(10))
    expect(overlay.keysWithPrefix(Uint8Array.of(7), key(4), 1)).toEqual([key(10)])
    expect(overlay.keysWithPrefix(Uint8Array.of(7), key(12), 1)).toEqual([key(13)])
  })
})
