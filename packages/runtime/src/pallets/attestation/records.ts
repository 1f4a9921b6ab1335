import {
  accountId,
  bool,
  boundedBytes,
  boundedStr,
  fixedBytes,
  hash256,
  struct,
  u128,
  u32,
  u64,
  u8,
  variant,
  vec,
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

export type Vendor = CaseOf<'Intel'>

/** A certificate authority that the chain trusts, pinned by its bytes. */
export type PinnedRoot = {
  readonly name: string
  readonly vendor: Vendor
  /** DER. */
  readonly certificate: Uint8Array
}

export const pinnedRoot: Codec<PinnedRoot> = struct(
  {
    name: boundedStr(MAX_ROOT_NAME_BYTES),
    vendor: variant({ Intel: [0] }, path('Vendor')),
    certificate: boundedBytes(MAX_ROOT_BYTES),
  },
  path('PinnedRoot'),
)

export type TeeKind = CaseOf<'Sgx'> | CaseOf<'Tdx'>

export const teeKind: Codec<TeeKind> = variant({ Sgx: [0], Tdx: [1] }, path('TeeKind'))

/** Which of Intel's two intermediates issues the certificates of the platforms. */
export type PckCa = CaseOf<'Processor'> | CaseOf<'Platform'>

/** The platforms that one set of collateral speaks for. */
export type CollateralId = {
  readonly tee: TeeKind
  /** Processor family, 6 bytes. */
  readonly fmspc: Uint8Array
  readonly ca: PckCa
}

export const collateralId: Codec<CollateralId> = struct(
  {
    tee: teeKind,
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
  /** Unix seconds: the first end of validity of all parts. */
  readonly earliestExpiry: bigint
  readonly root: Uint8Array
  readonly submitter: AccountId
  /** Planck held of the submitter's until newer collateral replaces this. */
  readonly deposit: bigint
  /** Height. */
  readonly acceptedAt: number
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
    submitter: accountId,
    deposit: u128,
    acceptedAt: u32,
  },
  path('CollateralInfo'),
)

/** How well a platform is patched, as its vendor judges it. */
export type StoredTcbStatus =
  | CaseOf<'UpToDate'>
  | CaseOf<'SWHardeningNeeded'>
  | CaseOf<'ConfigurationNeeded'>
  | CaseOf<'ConfigurationAndSWHardeningNeeded'>
  | CaseOf<'TDRelaunchAdvised'>
  | CaseOf<'TDRelaunchAdvisedConfigurationNeeded'>
  | CaseOf<'OutOfDate'>
  | CaseOf<'OutOfDateConfigurationNeeded'>
  | CaseOf<'Revoked'>
  | CaseOf<'NotSupported'>

const storedTcbStatus: Codec<StoredTcbStatus> = variant(
  {
    UpToDate: [0],
    SWHardeningNeeded: [1],
    ConfigurationNeeded: [2],
    ConfigurationAndSWHardeningNeeded: [3],
    TDRelaunchAdvised: [4],
    TDRelaunchAdvisedConfigurationNeeded: [5],
    OutOfDate: [6],
    OutOfDateConfigurationNeeded: [7],
    Revoked: [8],
    NotSupported: [9],
  },
  path('TcbStatus'),
)

/** What the chain keeps of accepted evidence. */
export type VerdictRecord = {
  readonly tee: TeeKind
  readonly status: StoredTcbStatus
  readonly advisories: readonly string[]
  /** The root that vouched. */
  readonly rootName: string
  /** SHA-256 of its certificate. */
  readonly rootFingerprint: Uint8Array
  /** measurementId of what was launched. */
  readonly measurement: Hash
  readonly debug: boolean
  readonly tcbEvaluationDataNumber: number
  /** Unix seconds: when the first of its certificates, lists and documents ends. */
  readonly earliestExpiry: bigint
  /** Signatures that the verdict rests on. */
  readonly signatureChecks: number
}

/** A level of the platform and one of its module name at most 256 advisories each. */
const MAX_ADVISORIES = 512
/** 64 characters of at most three bytes. */
const MAX_ADVISORY_BYTES = 192

export const verdictRecord: Codec<VerdictRecord> = struct(
  {
    tee: teeKind,
    status: storedTcbStatus,
    advisories: vec(boundedStr(MAX_ADVISORY_BYTES), MAX_ADVISORIES),
    rootName: boundedStr(MAX_ROOT_NAME_BYTES),
    rootFingerprint: fixedBytes(32),
    measurement: hash256,
    debug: bool,
    tcbEvaluationDataNumber: u32,
    earliestExpiry: u64,
    signatureChecks: u8,
  },
  path('Verdict'),
)

/** A program that may serve in a role. */
export type AllowedMeasurement = { readonly role: Role; readonly measurement: Hash }

export const allowedMeasurement: Codec<AllowedMeasurement> = struct(
  { role, measurement: hash256 },
  path('AllowedMeasurement'),
)
