import { ed25519 } from '@noble/curves/ed25519.js'
import { secp256k1 } from '@noble/curves/secp256k1.js'
import { blake2b } from '@noble/hashes/blake2.js'
import { sha256, sha384 } from '@noble/hashes/sha2.js'
import { keccak_256 } from '@noble/hashes/sha3.js'
import { Twox128, Twox64Concat } from '@polkadot-api/substrate-bindings'
import * as sr25519 from '@scure/sr25519'
import { concatBytes, equalBytes, type AccountId } from '@tacit/base'
import type { Hashes, SignatureCheck } from '@tacit/crypto'
import type { MultiSignature } from '../protocol/signature.ts'

export const hashes: Hashes = {
  blake2b128: (bytes) => blake2b(bytes, { dkLen: 16 }),
  blake2b256: (bytes) => blake2b(bytes, { dkLen: 32 }),
  blake2b512: (bytes) => blake2b(bytes, { dkLen: 64 }),
  twox64: (bytes) => Twox64Concat(bytes).slice(0, 8),
  twox128: (bytes) => Twox128(bytes),
  sha256: (bytes) => sha256(bytes),
  sha384: (bytes) => sha384(bytes),
  keccak256: (bytes) => keccak_256(bytes),
}

export type TestKey = {
  readonly who: AccountId
  sign(message: Uint8Array): MultiSignature
}

/** A key made of one byte. */
export function testKey(scheme: MultiSignature['type'], seed: number): TestKey {
  const secret = new Uint8Array(32).fill(seed)
  if (scheme === 'Sr25519') {
    const pair = sr25519.secretFromSeed(secret)
    return {
      who: sr25519.getPublicKey(pair) as Uint8Array as AccountId,
      sign: (message) => ({ type: 'Sr25519', value: sr25519.sign(pair, message) }),
    }
  }
  if (scheme === 'Ed25519') {
    return {
      who: ed25519.getPublicKey(secret) as Uint8Array as AccountId,
      sign: (message) => ({ type: 'Ed25519', value: ed25519.sign(message, secret) }),
    }
  }
  return {
    who: hashes.blake2b256(secp256k1.getPublicKey(secret)) as AccountId,
    sign: (message) => {
      const hash = hashes.blake2b256(message)
      const made = secp256k1.sign(hash, secret, { prehash: false, format: 'recovered' })
      return { type: 'Ecdsa', value: concatBytes(made.slice(1), made.slice(0, 1)) }
    },
  }
}

/** Enough for tests of the rules; the acceptance set is @tacit/crypto's. */
export function verify({ scheme, publicKey, message, signature }: SignatureCheck): boolean {
  try {
    if (scheme === 'sr25519') return sr25519.verify(message, signature, publicKey)
    if (scheme === 'ed25519') return ed25519.verify(signature, message, publicKey)
    const recoverable = concatBytes(signature.slice(64), signature.slice(0, 64))
    const hash = hashes.blake2b256(message)
    const key = secp256k1.recoverPublicKey(recoverable, hash, { prehash: false })
    return equalBytes(hashes.blake2b256(key), publicKey)
  } catch {
    return false
  }
}
