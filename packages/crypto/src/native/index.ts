import {
  constants,
  createPrivateKey,
  createPublicKey,
  hash,
  sign,
  verify,
  type KeyObject,
} from 'node:crypto'
import { ristretto255 } from '@noble/curves/ed25519.js'
import { blake3 } from '@noble/hashes/blake3.js'
import { keccak_256 } from '@noble/hashes/sha3.js'
import { sr25519_verify } from '@polkadot-labs/schnorrkel-wasm'
import sodium from 'sodium-native'
import { recover } from 'tiny-secp256k1'
import { createProvider } from '../provider.ts'
import { ecdsaVerifier, recoverKeyPortably, type RecoverKey } from '../recover.ts'
import { twox128, twox64 } from '../twox.ts'
import { remembered } from '../remembered.ts'
import type { CryptoProvider, Hashes } from '../types.ts'
import { ecdsaSignature } from '../x509/der-writer.ts'

const hashes: Hashes = {
  blake2b128: (bytes) => blake2b(16, bytes),
  blake2b256: (bytes) => blake2b(32, bytes),
  blake2b512: (bytes) => blake2b(64, bytes),
  twox64,
  twox128,
  sha256: (bytes) => new Uint8Array(hash('sha256', bytes, 'buffer')),
  sha384: (bytes) => new Uint8Array(hash('sha384', bytes, 'buffer')),
  keccak256: keccak_256,
  blake3: (bytes) => blake3(bytes),
  sha1: (bytes) => new Uint8Array(hash('sha1', bytes, 'buffer')),
}

/**
 * libsecp256k1 in WebAssembly. Where x of R is r + n (v of 2 and 3) tiny-secp256k1 asks that r be an
 * x of a point too, which is not the rule: those few, which nobody signs, are left to JavaScript.
 */
const recoverKey: RecoverKey = (signature, hash) => {
  const [v = 4] = signature.subarray(64)
  if (v !== 0 && v !== 1) return recoverKeyPortably(signature, hash)
  return recover(hash, signature.subarray(0, 64), v, true) ?? undefined
}

/** libsodium, schnorrkel, libsecp256k1 and OpenSSL: what nodes and enclaves run. */
export const native: CryptoProvider = createProvider('native', hashes, {
  sr25519: ({ publicKey, message, signature }) =>
    isRistretto(publicKey) && sr25519_verify(publicKey, message, signature),
  ed25519: ({ publicKey, message, signature }) =>
    sodium.crypto_sign_verify_detached(signature, message, publicKey),
  ecdsa: ecdsaVerifier(recoverKey, hashes.blake2b256),
  // Node takes r||s too, but only beside options, and finds a key among options so slowly that a
  // signature costs more than half as much again.
  p256: ({ publicKey, message, signature }) =>
    verify('sha256', message, p256Key(publicKey), ecdsaSignature(signature)),
  p384: ({ publicKey, message, signature }) =>
    verify('sha384', message, p384Key(publicKey), ecdsaSignature(signature)),
  rsaPss: ({ publicKey, message, signature }) =>
    verify('sha384', message, { key: rsaKey(publicKey), ...PSS }, signature),
})

/** PrivateKeyInfo of an ed25519 seed, up to the seed. Source: RFC 8410, section 7. */
const ED25519_PKCS8 = '302e020100300506032b657004220420'

/**
 * Signs with ed25519 by OpenSSL, a tenth of the time that JavaScript takes; the same bytes, as RFC 8032
 * leaves no choice.
 * @param seed 32 bytes, copied.
 */
export function ed25519Signer(seed: Uint8Array): (message: Uint8Array) => Uint8Array {
  const der = Buffer.concat([Buffer.from(ED25519_PKCS8, 'hex'), seed])
  const key = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' })
  return (message) => new Uint8Array(sign(null, message, key))
}

function blake2b(length: number, bytes: Uint8Array): Uint8Array {
  const out = new Uint8Array(length)
  sodium.crypto_generichash(out, bytes)
  return out
}

/** MGF1 takes the hash of the message. */
const PSS = { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 48 }

/** SubjectPublicKeyInfo of uncompressed keys, up to x and y. Source: RFC 5480, section 2. */
const P256_SPKI = '3059301306072a8648ce3d020106082a8648ce3d03010703420004'
const P384_SPKI = '3076301006072a8648ce3d020106052b8104002203620004'

/** Importing a key costs more than a verification; certificate authorities come back all the time. */
const p256Key = remembered((publicKey) => importPoint(P256_SPKI, publicKey), 256)
const p384Key = remembered((publicKey) => importPoint(P384_SPKI, publicKey), 256)
const rsaKey = remembered((modulus): KeyObject => {
  const n = Buffer.from(modulus).toString('base64url')
  return createPublicKey({ key: { kty: 'RSA', n, e: 'AQAB' }, format: 'jwk' })
}, 64)

function importPoint(prefix: string, publicKey: Uint8Array): KeyObject {
  const key = Buffer.concat([Buffer.from(prefix, 'hex'), publicKey])
  return createPublicKey({ key, format: 'der', type: 'spki' })
}

/**
 * schnorrkel-wasm aborts on a key that is no point. An abort gives no stack and no memory back:
 * after some two thousand of them every signature would fail. So it never sees such a key.
 */
const isRistretto = remembered((publicKey): boolean => {
  try {
    ristretto255.Point.fromBytes(publicKey)
    return true
  } catch {
    return false
  }
}, 4096)
