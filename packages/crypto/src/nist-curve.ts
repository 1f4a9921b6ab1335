import { bytesToNumberBE } from '@noble/curves/utils.js'

/** y^2 = x^3 - 3x + b over a prime field, with a group of prime order. */
export interface NistCurve {
  /** Of one coordinate, and of one scalar. */
  readonly bytes: number
  readonly prime: bigint
  readonly order: bigint
  readonly b: bigint
}

/** Source: NIST SP 800-186, section 3.2.1.3. */
export const P256: NistCurve = {
  bytes: 32,
  prime: 2n ** 256n - 2n ** 224n + 2n ** 192n + 2n ** 96n - 1n,
  order: 0xffffffff_00000000_ffffffff_ffffffff_bce6faad_a7179e84_f3b9cac2_fc632551n,
  b: 0x5ac635d8_aa3a93e7_b3ebbd55_769886bc_651d06b0_cc53b0f6_3bce3c3e_27d2604bn,
}

/** Source: NIST SP 800-186, section 3.2.1.4. */
export const P384: NistCurve = {
  bytes: 48,
  prime: 2n ** 384n - 2n ** 128n - 2n ** 96n + 2n ** 32n - 1n,
  order:
    0xffffffff_ffffffff_ffffffff_ffffffff_ffffffff_ffffffff_c7634d81_f4372ddf_581a0db2_48b0a77a_ecec196a_ccc52973n,
  b: 0xb3312fa7_e23ee7e4_988e056b_e3f82d19_181d9c6e_fe814112_0314088f_5013875a_c656398d_8a2ed19d_2a85c8ed_d3ec2aefn,
}

/**
 * Whether r and s are in range and the key is a point of the curve other than the neutral one,
 * which x||y cannot spell.
 * @param publicKey x||y, of the curve's length.
 * @param signature r||s, of the curve's length.
 */
export function isEcdsaForm(
  { bytes, prime, order, b }: NistCurve,
  publicKey: Uint8Array,
  signature: Uint8Array,
): boolean {
  const [r, s] = halves(signature, bytes)
  if (r === 0n || r >= order || s === 0n || s >= order) return false
  const [x, y] = halves(publicKey, bytes)
  return x < prime && y < prime && (y * y - (x * x * x - 3n * x + b)) % prime === 0n
}

function halves(pair: Uint8Array, size: number): readonly [bigint, bigint] {
  return [bytesToNumberBE(pair.subarray(0, size)), bytesToNumberBE(pair.subarray(size))]
}
