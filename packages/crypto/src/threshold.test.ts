import { bls12_381 } from '@noble/curves/bls12-381.js'
import { bytesToHex, InvariantError, unwrap, utf8 } from '@tacit/base'
import { describe, expect, test } from 'vitest'
import {
  combine,
  evaluate,
  generateShares,
  verifyCombined,
  verifyPartial,
  type IndexedPartial,
} from './threshold.ts'

const SEED = new Uint8Array(32).fill(42)
const INPUT = utf8('contract 1')
const { G1, G2 } = bls12_381

function dealt(
  threshold: number,
  count: number,
): ReturnType<typeof generateShares> & {
  readonly partials: IndexedPartial[]
} {
  const keys = generateShares(SEED, threshold, count)
  const partials = keys.shares.map((share) => ({
    index: share.index,
    partial: evaluate(share, INPUT),
  }))
  return { ...keys, partials }
}

describe('one of one', () => {
  const { groupPublicKey, verificationKeys, partials } = dealt(1, 1)
  test('the share is the secret', () => {
    expect(verificationKeys).toEqual([groupPublicKey])
    const point = unwrap(combine(partials, 1))
    expect(point).toEqual(partials[0]?.partial)
    expect(verifyCombined(groupPublicKey, INPUT, point)).toBe(true)
  })
  test('golden values: a change here loses every key that was ever released', () => {
    expect(bytesToHex(groupPublicKey)).toMatchInlineSnapshot(
      `"a37f8b0afac93bd0504175a4914b9c8e0270329acd47b4949547b78ebeb2f3bb86430bb7c7ad80c31e98c153b6618e4811bda82f211fd741e43ce701ef603e0398e5583a74814f074003f645651dcd753b7ab619319833f70881c727005c76b2"`,
    )
    expect(bytesToHex(unwrap(combine(partials, 1)))).toMatchInlineSnapshot(
      `"aac67884c67b2f9342ab766bbbc8b4283604d8951dd4dcdb7a6aa870b83391f1434a9eb065e2d85d3249a5594372407c"`,
    )
  })
})

describe('three of five', () => {
  const { groupPublicKey, verificationKeys, partials, shares } = dealt(3, 5)
  const pick = (...indices: number[]): IndexedPartial[] =>
    indices.flatMap((index) => partials.filter((one) => one.index === index))
  const expected = unwrap(combine(pick(1, 2, 3), 3))

  test('each partial value fits its own verification key alone', () => {
    for (const [at, key] of verificationKeys.entries()) {
      const own = partials[at]?.partial ?? new Uint8Array()
      const next = partials[(at + 1) % 5]?.partial ?? new Uint8Array()
      expect(verifyPartial(key, INPUT, own)).toBe(true)
      expect(verifyPartial(key, INPUT, next)).toBe(false)
    }
    const first = partials[0]?.partial ?? new Uint8Array()
    expect(verifyPartial(verificationKeys[0] ?? first, utf8('contract 2'), first)).toBe(false)
  })
  test('any three in any order give the group’s value; it is what one of one gives', () => {
    for (const chosen of [pick(3, 1, 2), pick(1, 2, 4), pick(5, 4, 3), pick(2, 5, 1)])
      expect(unwrap(combine(chosen, 3))).toEqual(expected)
    expect(unwrap(combine(pick(2, 3, 4, 5), 3))).toEqual(expected)
    expect(verifyCombined(groupPublicKey, INPUT, expected)).toBe(true)
    expect(verifyCombined(groupPublicKey, utf8('contract 2'), expected)).toBe(false)
  })
  test('two do not, nor three with a wrong one', () => {
    expect(combine(pick(1, 2), 3)).toEqual({ ok: false, error: { code: 'partials_insufficient' } })
    expect(unwrap(combine(pick(1, 2), 2))).not.toEqual(expected)
    const swapped = pick(1, 2, 3).map((one, at) => ({ ...one, index: [2, 1, 3][at] ?? 0 }))
    const wrong = unwrap(combine(swapped, 3))
    expect(verifyCombined(groupPublicKey, INPUT, wrong)).toBe(false)
  })
  test('indices are 1 to 64, each once', () => {
    for (const index of [0, -1, 1.5, 65, Number.NaN]) {
      const refused = combine([...pick(1, 2), { index, partial: expected }], 3)
      expect(refused).toEqual({ ok: false, error: { code: 'partial_index_invalid', index } })
    }
    const twice = combine(pick(1, 2, 2), 3)
    expect(twice).toEqual({ ok: false, error: { code: 'partial_index_invalid', index: 2 } })
  })
  test('a threshold below 1 is refused', () => {
    const refused = { ok: false, error: { code: 'partials_insufficient' } }
    expect(combine(partials, 0)).toEqual(refused)
    expect(combine(partials, -1)).toEqual(refused)
  })
  test.each([
    ['empty', new Uint8Array()],
    ['zero', G1.Point.ZERO.toBytes(true)],
    ['of length 47', expected.subarray(1)],
    ['not on the curve', Uint8Array.from(expected).fill(0xff, 10, 20)],
    ['outside the prime-order group', outsideG1()],
    ['uncompressed', G1.Point.fromBytes(expected).toBytes(false)],
  ])('a partial value that is %s', (_name, partial) => {
    const malformed = { ok: false, error: { code: 'partial_malformed', index: 3 } }
    expect(combine([...pick(1, 2), { index: 3, partial }], 3)).toEqual(malformed)
    expect(verifyPartial(verificationKeys[2] ?? expected, INPUT, partial)).toBe(false)
  })
  test.each([
    ['empty', new Uint8Array()],
    ['zero', G2.Point.ZERO.toBytes(true)],
    ['of G1', expected],
    ['outside the prime-order group', outsideG2()],
    ['uncompressed', G2.Point.fromBytes(verificationKeys[2] ?? expected).toBytes(false)],
  ])('a verification key that is %s', (_name, key) => {
    const third = partials[2]?.partial ?? expected
    expect(verifyPartial(key, INPUT, third)).toBe(false)
  })
  test('shares show no secret', () => {
    const [share] = shares
    expect(share.secret).toHaveLength(32)
    expect(Object.keys(share)).toEqual(['index'])
    expect(JSON.stringify(shares)).toBe(
      '[{"index":1},{"index":2},{"index":3},{"index":4},{"index":5}]',
    )
  })
})

test.each([
  [0, 1],
  [2, 1],
  [1, 0],
  [1, 65],
])('%i of %i shares cannot be dealt', (threshold, count) => {
  expect(() => generateShares(SEED, threshold, count)).toThrow(InvariantError)
})

/** A point of the curve, compressed, that is not in G1: all but 2^-125 of the curve is not. */
function outsideG1(): Uint8Array {
  const { Fp } = bls12_381.fields
  let x = 1n
  while (!isSquare(Fp.add(Fp.pow(x, 3n), 4n))) x++
  const bytes = Fp.toBytes(x)
  bytes[0] = (bytes[0] ?? 0) | 0x80
  return bytes
}

/** The same for the twist, compressed: y^2 = x^3 + 4(1 + i). */
function outsideG2(): Uint8Array {
  const { Fp2 } = bls12_381.fields
  const b = Fp2.fromBigTuple([4n, 4n])
  for (let at = 1n; ; at++) {
    const x = Fp2.fromBigTuple([at, 0n])
    const y = squareRoot(Fp2.add(Fp2.pow(x, 3n), b))
    if (!y) continue
    const point = G2.Point.fromAffine({ x, y })
    expect(point.isTorsionFree()).toBe(false)
    // c1 of x is 0 and takes the flag of compression; c0 follows, 48 bytes each.
    const bytes = new Uint8Array(96)
    bytes[0] = 0x80
    bytes[95] = Number(at)
    return bytes
  }
}

function squareRoot(value: Fp2Element): Fp2Element | undefined {
  try {
    return bls12_381.fields.Fp2.sqrt(value)
  } catch {
    return undefined
  }
}

type Fp2Element = Parameters<typeof bls12_381.fields.Fp2.sqrt>[0]

function isSquare(value: bigint): boolean {
  const { Fp } = bls12_381.fields
  return Fp.eql(Fp.pow(value, (Fp.ORDER - 1n) / 2n), Fp.ONE)
}
