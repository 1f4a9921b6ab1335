import { bls12_381 } from '@noble/curves/bls12-381.js'
import { concatBytes, err, InvariantError, ok, utf8, type Result } from '@tacit/base'
import { withHidden } from './hidden.ts'
import { hkdfSha256 } from './kdf.ts'

/**
 * Threshold evaluation of a secret function on BLS12-381: f(input) = secret * H(input) in G1. Each
 * holder of a share computes a partial value that anybody can check against the holder's public
 * verification key in G2; any t of them give f(input), which is checked against the group's key.
 * Source: Boldyreva 2003 (threshold BLS), RFC 9380 (hash to curve), Shamir 1979.
 */

/** A holder's share of the group's secret, not enumerable; the index is its place, 1 to 64. */
export type KeyShare = { readonly index: number; readonly secret: Uint8Array }
/** A checked partial value of the holder at an index. */
export type IndexedPartial = { readonly index: number; readonly partial: Uint8Array }

export type KeyShares = {
  /** Compressed G2, 96 bytes. */
  readonly groupPublicKey: Uint8Array
  /** Compressed G2 of each share, in order. */
  readonly verificationKeys: readonly Uint8Array[]
  readonly shares: readonly [KeyShare, ...KeyShare[]]
}

export type CombineError =
  /** Fewer holders than the threshold, or a threshold below 1. */
  | { readonly code: 'partials_insufficient' }
  /** An index is not 1 to 64, or stands twice. */
  | { readonly code: 'partial_index_invalid'; readonly index: number }
  /** A partial value is not a point of G1's prime-order group, or is its zero. */
  | { readonly code: 'partial_malformed'; readonly index: number }

const MAX_HOLDERS = 64

const { G1, G2, fields } = bls12_381
const { Fr } = fields
const COEFFICIENT = utf8('tacit threshold coefficient')
const HASH_DST = 'TACIT-CONTRACT-KEY-V1_BLS12381G1_XMD:SHA-256_SSWU_RO_'

/**
 * Deals shares of a fresh secret: one holder of a local network, or a test. A committee's shares
 * come from distributed generation instead.
 * @param seed 32 random bytes.
 * @param threshold holders that are needed, 1 to count.
 * @param count holders in all, 1 to 64.
 */
export function generateShares(seed: Uint8Array, threshold: number, count: number): KeyShares {
  const coefficients = Array.from({ length: threshold }, (_, at) => scalarFromSeed(seed, at))
  const scalars = Array.from({ length: count }, (_, at) => evaluatePolynomial(coefficients, at + 1))
  const [first, ...rest] = scalars.map((scalar, at) =>
    withHidden({ index: at + 1 }, { secret: Fr.toBytes(scalar) }),
  )
  if (!first || threshold < 1 || threshold > count || count > MAX_HOLDERS)
    throw new InvariantError(`${threshold} of ${count} shares`)
  return {
    groupPublicKey: publicKeyOf(evaluatePolynomial(coefficients, 0)),
    verificationKeys: scalars.map(publicKeyOf),
    shares: [first, ...rest],
  }
}

/** The holder's partial value for an input: compressed G1, 48 bytes. */
export function evaluate(share: KeyShare, input: Uint8Array): Uint8Array {
  return hashToG1(input).multiply(Fr.fromBytes(share.secret)).toBytes(true)
}

/** Whether a partial value is what the holder of a verification key must compute. */
export function verifyPartial(
  verificationKey: Uint8Array,
  input: Uint8Array,
  partial: Uint8Array,
): boolean {
  const key = parseG2(verificationKey)
  const point = parseG1(partial)
  if (!key || !point) return false
  const pairing = bls12_381.pairingBatch([
    { g1: point.negate(), g2: G2.Point.BASE },
    { g1: hashToG1(input), g2: key },
  ])
  return fields.Fp12.eql(pairing, fields.Fp12.ONE)
}

/**
 * Joins partial values of different holders by Lagrange's interpolation at zero; those beyond the
 * threshold are left out. What it gives is as good as the values: check it by verifyCombined.
 */
export function combine(
  partials: readonly IndexedPartial[],
  threshold: number,
): Result<Uint8Array, CombineError> {
  const seen = new Set<number>()
  for (const { index } of partials) {
    const isHolder = Number.isInteger(index) && index >= 1 && index <= MAX_HOLDERS
    if (!isHolder || seen.has(index)) return err({ code: 'partial_index_invalid', index })
    seen.add(index)
  }
  const chosen = partials.slice(0, threshold)
  if (threshold < 1 || chosen.length < threshold) return err({ code: 'partials_insufficient' })
  let sum = G1.Point.ZERO
  for (const { index, partial } of chosen) {
    const point = parseG1(partial)
    if (!point) return err({ code: 'partial_malformed', index })
    sum = sum.add(point.multiply(lagrangeAtZero(index, chosen)))
  }
  return ok(sum.toBytes(true))
}

/** Whether a combined value is the group's; the same equation as for one holder. */
export function verifyCombined(
  groupPublicKey: Uint8Array,
  input: Uint8Array,
  value: Uint8Array,
): boolean {
  return verifyPartial(groupPublicKey, input, value)
}

type G1Point = InstanceType<typeof G1.Point>
type G2Point = InstanceType<typeof G2.Point>

function hashToG1(input: Uint8Array): G1Point {
  return G1.hashToCurve(input, { DST: HASH_DST })
}

function publicKeyOf(scalar: bigint): Uint8Array {
  return G2.Point.BASE.multiply(scalar).toBytes(true)
}

function scalarFromSeed(seed: Uint8Array, at: number): bigint {
  const wide = hkdfSha256(seed, new Uint8Array(), concatBytes(COEFFICIENT, Uint8Array.of(at)), 48)
  let value = 0n
  for (const byte of wide) value = (value << 8n) | BigInt(byte)
  return (value % (Fr.ORDER - 1n)) + 1n
}

function evaluatePolynomial(coefficients: readonly bigint[], x: number): bigint {
  return coefficients.reduceRight((sum, one) => Fr.add(Fr.mul(sum, BigInt(x)), one), 0n)
}

function lagrangeAtZero(index: number, chosen: readonly IndexedPartial[]): bigint {
  let value = 1n
  for (const { index: other } of chosen) {
    if (other === index) continue
    const difference = Fr.sub(BigInt(other), BigInt(index))
    value = Fr.mul(value, Fr.mul(BigInt(other), Fr.inv(difference)))
  }
  return value
}

/** A compressed point of the prime-order group other than zero: one encoding for each. */
function parseG1(bytes: Uint8Array): G1Point | undefined {
  if (bytes.length !== 48) return undefined
  try {
    const point = G1.Point.fromBytes(bytes)
    point.assertValidity()
    return point.equals(G1.Point.ZERO) ? undefined : point
  } catch {
    return undefined
  }
}

function parseG2(bytes: Uint8Array): G2Point | undefined {
  if (bytes.length !== 96) return undefined
  try {
    const point = G2.Point.fromBytes(bytes)
    point.assertValidity()
    return point.equals(G2.Point.ZERO) ? undefined : point
  } catch {
    return undefined
  }
}
