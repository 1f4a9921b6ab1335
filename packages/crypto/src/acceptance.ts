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
    const isMarked = ((signature[63] ?? 0) & 0x80) !== 0
    const scalar = littleEndian(signature.subarray(32)) & WITHOUT_TOP_BIT
    return isMarked && scalar < ED25519_ORDER && littleEndian(publicKey) !== 0n
  },
  ed25519: (publicKey, signature) =>
    isStrictPoint(publicKey) &&
    isStrictPoint(signature.subarray(0, 32)) &&
    littleEndian(signature.subarray(32)) < ED25519_ORDER,
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

/** Order of the prime-order group of edwards25519 and of ristretto255. */
const ED25519_ORDER = 2n ** 252n + 27_742_317_777_372_353_535_851_937_790_883_648_493n
const ED25519_PRIME = 2n ** 255n - 19n
/** The top bit is the sign of x in an ed25519 point, the marker in an sr25519 signature. */
const WITHOUT_TOP_BIT = 2n ** 255n - 1n
const SECP256K1_ORDER = 0xffffffff_ffffffff_ffffffff_fffffffe_baaedce6_af48a03b_bfd25e8c_d0364141n

/**
 * y of the eight points of order 1, 2, 4 and 8; whatever the sign of x, the point is one of them.
 * Source: "Taming the many EdDSAs" (Chalkias, Garillot, Nikolaenko 2020), table 1.
 */
const SMALL_ORDER_Y: ReadonlySet<bigint> = new Set([
  0n,
  1n,
  ED25519_PRIME - 1n,
  0x05fc536d_880238b1_3933c6d3_05acdfd5_f098eff2_89f4c345_b027b2c2_8f95e826n,
  0x7a03ac92_77fdc74e_c6cc392c_fa53202a_0f67100d_760b3cba_4fd84d3d_706a17c7n,
])

/** A canonical encoding of a point that is not of small order; that it lies on the curve is left. */
function isStrictPoint(encoding: Uint8Array): boolean {
  const y = littleEndian(encoding) & WITHOUT_TOP_BIT
  return y < ED25519_PRIME && !SMALL_ORDER_Y.has(y)
}

function inOrder(value: bigint, order: bigint): boolean {
  return value > 0n && value < order
}

/** Reads 32 bytes in place: a copy by slice() would be none where the caller passes a Buffer. */
function littleEndian(bytes: Uint8Array): bigint {
  const view = viewOf(bytes)
  let value = 0n
  for (let at = 24; at >= 0; at -= 8) value = (value << 64n) | view.getBigUint64(at, true)
  return value
}

function bigEndian(bytes: Uint8Array): bigint {
  const view = viewOf(bytes)
  let value = 0n
  for (let at = 0; at < 32; at += 8) value = (value << 64n) | view.getBigUint64(at)
  return value
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}
