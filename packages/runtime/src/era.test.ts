import { bytesToHex, decode, encode } from '@tacit/base'
import { describe, expect, test } from 'vitest'
import { eraBirth, eraCodec, eraDeath, IMMORTAL, mortalEra, type Era } from './era.ts'

const mortal = (period: number, phase: number): Era => ({ type: 'Mortal', period, phase })

describe('encoding', () => {
  // Vectors: polkadot-sdk, substrate/primitives/runtime/src/generic/era.rs, its tests.
  test.each([
    [IMMORTAL, '00'],
    [mortalEra(64, 42), 'a502'],
    [mortalEra(32_768, 20_000), '4e9c'],
  ])('%o is 0x%s', (era, hex) => {
    const bytes = encode(eraCodec, era)
    expect(bytesToHex(bytes)).toBe(hex)
    expect(decode(eraCodec, bytes)).toEqual({ ok: true, value: era })
  })

  test('a long era begins at a multiple of its quantum', () => {
    expect(mortalEra(1_000_000, 65_535)).toEqual(mortal(65_536, 65_520))
    expect(mortalEra(1, 3)).toEqual(mortal(4, 3))
    expect(mortalEra(5, 9)).toEqual(mortal(8, 1))
  })

  test.each([
    ['a period of two', Uint8Array.of(0x10, 0)],
    ['a phase outside the period', Uint8Array.of(0x41, 0)],
  ])('refuses %s', (_, bytes) => {
    expect(decode(eraCodec, bytes)).toMatchObject({ ok: false, error: { reason: 'value_invalid' } })
  })
})

test('birth and death frame the current block', () => {
  const era = mortal(8, 3)
  expect([3, 10, 11, 18].map((current) => eraBirth(era, current))).toEqual([3, 3, 11, 11])
  expect(eraDeath(era, 10)).toBe(11)
  expect(eraBirth(IMMORTAL, 1_000)).toBe(0)
  expect(eraDeath(IMMORTAL, 1_000)).toBeUndefined()
  expect(eraBirth(mortal(64, 60), 5)).toBe(60)
})
