import {
  bool,
  boundedBytes,
  boundedStr,
  fixedBytes,
  hash256,
  mapped,
  option,
  struct,
  u16,
  u32,
  u64,
  u8,
  variant,
  vec,
  type CaseOf,
  type Codec,
  type Hash,
} from '@tacit/base'
import type { DcapFacts, SnpTcb } from '@tacit/attestation'
import { MAX_GPU_DEVICES } from '../../protocol/evidence.ts'
import {
  amdCollateralId,
  collateralId,
  MAX_ROOT_NAME_BYTES,
  teeKind,
  type AmdCollateralId,
  type CollateralId,
  type TeeKind,
} from './records.ts'
import { deviceKind, type RimSubject } from './rim-record.ts'

/** Of at most MAX_ROOTS pinned ones. */
const MAX_GPU_ROOTS = 16

const path = (name: string): { readonly path: readonly string[] } => ({
  path: ['pallet_attestation', name],
})

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
  /** The vendor publishes no judgement; the chain's policy demands patch levels instead. */
  | CaseOf<'ByPolicy'>

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
    ByPolicy: [10],
  },
  path('TcbStatus'),
)

/** What the chain keeps of evidence in order to judge its platform again without it. */
export type PlatformFacts =
  | CaseOf<'Dcap', { readonly collateral: CollateralId; readonly facts: DcapFacts }>
  | CaseOf<'SevSnp', { readonly collateral: AmdCollateralId; readonly reportedTcb: SnpTcb }>

const svns: Codec<readonly number[]> = mapped(
  fixedBytes(16),
  (bytes) => [...bytes],
  (numbers) => Uint8Array.from(numbers),
)

const dcapFactsCodec: Codec<DcapFacts> = struct(
  {
    pckSerial: boundedBytes(20),
    platform: struct({ componentSvns: svns, pceSvn: u16 }, path('PckFacts')),
    qeIsvSvn: u16,
    tdx: option(
      struct(
        {
          teeTcbSvn: fixedBytes(16),
          teeTcbSvn2: option(fixedBytes(16)),
          mrSignerSeam: fixedBytes(48),
          seamAttributes: fixedBytes(8),
        },
        path('TdxFacts'),
      ),
    ),
  },
  path('DcapFacts'),
)

const snpTcb: Codec<SnpTcb> = struct(
  { fmc: option(u8), bootloader: u8, tee: u8, snp: u8, microcode: u8 },
  path('SnpTcb'),
)

const platformFacts: Codec<PlatformFacts> = variant(
  {
    Dcap: [0, struct({ collateral: collateralId, facts: dcapFactsCodec })],
    SevSnp: [1, struct({ collateral: amdCollateralId, reportedTcb: snpTcb })],
  },
  path('PlatformFacts'),
)

/** A GPU or switch of an instance. */
export type GpuRecord = {
  /** platformId of the device. */
  readonly platform: Hash
  readonly kind: RimSubject['device']
  /** The name in the device's certificate. */
  readonly model: string
  readonly driverVersion: string | undefined
  readonly vbiosVersion: string | undefined
  /** Ids of the manifests that it measured as, 48 bytes each. */
  readonly driverRim: Uint8Array | undefined
  readonly vbiosRim: Uint8Array | undefined
  /** Whether OCSP responses said of all its certificates that they are good. */
  readonly isRevocationKnown: boolean
}

const MAX_MODEL_BYTES = 192
const gpuRecord: Codec<GpuRecord> = struct(
  {
    platform: hash256,
    kind: deviceKind,
    model: boundedStr(MAX_MODEL_BYTES),
    driverVersion: option(boundedStr(MAX_MODEL_BYTES)),
    vbiosVersion: option(boundedStr(MAX_MODEL_BYTES)),
    driverRim: option(fixedBytes(48)),
    vbiosRim: option(fixedBytes(48)),
    isRevocationKnown: bool,
  },
  path('Gpu'),
)

/** What the chain keeps of accepted evidence. */
export type VerdictRecord = {
  readonly tee: TeeKind
  readonly status: StoredTcbStatus
  /** Intel's, of platform, module and quoting enclave; of AMD's those that are open. */
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
  /** platformId of the processor. */
  readonly platform: Hash
  readonly facts: PlatformFacts
  readonly gpus: readonly GpuRecord[]
  /** SHA-256 of the roots that vouched for devices and manifests. */
  readonly gpuRoots: readonly Uint8Array[]
}

/** A level of the platform, one of its module and one of its quoting enclave: 256 each. */
const MAX_ADVISORIES = 768
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
    signatureChecks: u16,
    platform: hash256,
    facts: platformFacts,
    gpus: vec(gpuRecord, MAX_GPU_DEVICES),
    gpuRoots: vec(fixedBytes(32), MAX_GPU_ROOTS),
  },
  path('Verdict'),
)
