import { bls12_381 } from '@noble/curves/bls12-381.js'
import { concatBytes, err, ok, type Result } from '@tacit/base'
import { hkdfSha256 } from './kdf.ts'

/**
 * Threshold evaluation of a secret function on BLS12-381: f(input) = secret * H(input) in G1. Each
 * holder of a share computes a partial value that anybody can check against the holder's public
 * verification key in G2; any t of them give f(input), which is checked against the group's key.
 * Source: Boldyreva 2003 (threshold BLS), RFC 9380 (hash to curve), Shamir 1979.
 */

/** A holder's share of the group's secret; the index is its place, from 1. */
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

/** Fewer partial values than the threshold, two of one index, or one that is not a point. */
export type CombineError = { readonly code: 'partials_insufficient' | 'partial_malformed' }

const { G1, G2, fields } = bls12_381
const { Fr } = fields
const HASH_DST = 'TACIT-CONTRACT-KEY-V1_BLS12381G1_XMD:SHA-256_SSWU_RO_'

/**
 * Deals shares of a fresh secret: one holder of a local network, or a test. A committee's shares
 * come from distributed generation instead.
 * @param seed 32 random bytes. @param threshold 1 to count. @param count 1 to 64.
 */
export function generateShares(seed: Uint8Array, threshold: number, count: number): KeyShares {
  const coefficients = Array.from({ length: threshold }, (_, at) => scalarFromSeed(seed, at))
  const scalars = Array.from({ length: count }, (_, at) => evaluatePolynomial(coefficients, at + 1))
  const shares = scalars.map((scalar, at) => ({ index: at + 1, secret: Fr.toBytes(scalar) }))
  const [first, ...rest] = shares
  return {
    groupPublicKey: publicKeyOf(evaluatePolynomial(coefficients, 0)),
    verificationKeys: scalars.map(publicKeyOf),
    shares: first ? [first, ...rest] : [{ index: 1, secret: new Uint8Array(32) }],
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
  return bls12_381.fields.Fp12.eql(pairing, bls12_381.fields.Fp12.ONE)
}

/** Joins checked partial values of different holders; more than threshold are cut. */
export function combine(
  partials: readonly IndexedPartial[],
  threshold: number,
): Result<Uint8Array, CombineError> {
  const distinct = new Map(partials.map((one) => [one.index, one.partial]))
  if (distinct.size < threshold || distinct.has(0)) return err({ code: 'partials_insufficient' })
  const chosen = [...distinct].slice(0, threshold)
  let sum = G1.Point.ZERO
  for (const [index, partial] of chosen) {
    const point = parseG1(partial)
    if (!point) return err({ code: 'partial_malformed' })
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
  return G1.hashToCurve(input, { DST: HASH_DST }) as G1Point
}

function publicKeyOf(scalar: bigint): Uint8Array {
  return G2.Point.BASE.multiply(scalar).toBytes(true)
}

function scalarFromSeed(seed: Uint8Array, at: number): bigint {
  const wide = hkdfSha256(seed, new Uint8Array(), concatBytes(SHARE_INFO, Uint8Array.of(at)), 48)
  let value = 0n
  for (const byte of wide) value = (value << 8n) | BigInt(byte)
  return (value % (Fr.ORDER - 1n)) + 1n
}

const SHARE_INFO = new TextEncoder().encode('tacit threshold coefficient')

function evaluatePolynomial(coefficients: readonly bigint[], x: number): bigint {
  return coefficients.reduceRight((sum, one) => Fr.add(Fr.mul(sum, BigInt(x)), one), 0n)
}

function lagrangeAtZero(index: number, chosen: readonly (readonly [number, unknown])[]): bigint {
  let value = 1n
  for (const [other] of chosen) {
    if (other === index) continue
    const difference = Fr.sub(BigInt(other), BigInt(index))
    value = Fr.mul(value, Fr.mul(BigInt(other), Fr.inv(difference)))
  }
  return value
}

function parseG1(bytes: Uint8Array): G1Point | undefined {
  try {
    const point = G1.Point.fromBytes(bytes)
    point.assertValidity()
    return point.equals(G1.Point.ZERO) ? undefined : point
  } catch {
    return undefined
  }
}

function parseG2(bytes: Uint8Array): G2Point | undefined {
  try {
    const point = G2.Point.fromBytes(bytes)
    point.assertValidity()
    return point.equals(G2.Point.ZERO) ? undefined : point
  } catch {
    return undefined
  }
}
