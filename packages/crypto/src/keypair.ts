import { ed25519 } from '@noble/curves/ed25519.js'
import { secp256k1 } from '@noble/curves/secp256k1.js'
import { blake2b } from '@noble/hashes/blake2.js'
import * as sr25519 from '@scure/sr25519'
import { concatBytes, InvariantError, type AccountId } from '@tacit/base'

export type AccountScheme = 'sr25519' | 'ed25519' | 'ecdsa'

/**
 * A key pair that signs, always the same way for the same message. Its secret is held in a closure:
 * it is in no property and no JSON.
 */
export interface Keypair {
  readonly scheme: AccountScheme
  /** 32 bytes; 33 (compressed) for ecdsa. */
  readonly publicKey: Uint8Array
  /** The account of this key: the key itself, or BLAKE2b-256 of it for ecdsa. */
  readonly accountId: AccountId
  /** 64 bytes; 65 (r, s, v) for ecdsa. */
  sign(message: Uint8Array): Uint8Array
}

/**
 * The key pair of 32 secret bytes: sr25519's mini secret (expanded the Ed25519 way), the seed of
 * RFC 8032, or secp256k1's scalar, big-endian, from 1 to n - 1. The bytes are copied.
 */
export function keypairFromSeed(scheme: AccountScheme, seed: Uint8Array): Keypair {
  if (!isSeed(scheme, seed)) throw new InvariantError(`not a secret of ${scheme}`)
  switch (scheme) {
    case 'sr25519':
      return sr25519Keypair(sr25519.secretFromSeed(seed))
    case 'ed25519':
      return ed25519Keypair(Uint8Array.from(seed))
    case 'ecdsa':
      return ecdsaKeypair(Uint8Array.from(seed))
  }
}

/** Whether these bytes can be the secret of a scheme; of 32 random bytes all but 2^-127 can. */
export function isSeed(scheme: AccountScheme, seed: Uint8Array): boolean {
  return scheme === 'ecdsa' ? secp256k1.utils.isValidSecretKey(seed) : seed.length === 32
}

/**
 * The nonce of a signature comes from the secret nonce seed and the whole transcript (message and
 * key), as in RFC 8032; schnorrkel would stir in fresh randomness as well.
 */
const NO_RANDOMNESS = new Uint8Array(32)

/** Key pair of an sr25519 secret (scalar and nonce seed, 64 bytes). */
export function sr25519Keypair(secret: Uint8Array): Keypair {
  const publicKey = sr25519.getPublicKey(secret)
  return {
    scheme: 'sr25519',
    publicKey,
    accountId: publicKey as AccountId,
    sign: (message) => sr25519.sign(secret, message, NO_RANDOMNESS),
  }
}

function ed25519Keypair(seed: Uint8Array): Keypair {
  const publicKey = ed25519.getPublicKey(seed)
  return {
    scheme: 'ed25519',
    publicKey,
    accountId: publicKey as AccountId,
    sign: (message) => ed25519.sign(message, seed),
  }
}

function ecdsaKeypair(scalar: Uint8Array): Keypair {
  const publicKey = secp256k1.getPublicKey(scalar, true)
  return {
    scheme: 'ecdsa',
    publicKey,
    accountId: blake2b(publicKey, { dkLen: 32 }) as AccountId,
    sign(message) {
      const hash = blake2b(message, { dkLen: 32 })
      const signed = secp256k1.sign(hash, scalar, { prehash: false, format: 'recovered' })
      return concatBytes(signed.subarray(1), signed.subarray(0, 1))
    },
  }
}
