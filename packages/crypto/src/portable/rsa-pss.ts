import { bytesToNumberBE, numberToBytesBE } from '@noble/curves/utils.js'
import { sha384 } from '@noble/hashes/sha2.js'
import { concatBytes, equalBytes } from '@tacit/base'

const HASH_BYTES = 48
const SALT_BYTES = 48
const TRAILER = 0xbc

/**
 * RSASSA-PSS-VERIFY with SHA-384, MGF1 with SHA-384, a salt of 48 bytes and e = 65537.
 * Source: RFC 8017, sections 8.1.2 and 9.1.2.
 * @param modulus odd, with its top bit set.
 * @param signature as long as the modulus and below it.
 */
export function verifyRsaPss(
  modulus: Uint8Array,
  message: Uint8Array,
  signature: Uint8Array,
): boolean {
  const power = raiseTo65537(bytesToNumberBE(signature), bytesToNumberBE(modulus))
  return isEncodingOf(message, numberToBytesBE(power, modulus.length))
}

function raiseTo65537(base: bigint, modulus: bigint): bigint {
  let power = base
  for (let squarings = 0; squarings < 16; squarings++) power = (power * power) % modulus
  return (power * base) % modulus
}

/** EMSA-PSS-VERIFY, where the encoding has one bit less than its bytes have. */
function isEncodingOf(message: Uint8Array, encoding: Uint8Array): boolean {
  const split = encoding.length - HASH_BYTES - 1
  const hash = encoding.subarray(split, -1)
  if (encoding.at(-1) !== TRAILER || (encoding[0] ?? 0) >= 0x80) return false
  const block = mgf1(hash, split)
  for (const [at, byte] of block.entries()) block[at] = byte ^ (encoding[at] ?? 0)
  block[0] = (block[0] ?? 0) & 0x7f
  const saltAt = split - SALT_BYTES
  const isPadded = block.subarray(0, saltAt).every((byte, at) => byte === Number(at === saltAt - 1))
  const salted = concatBytes(new Uint8Array(8), sha384(message), block.subarray(saltAt))
  return isPadded && equalBytes(sha384(salted), hash)
}

/** Source: RFC 8017, appendix B.2.1. */
function mgf1(seed: Uint8Array, length: number): Uint8Array {
  const mask = new Uint8Array(Math.ceil(length / HASH_BYTES) * HASH_BYTES)
  for (let block = 0; block * HASH_BYTES < length; block++) {
    mask.set(sha384(concatBytes(seed, Uint8Array.of(0, 0, 0, block))), block * HASH_BYTES)
  }
  return mask.subarray(0, length)
}
