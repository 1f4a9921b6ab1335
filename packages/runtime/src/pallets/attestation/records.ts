import {
  accountId,
  boundedBytes,
  boundedStr,
  fixedBytes,
  hash256,
  struct,
  u128,
  u32,
  u64,
  variant,
  type AccountId,
  type CaseOf,
  type Codec,
  type Hash,
} from '@tacit/base'
import { role, type Role } from '../../protocol/registration.ts'

const path = (name: string): { readonly path: readonly string[] } => ({
  path: ['pallet_attestation', name],
})

/** Bytes of a pinned root's name and certificate. */
export const MAX_ROOT_NAME_BYTES = 64
export const MAX_ROOT_BYTES = 4_096

/** Whose evidence formats a root vouches for. */
export type StoredVendor = CaseOf<'Intel'> | CaseOf<'Amd'> | CaseOf<'Nvidia'>

export const storedVendor: Codec<StoredVendor> = variant(
  { Intel: [0], Amd: [1], Nvidia: [2] },
  path('Vendor'),
)

/** A certificate authority that the chain trusts, pinned by its bytes. */
export type PinnedRoot = {
  readonly name: string
  readonly vendor: StoredVendor
  /** DER. */
  readonly certificate: Uint8Array
}

export const pinnedRoot: Codec<PinnedRoot> = struct(
  {
    name: boundedStr(MAX_ROOT_NAME_BYTES),
    vendor: storedVendor,
    certificate: boundedBytes(MAX_ROOT_BYTES),
  },
  path('PinnedRoot'),
)

export type TeeKind = CaseOf<'Sgx'> | CaseOf<'Tdx'> | CaseOf<'SevSnp'>

export const teeKind: Codec<TeeKind> = variant({ Sgx: [0], Tdx: [1], SevSnp: [2] }, path('TeeKind'))

/** Which of Intel's two intermediates issues the certificates of the platforms. */
export type PckCa = CaseOf<'Processor'> | CaseOf<'Platform'>

/** The platforms that one set of Intel's collateral speaks for. */
export type CollateralId = {
  readonly tee: CaseOf<'Sgx'> | CaseOf<'Tdx'>
  /** Processor family, 6 bytes. */
  readonly fmspc: Uint8Array
  readonly ca: PckCa
}

export const collateralId: Codec<CollateralId> = struct(
  {
    tee: variant({ Sgx: [0], Tdx: [1] }, path('IntelTee')),
    fmspc: fixedBytes(6),
    ca: variant({ Processor: [0], Platform: [1] }, path('PckCa')),
  },
  path('CollateralId'),
)

/** What the chain knows of stored collateral; the four numbers and four times only rise. */
export type CollateralInfo = {
  readonly tcbEvaluationDataNumber: number
  readonly qeEvaluationDataNumber: number
  /** Big-endian, 20 bytes; zeros where the issuer does not number its lists. */
  readonly rootCrlNumber: Uint8Array
  readonly pckCrlNumber: Uint8Array
  /** Unix seconds. */
  readonly tcbInfoIssued: bigint
  readonly qeIdentityIssued: bigint
  readonly rootCrlIssued: bigint
  readonly pckCrlIssued: bigint
  /** Unix seconds: the first end of validity of all parts, or of the age that they may reach. */
  readonly earliestExpiry: bigint
  /** SHA-256 of the root's certificate. */
  readonly root: Uint8Array
  /** BLAKE2b-256 of the collateral, SCALE-encoded. */
  readonly hash: Hash
  readonly submitter: AccountId
  /** Planck held of the submitter's until newer collateral replaces this. */
  readonly deposit: bigint
  /** Height. */
  readonly acceptedAt: number
  /** Unix milliseconds of the chain's clock. */
  readonly acceptedMs: bigint
}

export const collateralInfo: Codec<CollateralInfo> = struct(
  {
    tcbEvaluationDataNumber: u32,
    qeEvaluationDataNumber: u32,
    rootCrlNumber: fixedBytes(20),
    pckCrlNumber: fixedBytes(20),
    tcbInfoIssued: u64,
    qeIdentityIssued: u64,
    rootCrlIssued: u64,
    pckCrlIssued: u64,
    earliestExpiry: u64,
    root: fixedBytes(32),
    hash: hash256,
    submitter: accountId,
    deposit: u128,
    acceptedAt: u32,
    acceptedMs: u64,
  },
  path('CollateralInfo'),
)

/** The chips, or the cloud's machines, that one set of AMD's collateral speaks for. */
export type AmdCollateralId = {
  readonly family: CaseOf<'Milan'> | CaseOf<'Genoa'> | CaseOf<'Turin'>
  readonly signingKey: CaseOf<'Vcek'> | CaseOf<'Vlek'>
}

export const amdCollateralId: Codec<AmdCollateralId> = struct(
  {
    family: variant({ Milan: [0], Genoa: [1], Turin: [2] }, path('AmdFamily')),
    signingKey: variant({ Vcek: [0], Vlek: [1] }, path('AmdSigningKey')),
  },
  path('AmdCollateralId'),
)

/** What the chain knows of AMD's stored collateral; number and time only rise. */
export type AmdCollateralInfo = {
  /** Big-endian, 20 bytes; zeros where AMD does not number its lists. */
  readonly crlNumber: Uint8Array
  /** Unix seconds. */
  readonly crlIssued: bigint
  /** Unix seconds: as CollateralInfo's. */
  readonly earliestExpiry: bigint
  /** SHA-256 of the root's certificate. */
  readonly root: Uint8Array
  /** BLAKE2b-256 of the collateral, SCALE-encoded. */
  readonly hash: Hash
  readonly submitter: AccountId
  /** Planck held of the submitter's until newer collateral replaces this. */
  readonly deposit: bigint
  /** Height. */
  readonly acceptedAt: number
  /** Unix milliseconds of the chain's clock. */
  readonly acceptedMs: bigint
}

export const amdCollateralInfo: Codec<AmdCollateralInfo> = struct(
  {
    crlNumber: fixedBytes(20),
    crlIssued: u64,
    earliestExpiry: u64,
    root: fixedBytes(32),
    hash: hash256,
    submitter: accountId,
    deposit: u128,
    acceptedAt: u32,
    acceptedMs: u64,
  },
  path('AmdCollateralInfo'),
)

/** A program that may serve in a role. */
export type AllowedMeasurement = { readonly role: Role; readonly measurement: Hash }

export const allowedMeasurement: Codec<AllowedMeasurement> = struct(
  { role, measurement: hash256 },
  path('AllowedMeasurement'),
)

/** Bytes of a policy, JSON. */
export const MAX_POLICY_BYTES = 16_384
/** Bytes of the reason why a platform was revoked. */
export const MAX_REASON_BYTES = 128

/** The policy of the chain as governance set it. */
export type StoredPolicy = {
  /** JSON, as @tacit/attestation reads policies. */
  readonly document: Uint8Array
  /** Rises with each change, from 1. */
  readonly version: number
  /** Unix milliseconds of the chain's clock. */
  readonly changedMs: bigint
}

export const storedPolicy: Codec<StoredPolicy> = struct(
  { document: boundedBytes(MAX_POLICY_BYTES), version: u32, changedMs: u64 },
  path('StoredPolicy'),
)

/** The least evaluation number that counts, and since when. */
export type MinimumEvaluation = {
  readonly number: number
  /** Unix milliseconds of the chain's clock. */
  readonly changedMs: bigint
}

export const minimumEvaluation: Codec<MinimumEvaluation> = struct(
  { number: u32, changedMs: u64 },
  path('MinimumEvaluation'),
)

/** Why and when a platform was revoked. */
export type PlatformRevocation = {
  readonly reason: string
  /** Height. */
  readonly revokedAt: number
}

export const platformRevocation: Codec<PlatformRevocation> = struct(
  { reason: boundedStr(MAX_REASON_BYTES), revokedAt: u32 },
  path('PlatformRevocation'),
)
