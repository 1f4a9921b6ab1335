import fc from 'fast-check'
import type { Change } from '../key-value.ts'

/** Keys that share prefixes and are prefixes of each other, so that tries branch, split and merge. */
export const keys: fc.Arbitrary<Uint8Array> = fc.oneof(
  fc
    .array(fc.constantFrom(0x00, 0x01, 0x10, 0x11, 0xff), { maxLength: 4 })
    .map((all) => Uint8Array.from(all)),
  fc.tuple(fc.nat({ max: 35 }), fc.nat({ max: 3 })).map(([length, last]) => {
    const key = new Uint8Array(length + 1).fill(0xab)
    key[length] = last
    return key
  }),
)

/** Lengths on both sides of where a node is hashed (32) and where a value is (33). */
export const values: fc.Arbitrary<Uint8Array> = fc
  .tuple(fc.constantFrom(0, 1, 20, 28, 29, 30, 31, 32, 33, 34, 64, 100), fc.nat({ max: 3 }))
  .map(([length, fill]) => new Uint8Array(length).fill(fill))

export const changes: fc.Arbitrary<Change[]> = fc.array(
  fc.record({ key: keys, value: fc.option(values, { nil: undefined, freq: 2 }) }),
  { maxLength: 24 },
)
