import { ed25519 } from '@noble/curves/ed25519.js'
import { blake2b } from '@noble/hashes/blake2.js'
import { blake3 } from '@noble/hashes/blake3.js'
import { sha512 } from '@noble/hashes/sha2.js'
import * as sr25519 from '@scure/sr25519'
import { concatBytes, equalBytes, littleEndianToBigInt } from '@tacit/base'
import { createProvider } from '../provider.ts'
import { ecdsaVerifier, recoverKeyPortably } from '../recover.ts'
import { evidenceHashes, evidenceVerifiers } from './evidence.ts'
import { twox128, twox64 } from '../twox.ts'
import type { CryptoProvider, Hashes } from '../types.ts'

const hashes: Hashes = {
  ...evidenceHashes,
  blake2b128: (bytes) => blake2b(bytes, { dkLen: 16 }),
  blake2b512: (bytes) => blake2b(bytes, { dkLen: 64 }),
  blake3: (bytes) => blake3(bytes),
  twox64,
  twox128,
}

/** Portable JavaScript: runs wherever ES2023 does. */
export const portable: CryptoProvider = createProvider('portable', hashes, {
  ...evidenceVerifiers,
  sr25519: ({ publicKey, message, signature }) => sr25519.verify(message, signature, publicKey),
  ed25519: ({ publicKey, message, signature }) => verifyEd25519(publicKey, message, signature),
  ecdsa: ecdsaVerifier(recoverKeyPortably, hashes.blake2b256),
})

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
