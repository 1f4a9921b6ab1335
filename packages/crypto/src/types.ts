/**
 * sr25519 has the signing context `substrate`; ecdsa is secp256k1 with recovery; p256 is ES256,
 * p384 is ES384; rsaPss is PS384: RSASSA-PSS with SHA-384, MGF1 with SHA-384 and e = 65537.
 */
export const SIGNATURE_SCHEMES = ['sr25519', 'ed25519', 'ecdsa', 'p256', 'p384', 'rsaPss'] as const
export type SignatureScheme = (typeof SIGNATURE_SCHEMES)[number]

/**
 * One signature to decide. Lengths in bytes:
 * sr25519 and ed25519: key 32, signature 64.
 * ecdsa: key 33 (compressed) or 32 (its BLAKE2b-256, an account), signature 65 (r, s, v); the
 * message is hashed with BLAKE2b-256.
 * p256: key 64 (x, y), signature 64 (r, s); the message is hashed with SHA-256.
 * p384: key 96 (x, y), signature 96 (r, s); the message is hashed with SHA-384.
 * rsaPss: key 256, 384 or 512 (the modulus), signature as long; the salt has 48.
 */
export interface SignatureCheck {
  readonly scheme: SignatureScheme
  readonly publicKey: Uint8Array
  readonly message: Uint8Array
  readonly signature: Uint8Array
}

/** Total: any bytes have a hash. */
export type HashFunction = (bytes: Uint8Array) => Uint8Array

/** The hash functions of the chain; results are 16, 32, 64, 8, 16, 32, 48, 32 and 20 bytes long. */
export interface Hashes {
  readonly blake2b128: HashFunction
  readonly blake2b256: HashFunction
  readonly blake2b512: HashFunction
  readonly twox64: HashFunction
  readonly twox128: HashFunction
  readonly sha256: HashFunction
  readonly sha384: HashFunction
  readonly keccak256: HashFunction
  /** With 32 bytes of output. */
  readonly blake3: HashFunction
  /** Collisions are known: only for names that others chose, such as those of OCSP. */
  readonly sha1: HashFunction
}

/** What attestation evidence is signed with: certificates, quotes, reports, manifests, tokens. */
export type EvidenceScheme = Extract<SignatureScheme, 'p256' | 'p384' | 'rsaPss'>

/** What verifying attestation evidence hashes with. */
export type EvidenceHashes = Pick<Hashes, 'blake2b256' | 'keccak256' | 'sha1' | 'sha256' | 'sha384'>

/** Hashes and signature checks, by native code or by portable JavaScript, with equal answers. */
export interface CryptoProvider {
  readonly name: 'native' | 'portable'
  readonly hashes: Hashes
  /** Total: false for whatever the acceptance set does not contain. See ACCEPTANCE.md. */
  verify(check: SignatureCheck): boolean
}
