import { ed25519 } from '@noble/curves/ed25519.js'
import { p256, p384 } from '@noble/curves/nist.js'
import { blake2b } from '@noble/hashes/blake2.js'
import { sha1 } from '@noble/hashes/legacy.js'
import { sha256, sha384, sha512 } from '@noble/hashes/sha2.js'
import { keccak_256 } from '@noble/hashes/sha3.js'
import * as sr25519 from '@scure/sr25519'
import { concatBytes, equalBytes, littleEndianToBigInt } from '@tacit/base'
import { createProvider } from '../provider.ts'
import { verifyEcdsa } from '../recover.ts'
import { verifyRsaPss } from './rsa-pss.ts'
import { twox128, twox64 } from '../twox.ts'
import type { CryptoProvider, Hashes } from '../types.ts'

const hashes: Hashes = {
  blake2b128: (bytes) => blake2b(bytes, { dkLen: 16 }),
  blake2b256: (bytes) => blake2b(bytes, { dkLen: 32 }),
  blake2b512: (bytes) => blake2b(bytes, { dkLen: 64 }),
  twox64,
  twox128,
  sha256,
  sha384,
  keccak256: keccak_256,
  sha1,
}

/** Portable JavaScript: runs wherever ES2023 does. */
export const portable: CryptoProvider = createProvider('portable', hashes, {
  sr25519: ({ publicKey, message, signature }) => sr25519.verify(message, signature, publicKey),
  ed25519: ({ publicKey, message, signature }) => verifyEd25519(publicKey, message, signature),
  ecdsa: verifyEcdsa,
  p256: ({ publicKey, message, signature }) =>
    p256.verify(signature, message, concatBytes(UNCOMPRESSED, publicKey), { lowS: false }),
  p384: ({ publicKey, message, signature }) =>
    p384.verify(signature, message, concatBytes(UNCOMPRESSED, publicKey), { lowS: false }),
  rsaPss: ({ publicKey, message, signature }) => verifyRsaPss(publicKey, message, signature),
})

const UNCOMPRESSED = Uint8Array.of(4)

/** The equation without cofactor, as libsodium decides it: encode(SB - kA) equals R. */
function verifyEd25519(key: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  const { Point } = ed25519
  const { Fn } = Point
  const encodedR = signature.subarray(0, 32)
  const k = Fn.create(littleEndianToBigInt(sha512(concatBytes(encodedR, key, message))))
  const s = littleEndianToBigInt(signature.subarray(32))
  const negatedKey = Point.fromBytes(key).negate()
  const sum = multiply(Point.BASE, s).add(multiply(negatedKey, k))
  return equalBytes(sum.toBytes(), encodedR)
}

type EdwardsPoint = InstanceType<typeof ed25519.Point>

function multiply(point: EdwardsPoint, scalar: bigint): EdwardsPoint {
  return scalar === 0n ? ed25519.Point.ZERO : point.multiplyUnsafe(scalar)
}
