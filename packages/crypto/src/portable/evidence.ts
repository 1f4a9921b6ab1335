import { p256, p384 } from '@noble/curves/nist.js'
import { blake2b } from '@noble/hashes/blake2.js'
import { sha1 } from '@noble/hashes/legacy.js'
import { sha256, sha384 } from '@noble/hashes/sha2.js'
import { keccak_256 } from '@noble/hashes/sha3.js'
import { concatBytes } from '@tacit/base'
import type { EvidenceHashes, EvidenceScheme, SignatureCheck } from '../types.ts'
import { verifyRsaPss } from './rsa-pss.ts'

/** The hash functions of evidence in portable JavaScript. */
export const evidenceHashes: EvidenceHashes = {
  blake2b256: (bytes) => blake2b(bytes, { dkLen: 32 }),
  keccak256: keccak_256,
  sha1,
  sha256,
  sha384,
}

/** The signature schemes of evidence in portable JavaScript, for checks that are well-formed. */
export const evidenceVerifiers: {
  readonly [S in EvidenceScheme]: (check: SignatureCheck) => boolean
} = {
  p256: ({ publicKey, message, signature }) =>
    p256.verify(signature, message, concatBytes(UNCOMPRESSED, publicKey), { lowS: false }),
  p384: ({ publicKey, message, signature }) =>
    p384.verify(signature, message, concatBytes(UNCOMPRESSED, publicKey), { lowS: false }),
  rsaPss: ({ publicKey, message, signature }) => verifyRsaPss(publicKey, message, signature),
}

const UNCOMPRESSED = Uint8Array.of(4)
