import {
  accountId,
  bool,
  boundedStr,
  fixedBytes,
  hash256,
  struct,
  u128,
  u16,
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

const path = (name: string): { readonly path: readonly string[] } => ({
  path: ['pallet_attestation', name],
})

/** What a manifest is about; NVIDIA signs one for each board that shares a version. */
export type RimSubject = {
  readonly device: CaseOf<'Gpu'> | CaseOf<'Switch'>
  readonly kind: CaseOf<'Driver'> | CaseOf<'Vbios'>
  /** The chip, such as `GH100`. */
  readonly product: string
  /** Of driver or VBIOS, in upper case. */
  readonly version: string
}

const MAX_PRODUCT_BYTES = 16
const MAX_VERSION_BYTES = 64

export const deviceKind: Codec<RimSubject['device']> = variant(
  { Gpu: [0], Switch: [1] },
  path('DeviceKind'),
)

export const rimSubject: Codec<RimSubject> = struct(
  {
    device: deviceKind,
    kind: variant({ Driver: [0], Vbios: [1] }, path('RimKind')),
    product: boundedStr(MAX_PRODUCT_BYTES),
    version: boundedStr(MAX_VERSION_BYTES),
  },
  path('RimSubject'),
)

/** What NVIDIA expects a device to measure: the signed content of one manifest, and no more. */
export type RimRecord = {
  readonly values: readonly {
    /** From 0. */
    readonly index: number
    readonly active: boolean
    /** SHA-384. */
    readonly alternatives: readonly Uint8Array[]
  }[]
  readonly minimumSvns: readonly {
    readonly fieldType: number
    readonly name: string
    readonly minimum: bigint
  }[]
  /** SHA-256 of the root's certificate. */
  readonly root: Uint8Array
  /** BLAKE2b-256 of the document, which the block that brought it has. */
  readonly hash: Hash
  /** Unix seconds: when the certificates behind it begin and end. */
  readonly latestIssue: bigint
  readonly earliestExpiry: bigint
  readonly submitter: AccountId
  /** Planck held of the submitter's. */
  readonly deposit: bigint
  /** Height. */
  readonly acceptedAt: number
}

/** As manifests are read: 64 measurements, 512 entries in all, names of 128 characters. */
const MAX_VALUES = 64
const MAX_ALTERNATIVES = 64
const MAX_SVNS = 512
const MAX_NAME_BYTES = 128

export const rimRecord: Codec<RimRecord> = struct(
  {
    values: vec(
      struct(
        { index: u8, active: bool, alternatives: vec(fixedBytes(48), MAX_ALTERNATIVES) },
        path('GoldenValue'),
      ),
      MAX_VALUES,
    ),
    minimumSvns: vec(
      struct(
        { fieldType: u16, name: boundedStr(MAX_NAME_BYTES), minimum: u64 },
        path('MinimumSvn'),
      ),
      MAX_SVNS,
    ),
    root: fixedBytes(32),
    hash: hash256,
    latestIssue: u64,
    earliestExpiry: u64,
    submitter: accountId,
    deposit: u128,
    acceptedAt: u32,
  },
  path('Rim'),
)
