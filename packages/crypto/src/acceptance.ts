import { compareBytes } from '@tacit/base'
import { hasScalars, isOnCurve, P256, P384 } from './nist-curve.ts'
import type { SignatureCheck, SignatureScheme } from './types.ts'

/**
 * The acceptance set: which signatures may count at all, whatever a library thinks of them. No two
 * libraries can then disagree on an edge. ACCEPTANCE.md says it in words.
 * @returns false where the form alone rules the signature out.
 */
export function isAcceptable(check: SignatureCheck): boolean {
  if (!isWellFormed(check)) return false
  if (check.scheme === 'p256') return isOnCurve(P256, check.publicKey)
  return check.scheme !== 'p384' || isOnCurve(P384, check.publicKey)
}

/**
 * The acceptance set but for the equation of P-256 and P-384, which every library evaluates when it
 * imports a key, once per key.
 */
export function isWellFormed({ scheme, publicKey, signature }: SignatureCheck): boolean {
  const fits = LENGTHS[scheme].some(
    ([key, length]) => publicKey.length === key && signature.length === length,
  )
  return fits && RULES[scheme](publicKey, signature)
}

const LENGTHS: {
  readonly [S in SignatureScheme]: readonly (readonly [key: number, signature: number])[]
} = {
  sr25519: [[32, 64]],
  ed25519: [[32, 64]],
  ecdsa: [
    [32, 65],
    [33, 65],
  ],
  p256: [[64, 64]],
  p384: [[96, 96]],
  rsaPss: [
    [256, 256],
    [384, 384],
    [512, 512],
  ],
}

type Rule = (publicKey: Uint8Array, signature: Uint8Array) => boolean

const RULES: { readonly [S in SignatureScheme]: Rule } = {
  sr25519: (publicKey, signature) => {
    const top = signature[63] ?? 0
    const isMarked = (top & MARK) !== 0
    const isReduced = isBelow(signature, 32, top & ~MARK, ED25519_ORDER)
    return isMarked && isReduced && publicKey.some((byte) => byte !== 0)
  },
  ed25519: (publicKey, signature) =>
    isStrictPoint(publicKey, 0) &&
    isStrictPoint(signature, 0) &&
    isBelow(signature, 32, signature[63] ?? 0, ED25519_ORDER),
  ecdsa: (publicKey, signature) => {
    const s = bigEndian(signature.subarray(32, 64))
    const isLow = s <= SECP256K1_ORDER / 2n
    const isCompressed = publicKey.length === 32 || publicKey[0] === 2 || publicKey[0] === 3
    const r = bigEndian(signature.subarray(0, 32))
    return (
      inOrder(r, SECP256K1_ORDER) && s > 0n && isLow && (signature[64] ?? 4) < 4 && isCompressed
    )
  },
  p256: (_, signature) => hasScalars(P256, signature),
  p384: (_, signature) => hasScalars(P384, signature),
  rsaPss: (modulus, signature) => {
    const isLong = (modulus[0] ?? 0) >= 0x80
    const isOdd = ((modulus.at(-1) ?? 0) & 1) === 1
    return isLong && isOdd && compareBytes(signature, modulus) < 0
  },
}

/** The sign of x in an ed25519 point, the marker in an sr25519 signature. */
const MARK = 0x80

/** Order of the prime-order group of edwards25519 and of ristretto255, 2^252 + 277423…8493. */
const ED25519_ORDER = fromBigInt(2n ** 252n + 27_742_317_777_372_353_535_851_937_790_883_648_493n)
const ED25519_PRIME = fromBigInt(2n ** 255n - 19n)
const SECP256K1_ORDER = 0xffffffff_ffffffff_ffffffff_fffffffe_baaedce6_af48a03b_bfd25e8c_d0364141n

/**
 * y of the eight points of order 1, 2, 4 and 8; whatever the sign of x, the point is one of them.
 * Source: "Taming the many EdDSAs" (Chalkias, Garillot, Nikolaenko 2020), table 1.
 */
const SMALL_ORDER_Y: readonly Uint8Array[] = [
  0n,
  1n,
  2n ** 255n - 20n,
  0x05fc536d_880238b1_3933c6d3_05acdfd5_f098eff2_89f4c345_b027b2c2_8f95e826n,
  0x7a03ac92_77fdc74e_c6cc392c_fa53202a_0f67100d_760b3cba_4fd84d3d_706a17c7n,
].map(fromBigInt)

/** A canonical encoding of a point that is not of small order; that it lies on the curve is left. */
function isStrictPoint(bytes: Uint8Array, at: number): boolean {
  const top = (bytes[at + 31] ?? 0) & ~MARK
  return (
    isBelow(bytes, at, top, ED25519_PRIME) &&
    !SMALL_ORDER_Y.some((y) => compare(bytes, at, top, y) === 0)
  )
}

function isBelow(bytes: Uint8Array, at: number, top: number, limit: Uint8Array): boolean {
  return compare(bytes, at, top, limit) < 0
}

/**
 * Compares 32 bytes, little-endian, with a number: in bytes and from the top, as almost all differ in
 * the first. With bigints it took ten times as long (1.6 us for an ed25519 signature).
 * @param top stands for the last byte.
 */
function compare(bytes: Uint8Array, at: number, top: number, other: Uint8Array): number {
  let difference = top - (other[31] ?? 0)
  for (let place = 30; difference === 0 && place >= 0; place--)
    difference = (bytes[at + place] ?? 0) - (other[place] ?? 0)
  return difference
}

function fromBigInt(value: bigint): Uint8Array {
  return Uint8Array.from({ length: 32 }, (_, at) => Number((value >> BigInt(8 * at)) & 0xffn))
}

function inOrder(value: bigint, order: bigint): boolean {
  return value > 0n && value < order
}

/** Reads 32 bytes in place: a copy by slice() would be none where the caller passes a Buffer. */
function bigEndian(bytes: Uint8Array): bigint {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  let value = 0n
  for (let at = 0; at < 32; at += 8) value = (value << 64n) | view.getBigUint64(at)
  return value
}
