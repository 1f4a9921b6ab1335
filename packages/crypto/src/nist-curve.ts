import { numberToBytesBE } from '@noble/curves/utils.js'

/** y^2 = x^3 - 3x + b over a prime field, with a group of prime order. */
export interface NistCurve {
  /** Of one coordinate, and of one scalar. */
  readonly bytes: number
  readonly prime: bigint
  /** Big-endian. */
  readonly order: Uint8Array
  readonly b: bigint
}

/** Source: NIST SP 800-186, section 3.2.1.3. */
export const P256: NistCurve = {
  bytes: 32,
  prime: 2n ** 256n - 2n ** 224n + 2n ** 192n + 2n ** 96n - 1n,
  order: numberToBytesBE(
    0xffffffff_00000000_ffffffff_ffffffff_bce6faad_a7179e84_f3b9cac2_fc632551n,
    32,
  ),
  b: 0x5ac635d8_aa3a93e7_b3ebbd55_769886bc_651d06b0_cc53b0f6_3bce3c3e_27d2604bn,
}

/** Source: NIST SP 800-186, section 3.2.1.4. */
export const P384: NistCurve = {
  bytes: 48,
  prime: 2n ** 384n - 2n ** 128n - 2n ** 96n + 2n ** 32n - 1n,
  order: numberToBytesBE(
    0xffffffff_ffffffff_ffffffff_ffffffff_ffffffff_ffffffff_c7634d81_f4372ddf_581a0db2_48b0a77a_ecec196a_ccc52973n,
    48,
  ),
  b: 0xb3312fa7_e23ee7e4_988e056b_e3f82d19_181d9c6e_fe814112_0314088f_5013875a_c656398d_8a2ed19d_2a85c8ed_d3ec2aefn,
}

/** Whether r and s are 1 to n - 1. @param signature r||s, of the curve's length. */
export function hasScalars({ bytes, order }: NistCurve, signature: Uint8Array): boolean {
  return isScalar(signature, 0, order) && isScalar(signature, bytes, order)
}

function isScalar(bytes: Uint8Array, from: number, order: Uint8Array): boolean {
  let isPositive = false
  let difference = 0
  for (let at = 0; at < order.length; at++) {
    const byte = bytes[from + at] ?? 0
    if (byte !== 0) isPositive = true
    if (difference === 0) difference = byte - (order[at] ?? 0)
  }
  return isPositive && difference < 0
}

/** Whether x and y are below p and on the curve. @param publicKey x||y, of the curve's length. */
export function isOnCurve({ bytes, prime, b }: NistCurve, publicKey: Uint8Array): boolean {
  const view = new DataView(publicKey.buffer, publicKey.byteOffset, 2 * bytes)
  const x = readNumber(view, 0, bytes)
  const y = readNumber(view, bytes, 2 * bytes)
  return x < prime && y < prime && (y * y - (x * x * x - 3n * x + b)) % prime === 0n
}

/** Reads whole words, big-endian. */
function readNumber(view: DataView, from: number, to: number): bigint {
  let value = 0n
  for (let at = from; at < to; at += 8) value = (value << 64n) | view.getBigUint64(at)
  return value
}
