import { describe, expect, it } from 'vitest'
import { bytesToHex, parseHex } from '../bytes.ts'
import { unwrap } from '../result.ts'
import { decode, decodePrefix, encode, type Codec } from './codec.ts'
import {
  array,
  lazy,
  mapped,
  names,
  option,
  struct,
  tuple,
  variant,
  vec,
  type CaseOf,
} from './combinators.ts'
import { MAX_DEPTH, MAX_NESTED, type ScaleReason } from './cursor.ts'
import {
  accountId,
  bool,
  boundedBytes,
  boundedStr,
  bytes,
  compactU128,
  compactU32,
  compactU64,
  fixedBytes,
  str,
  u128,
  u16,
  u32,
  u64,
  u8,
  unit,
} from './primitives.ts'

const hex = (text: string): Uint8Array => unwrap(parseHex(text))
const refuses = <T>(codec: Codec<T>, input: string, reason: ScaleReason, at: number): void =>
  expect(decode(codec, hex(input))).toEqual({
    ok: false,
    error: { code: 'scale_malformed', reason, at },
  })

/** From the SCALE specification: https://docs.polkadot.com/polkadot-protocol/basics/data-encoding/ */
describe('known encodings', () => {
  const cases: readonly [string, Uint8Array][] = [
    ['45', encode(u8, 69)],
    ['2a00', encode(u16, 42)],
    ['ffffff00', encode(u32, 16_777_215)],
    ['0100000000000080', encode(u64, 0x8000_0000_0000_0001n)],
    ['01000000000000000000000000000080', encode(u128, (1n << 127n) + 1n)],
    ['00', encode(compactU32, 0)],
    ['04', encode(compactU32, 1)],
    ['a8', encode(compactU32, 42)],
    ['1501', encode(compactU32, 69)],
    ['feff0300', encode(compactU32, 65_535)],
    ['0300000040', encode(compactU32, 2 ** 30)],
    ['03ffffffff', encode(compactU32, 2 ** 32 - 1)],
    ['0b00407a10f35a', encode(compactU64, 100_000_000_000_000n)],
    ['13ffffffffffffffff', encode(compactU64, 2n ** 64n - 1n)],
    ['33ffffffffffffffffffffffffffffffff', encode(compactU128, 2n ** 128n - 1n)],
    ['01', encode(bool, true)],
    ['', encode(unit, undefined)],
    ['1468656c6c6f', encode(str, 'hello')],
    ['18040008000f00100017002a00', encode(vec(u16), [4, 8, 15, 16, 23, 42])],
    ['0101', encode(option(bool), true)],
    ['00', encode(option(bool), undefined)],
    ['0c01', encode(tuple(compactU32, bool), [3, true])],
    ['0102', encode(array(u8, 2), [1, 2])],
  ]
  it.each(cases)('%s', (expected, actual) => {
    expect(bytesToHex(actual)).toBe(expected)
  })
})

describe('views', () => {
  it('reads from a view with a byte offset', () => {
    const view = Uint8Array.of(255, 1, 0, 0, 0, 255).subarray(1, 5)
    expect(decode(u32, view)).toEqual({ ok: true, value: 1 })
  })

  it('gives back how many bytes a prefix took', () => {
    expect(decodePrefix(str, hex('0461ff'))).toEqual({ ok: true, value: { value: 'a', length: 2 } })
  })
})

describe('what is not canonical is refused', () => {
  it('numbers', () => {
    refuses(u32, '000000', 'truncated', 0)
    refuses(u64, '00000000000000', 'truncated', 0)
    refuses(u8, '0000', 'trailing_bytes', 1)
    refuses(bool, '02', 'bool_invalid', 1)
  })

  it('compact integers in a longer form than needed, or too large', () => {
    refuses(compactU32, '0100', 'compact_not_minimal', 2)
    refuses(compactU32, 'fd00', 'compact_not_minimal', 2)
    refuses(compactU32, '02000000', 'compact_not_minimal', 4)
    refuses(compactU32, '0300000000', 'compact_not_minimal', 5)
    refuses(compactU32, '03ffffff3f', 'compact_not_minimal', 5)
    refuses(compactU64, '0bffffffffff00', 'compact_not_minimal', 7)
    refuses(compactU32, '070000000001', 'number_too_large', 1)
    refuses(compactU64, '17000000000000000001', 'number_too_large', 1)
    refuses(compactU32, '03', 'truncated', 1)
  })

  it('lengths that lie', () => {
    refuses(bytes, '08ff', 'truncated', 1)
    refuses(bytes, '03ffffffff', 'truncated', 5)
    refuses(vec(u8), 'feffffff', 'truncated', 4)
    refuses(vec(unit), 'feffffff', 'truncated', 4)
    refuses(boundedBytes(1), '080000', 'too_long', 1)
    refuses(vec(u8, 1), '080000', 'too_long', 1)
    refuses(boundedStr(1), '086161', 'too_long', 1)
    refuses(fixedBytes(2), '00', 'truncated', 0)
  })

  it('text that is not UTF-8, tags that do not exist', () => {
    refuses(str, '04ff', 'text_not_utf8', 2)
    refuses(option(u8), '02', 'option_invalid', 1)
    refuses(variant({ A: [1] }), '00', 'variant_unknown', 1)
    refuses(names({ A: 1 }), '00', 'variant_unknown', 1)
    refuses(accountId, '00', 'truncated', 0)
    refuses(
      mapped(
        u8,
        (value) => (value < 10 ? value : undefined),
        (value) => value,
      ),
      '0a',
      'value_invalid',
      1,
    )
  })
})

describe('structs and variants', () => {
  const shape: Codec<
    | CaseOf<'None'>
    | CaseOf<'One', number>
    | CaseOf<'Many', { readonly a: number; readonly b: string }>
  > = variant({ None: [0], One: [5, u8], Many: [9, struct({ a: u8, b: str })] })

  it('round-trips every case', () => {
    for (const [value, expected] of [
      [{ type: 'None' }, '00'],
      [{ type: 'One', value: 7 }, '0507'],
      [{ type: 'Many', value: { a: 1, b: 'x' } }, '09010478'],
    ] as const) {
      expect(bytesToHex(encode(shape, value))).toBe(expected)
      expect(unwrap(decode(shape, hex(expected)))).toEqual(value)
    }
  })

  it('know cases that carry nothing by their names', () => {
    const status = names({ Live: 0, Gone: 7 }, { path: ['Status'] })
    expect(bytesToHex(encode(status, 'Gone'))).toBe('07')
    expect(unwrap(decode(status, hex('00')))).toBe('Live')
    expect(status.type).toEqual(variant({ Live: [0], Gone: [7] }, { path: ['Status'] }).type)
  })

  it('describes an anonymous struct as the fields of its case', () => {
    const { type } = shape
    expect(type.kind === 'variant' && type.variants[2]?.fields.map((field) => field.name)).toEqual([
      'a',
      'b',
    ])
  })
})

describe('recursion', () => {
  type Nested = { readonly type: 'Leaf' } | { readonly type: 'Node'; readonly value: Nested }
  const nested: Codec<Nested> = variant({ Leaf: [0], Node: [1, lazy(() => nested)] })

  it('is followed to its bound and no further', () => {
    const deep = (levels: number): string => `${'01'.repeat(levels)}00`
    expect(decode(nested, hex(deep(MAX_DEPTH))).ok).toBe(true)
    refuses(nested, deep(MAX_DEPTH + 1), 'too_deep', MAX_DEPTH + 1)
    refuses(nested, deep(100_000), 'too_deep', MAX_DEPTH + 1)
  })

  it('is followed so often and no more, side by side too', () => {
    const many = vec(lazy(() => u8))
    const wide = (count: number): Uint8Array => encode(many, Array<number>(count).fill(0))
    expect(decode(many, wide(MAX_NESTED)).ok).toBe(true)
    const error = { code: 'scale_malformed', reason: 'too_many', at: MAX_NESTED + 4 }
    expect(decode(many, wide(MAX_NESTED + 1))).toEqual({ ok: false, error })
  })
})
