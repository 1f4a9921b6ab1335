import { compactU64, mapped, struct, type Codec } from '@tacit/base'

/** Cost of execution: reference time in picoseconds, and bytes of proof (informative here). */
export type Weight = { readonly refTime: bigint; readonly proofSize: bigint }

export const ZERO_WEIGHT: Weight = { refTime: 0n, proofSize: 0n }

/**
 * Picoseconds of each operation on the reference machine (two shared cores, Node 24). What
 * attestation takes is measured: docs/results/attestation-weights.json, by `npm run bench -- weights`.
 */
export const OPERATION_PS = {
  /** One storage read: overlay, LMDB, decoding. */
  read: 8_000_000n,
  /** One storage write: overlay, trie path, LMDB. */
  write: 50_000_000n,
  /** One byte that is copied or hashed. */
  byte: 1_000n,
  ed25519: 120_000_000n,
  sr25519: 350_000_000n,
  ecdsa: 600_000_000n,
  p256: 350_000_000n,
  p384: 2_000_000_000n,
  /** RSASSA-PSS of 4096 bits. */
  rsa: 350_000_000n,
  /** Reading one X.509 certificate, revocation list or OCSP response. */
  certificate: 300_000_000n,
  /** One BLS12-381 pairing check. */
  pairing: 8_000_000_000n,
} as const

export type Effort = {
  readonly reads?: number
  readonly writes?: number
  readonly bytes?: number
  /** Certificates, revocation lists and OCSP responses that are read. */
  readonly certificates?: number
  /** Signature checks by scheme. */
  readonly crypto?: {
    readonly [S in 'ed25519' | 'sr25519' | 'ecdsa' | 'p256' | 'p384' | 'rsa' | 'pairing']?: number
  }
}

/** The declared weight of a call: its operations times the committed constants. */
export function weigh(effort: Effort): Weight {
  const { reads = 0, writes = 0, bytes = 0, certificates = 0, crypto = {} } = effort
  let refTime =
    BigInt(reads) * OPERATION_PS.read +
    BigInt(writes) * OPERATION_PS.write +
    BigInt(bytes) * OPERATION_PS.byte +
    BigInt(certificates) * OPERATION_PS.certificate
  for (const scheme of CRYPTO) refTime += BigInt(crypto[scheme] ?? 0) * OPERATION_PS[scheme]
  return { refTime, proofSize: BigInt(reads) * PROOF_BYTES_PER_READ }
}

const CRYPTO = ['ed25519', 'sr25519', 'ecdsa', 'p256', 'p384', 'rsa', 'pairing'] as const
/** A value with its path through a base-16 trie of a million keys, roughly. */
const PROOF_BYTES_PER_READ = 2_048n
const MAX_U64 = 2n ** 64n - 1n

/** Saturates at the encoding's 64 bits. */
export function addWeights(a: Weight, b: Weight): Weight {
  return {
    refTime: saturate(a.refTime + b.refTime),
    proofSize: saturate(a.proofSize + b.proofSize),
  }
}

/** The smaller of each part: an actual weight may refund but never charge more. */
export function lesserWeight(a: Weight, b: Weight): Weight {
  return {
    refTime: a.refTime < b.refTime ? a.refTime : b.refTime,
    proofSize: a.proofSize < b.proofSize ? a.proofSize : b.proofSize,
  }
}

/** Whether either part of the weight is above the limit's. */
export function exceeds(weight: Weight, limit: Weight): boolean {
  return weight.refTime > limit.refTime || weight.proofSize > limit.proofSize
}

function saturate(value: bigint): bigint {
  return value > MAX_U64 ? MAX_U64 : value
}

/** sp_weights::weight_v2::Weight. */
export const weightCodec: Codec<Weight> = mapped(
  struct(
    { ref_time: compactU64, proof_size: compactU64 },
    { path: ['sp_weights', 'weight_v2', 'Weight'] },
  ),
  (value) => ({ refTime: value.ref_time, proofSize: value.proof_size }),
  (weight) => ({ ref_time: weight.refTime, proof_size: weight.proofSize }),
)
