import {
  bool,
  boundedBytes,
  boundedStr,
  fixedBytes,
  hash256,
  struct,
  u32,
  type Hash,
} from '@tacit/base'
import {
  dcapCollateralCodec,
  snpIssuerCollateralCodec,
  type DcapCollateral,
  type SnpIssuerCollateral,
} from '@tacit/attestation'
import { defineErrors, type Errors } from '../../framework/errors.ts'
import { defineEvents, type Events } from '../../framework/events.ts'
import {
  defineStorage,
  storageDoubleMap,
  storageMap,
  storageValue,
  type OptionalDoubleMap,
  type OptionalMap,
  type OptionalValue,
  type StorageMap,
  type StorageValue,
} from '../../framework/storage.ts'
import { declareEvidenceErrors, type EvidenceErrorName } from './evidence-errors.ts'
import {
  allowedMeasurement,
  amdCollateralId,
  amdCollateralInfo,
  collateralId,
  collateralInfo,
  MAX_POLICY_BYTES,
  MAX_REASON_BYTES,
  minimumEvaluation,
  pinnedRoot,
  platformRevocation,
  storedPolicy,
  storedVendor,
  type AllowedMeasurement,
  type AmdCollateralId,
  type AmdCollateralInfo,
  type CollateralId,
  type CollateralInfo,
  type MinimumEvaluation,
  type PinnedRoot,
  type PlatformRevocation,
  type StoredPolicy,
  type StoredVendor,
} from './records.ts'
import { rimRecord, rimSubject, type RimRecord, type RimSubject } from './rim-record.ts'

export const ATTESTATION_INDEX = 20
/** Bytes of a whole set of collateral, encoded; Intel's are about 16 KB. */
export const MAX_COLLATERAL_BYTES = 131_072
export const MAX_ROOTS = 16
/** Bytes of a manifest, XML. */
export const MAX_RIM_BYTES = 262_144
/** Manifests of boards that share a version. */
export const MAX_RIMS_PER_SUBJECT = 16
/** Seconds that TCB info, QE identity and a PCK revocation list count: Intel issues them monthly. */
export const MAX_COLLATERAL_AGE_S: number = 31 * 86_400
/** Seconds that a list counts which a root key signs: about once a year. */
export const MAX_ROOT_CRL_AGE_S: number = 366 * 86_400

export type AttestationStorage = {
  readonly Roots: OptionalMap<Uint8Array, PinnedRoot>
  readonly Collateral: OptionalMap<CollateralId, DcapCollateral>
  readonly CollateralInfos: OptionalMap<CollateralId, CollateralInfo>
  readonly AmdCollateral: OptionalMap<AmdCollateralId, SnpIssuerCollateral>
  readonly AmdCollateralInfos: OptionalMap<AmdCollateralId, AmdCollateralInfo>
  readonly Rims: OptionalDoubleMap<RimSubject, Uint8Array, RimRecord>
  readonly Measurements: StorageMap<AllowedMeasurement, boolean>
  readonly Policy: OptionalValue<StoredPolicy>
  readonly MinimumEvaluation: StorageValue<MinimumEvaluation>
  readonly RevokedPlatforms: OptionalMap<Hash, PlatformRevocation>
}

export const attestationStorage: AttestationStorage = defineStorage<AttestationStorage>(
  'Attestation',
  {
    Roots: storageMap({
      hasher: 'Identity',
      key: fixedBytes(32),
      value: pinnedRoot,
      docs: ['Trusted roots by the SHA-256 of their certificates.'],
    }),
    Collateral: storageMap({
      hasher: 'Blake2_128Concat',
      key: collateralId,
      value: dcapCollateralCodec,
      docs: ['Verified collateral by TEE, processor family and PCK CA.'],
    }),
    CollateralInfos: storageMap({
      hasher: 'Blake2_128Concat',
      key: collateralId,
      value: collateralInfo,
      docs: ['Numbers, times, root and deposit of the stored collateral.'],
    }),
    AmdCollateral: storageMap({
      hasher: 'Blake2_128Concat',
      key: amdCollateralId,
      value: snpIssuerCollateralCodec,
      docs: ["AMD's verified intermediates and revocation lists by family and kind of key."],
    }),
    AmdCollateralInfos: storageMap({
      hasher: 'Blake2_128Concat',
      key: amdCollateralId,
      value: amdCollateralInfo,
      docs: ["Number, times, root and deposit of AMD's stored collateral."],
    }),
    Rims: storageDoubleMap({
      hashers: ['Blake2_128Concat', 'Identity'],
      keys: [rimSubject, fixedBytes(48)],
      value: rimRecord,
      docs: ["What NVIDIA's verified manifests say, by what they are about and their ids."],
    }),
    Measurements: storageMap({
      hasher: 'Blake2_128Concat',
      key: allowedMeasurement,
      value: bool,
      default: false,
      docs: ['Programs that may serve in a role.'],
    }),
    Policy: storageValue({
      value: storedPolicy,
      docs: [
        "What evidence must be to be accepted; absent, it is the preset of the chain's class.",
      ],
    }),
    MinimumEvaluation: storageValue({
      value: minimumEvaluation,
      default: { number: 0, changedMs: 0n },
      docs: ["Intel's TCB info and QE identity must have at least this evaluation number."],
    }),
    RevokedPlatforms: storageMap({
      hasher: 'Identity',
      key: hash256,
      value: platformRevocation,
      docs: ['Processors and GPUs, by platformId, on which nothing may serve.'],
    }),
  },
)

export type AttestationEvents = {
  readonly CollateralAccepted: { readonly id: CollateralId; readonly info: CollateralInfo }
  readonly CollateralWithdrawn: { readonly id: CollateralId; readonly reason: string }
  readonly RootAdded: {
    readonly fingerprint: Uint8Array
    readonly name: string
    readonly vendor: StoredVendor
  }
  readonly RootRemoved: { readonly fingerprint: Uint8Array; readonly name: string }
  readonly PolicySet: { readonly version: number; readonly document: Uint8Array }
  readonly MeasurementAllowed: { readonly allowed: AllowedMeasurement }
  readonly MeasurementDisallowed: { readonly allowed: AllowedMeasurement }
  readonly PlatformRevoked: { readonly platform: Hash; readonly reason: string }
  readonly PlatformUnrevoked: { readonly platform: Hash }
  readonly MinimumEvaluationSet: { readonly number: number }
  readonly AmdCollateralAccepted: {
    readonly id: AmdCollateralId
    readonly info: AmdCollateralInfo
  }
  readonly RimAccepted: {
    readonly subject: RimSubject
    readonly id: Uint8Array
    readonly hash: Hash
  }
  readonly AmdCollateralWithdrawn: { readonly id: AmdCollateralId; readonly reason: string }
}

const rootName = { fingerprint: fixedBytes(32), name: boundedStr(64) }

export const attestationEvents: Events<AttestationEvents> = defineEvents<AttestationEvents>(
  'Attestation',
  ATTESTATION_INDEX,
  {
    CollateralAccepted: [
      0,
      struct({ id: collateralId, info: collateralInfo }),
      'Collateral was verified against the pinned roots and stored.',
    ],
    CollateralWithdrawn: [
      1,
      struct({ id: collateralId, reason: boundedStr(64) }),
      'A certificate behind stored collateral was revoked; nothing rests on it any more.',
    ],
    RootAdded: [
      2,
      struct({ ...rootName, vendor: storedVendor }),
      'Evidence that ends in this root is verified from now on.',
    ],
    RootRemoved: [3, struct(rootName), 'What rests on this root serves no more.'],
    PolicySet: [
      4,
      struct({ version: u32, document: boundedBytes(MAX_POLICY_BYTES) }),
      'Evidence is judged by this policy; what was admitted by another one must renew.',
    ],
    MeasurementAllowed: [5, struct({ allowed: allowedMeasurement }), 'A program may serve.'],
    MeasurementDisallowed: [
      6,
      struct({ allowed: allowedMeasurement }),
      'A program may serve no more.',
    ],
    PlatformRevoked: [
      7,
      struct({ platform: hash256, reason: boundedStr(MAX_REASON_BYTES) }),
      'Nothing on this processor, or with this GPU, may serve.',
    ],
    PlatformUnrevoked: [8, struct({ platform: hash256 }), 'A platform may serve again.'],
    MinimumEvaluationSet: [
      9,
      struct({ number: u32 }),
      "Collateral of Intel's below this evaluation number counts no more.",
    ],
    AmdCollateralAccepted: [
      10,
      struct({ id: amdCollateralId, info: amdCollateralInfo }),
      "AMD's collateral was verified against the pinned roots and stored.",
    ],
    AmdCollateralWithdrawn: [
      11,
      struct({ id: amdCollateralId, reason: boundedStr(64) }),
      "AMD's intermediate was revoked; nothing rests on it any more.",
    ],
    RimAccepted: [
      12,
      struct({ subject: rimSubject, id: fixedBytes(48), hash: hash256 }),
      "A manifest of NVIDIA's was verified; its content is kept, and the hash of its document.",
    ],
  },
)

/** Of the pallet's own; what verifiers find has the indices of EVIDENCE_ERRORS. */
const declaredErrors = {
  CollateralTooLarge: [128, 'The collateral is larger than may be stored.'],
  CollateralOlder: [129, 'A part of the collateral is older than the stored one.'],
  CollateralKnown: [130, 'The same collateral is stored already.'],
  CollateralMissing: [131, 'No collateral is stored for the platform of the evidence.'],
  ReportDataMismatch: [132, 'The report data does not bind what the caller claims.'],
  TcbRefused: [133, "The platform's patch level is not acceptable on this chain."],
  DebugRefused: [134, 'The enclave was launched in debug mode.'],
  PolicyRefused: [135, "The evidence breaks a rule of this chain's policy."],
  MeasurementRefused: [136, 'The program may not serve in this role.'],
  RootKnown: [138, 'The root is trusted already.'],
  RootUnknown: [139, 'No trusted root has this fingerprint.'],
  RootMalformed: [140, 'The root is not a certificate that a verifier could read.'],
  RootRefused: [141, "A production chain trusts the vendors' own roots alone."],
  TooManyRoots: [142, 'The chain keeps as many roots as it may.'],
  PolicyMalformed: [143, 'The document is no policy.'],
  PolicyTooLoose: [144, 'The policy would let a debugger see secrets.'],
  MeasurementKnown: [145, 'The program may serve in this role already.'],
  MeasurementUnknown: [146, 'The program may not serve in this role anyway.'],
  PlatformRevoked: [147, 'The processor, or a GPU, was revoked on this chain.'],
  PlatformNotRevoked: [148, 'The platform is not revoked.'],
  TooManyRims: [150, 'The store has as many manifests of this version as it may.'],
  DeviceRefused: [151, "A GPU or switch breaks a rule of this chain's policy."],
  PlatformUnidentified: [149, 'The evidence does not say which physical machine it is of.'],
} as const

export const attestationErrors: Errors<EvidenceErrorName | keyof typeof declaredErrors> =
  defineErrors<EvidenceErrorName | keyof typeof declaredErrors>('Attestation', ATTESTATION_INDEX, {
    ...declareEvidenceErrors(),
    ...declaredErrors,
  })
