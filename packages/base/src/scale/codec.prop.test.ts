import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decode, encode } from './codec.ts'
import { option, struct, variant, vec } from './combinators.ts'
import { bytes, compactU128, compactU32, str, u64 } from './primitives.ts'

const sample = struct({
  small: compactU32,
  large: compactU128,
  text: str,
  maybe: option(u64),
  list: vec(variant({ A: [0], B: [1, bytes] })),
})

const arbitrary = fc.record({
  small: fc.nat({ max: 2 ** 31 - 1 }),
  large: fc.bigInt({ min: 0n, max: 2n ** 128n - 1n }),
  text: fc.string({ unit: 'grapheme' }),
  maybe: fc.option(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), { nil: undefined }),
  list: fc.array(
    fc.oneof(
      fc.constant({ type: 'A', value: undefined } as const),
      fc.record({ type: fc.constant('B' as const), value: fc.uint8Array() }),
    ),
  ),
})

describe('SCALE', () => {
  it('decodes what it encodes', () => {
    fc.assert(
      fc.property(arbitrary, (value) => {
        expect(decode(sample, encode(sample, value))).toEqual({ ok: true, value })
      }),
    )
  })

  it('encodes again to the very bytes of whatever it accepts, and never throws', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (input) => {
        const decoded = decode(sample, input)
        if (decoded.ok) expect(encode(sample, decoded.value)).toEqual(input)
      }),
      { numRuns: 2_000 },
    )
  })
})
