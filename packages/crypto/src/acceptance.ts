import type { SignatureCheck, SignatureScheme } from './types.ts'

/**
 * The acceptance set: which signatures may count at all, whatever a library thinks of them. Every
 * provider applies it first, so that two libraries cannot disagree on an edge. ACCEPTANCE.md says
 * it in words.
 * @returns false where the form alone rules the signature out.
 */
export function isAcceptable(check: SignatureCheck): boolean {
  const [keyLengths, signatureLength] = LENGTHS[check.scheme]
  if (!keyLengths.includes(check.publicKey.length)) return false
  if (check.signature.length !== signatureLength) return false
  return RULES[check.scheme](check.publicKey, check.signature)
}

const LENGTHS: {
  readonly [S in SignatureScheme]: readonly [keys: readonly number[], signature: number]
} = {
  sr25519: [[32], 64],
  ed25519: [[32], 64],
  ecdsa: [[32, 33], 65],
  p256: [[64], 64],
}

type Rule = (publicKey: Uint8Array, signature: Uint8Array) => boolean

const RULES: { readonly [S in SignatureScheme]: Rule } = {
  sr25519: (publicKey, signature) => {
    const isMarked = ((signature[63] ?? 0) & 0x80) !== 0
    const scalar = signature.slice(32)
    scalar[31] = (scalar[31] ?? 0) & 0x7f
    return isMarked && littleEndian(scalar) < ED25519_ORDER && publicKey.some((byte) => byte !== 0)
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
  p256: (publicKey, signature) =>
    inOrder(bigEndian(signature.subarray(0, 32)), P256_ORDER) &&
    inOrder(bigEndian(signature.subarray(32)), P256_ORDER) &&
    isOnP256(bigEndian(publicKey.subarray(0, 32)), bigEndian(publicKey.subarray(32))),
}

/** Order of the prime-order group of edwards25519 and of ristretto255. */
const ED25519_ORDER = 2n ** 252n + 27_742_317_777_372_353_535_851_937_790_883_648_493n
const ED25519_PRIME = 2n ** 255n - 19n
const SECP256K1_ORDER = 0xffffffff_ffffffff_ffffffff_fffffffe_baaedce6_af48a03b_bfd25e8c_d0364141n
const P256_ORDER = 0xffffffff_00000000_ffffffff_ffffffff_bce6faad_a7179e84_f3b9cac2_fc632551n
const P256_PRIME = 2n ** 256n - 2n ** 224n + 2n ** 192n + 2n ** 96n - 1n
const P256_B = 0x5ac635d8_aa3a93e7_b3ebbd55_769886bc_651d06b0_cc53b0f6_3bce3c3e_27d2604bn

/**
 * y of the points of order 1, 2, 4 and 8. Each order-8 value is y of four points' encodings.
 * Source: "Taming the many EdDSAs" (Chalkias, Garillot, Nikolaenko 2020), table 1.
 */
const SMALL_ORDER_Y: ReadonlySet<bigint> = new Set([
  0n,
  1n,
  ED25519_PRIME - 1n,
  littleEndianHex('26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05'),
  littleEndianHex('c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a'),
])

/** A canonical encoding of a point that is not of small order; that it lies on the curve is left. */
function isStrictPoint(encoding: Uint8Array): boolean {
  const bytes = encoding.slice()
  bytes[31] = (bytes[31] ?? 0) & 0x7f
  const y = littleEndian(bytes)
  return y < ED25519_PRIME && !SMALL_ORDER_Y.has(y)
}

function isOnP256(x: bigint, y: bigint): boolean {
  if (x >= P256_PRIME || y >= P256_PRIME) return false
  return (y * y - (x * x * x - 3n * x + P256_B)) % P256_PRIME === 0n
}

function inOrder(value: bigint, order: bigint): boolean {
  return value > 0n && value < order
}

function littleEndian(bytes: Uint8Array): bigint {
  return bigEndian(bytes.slice().reverse())
}

function bigEndian(bytes: Uint8Array): bigint {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  let value = 0n
  for (let at = 0; at < bytes.length; at += 8) value = (value << 64n) | view.getBigUint64(at)
  return value
}

function littleEndianHex(hex: string): bigint {
  return BigInt(`0x${(hex.match(/../g) ?? []).toReversed().join('')}`)
}
