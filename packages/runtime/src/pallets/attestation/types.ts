import { bool, fixedBytes, struct } from '@tacit/base'
import { dcapCollateralCodec, type DcapCollateral } from '@tacit/attestation'
import { defineErrors, type Errors } from '../../framework/errors.ts'
import { defineEvents, type Events } from '../../framework/events.ts'
import {
  defineStorage,
  storageMap,
  type OptionalMap,
  type StorageMap,
} from '../../framework/storage.ts'
import { declareEvidenceErrors, type EvidenceErrorName } from './evidence-errors.ts'
import {
  allowedMeasurement,
  collateralId,
  collateralInfo,
  pinnedRoot,
  type AllowedMeasurement,
  type CollateralId,
  type CollateralInfo,
  type PinnedRoot,
} from './records.ts'

export const ATTESTATION_INDEX = 20
/** Bytes of a whole set of collateral, encoded; Intel's are about 16 KB. */
export const MAX_COLLATERAL_BYTES = 131_072
export const MAX_ROOTS = 8

export type AttestationStorage = {
  readonly Roots: OptionalMap<Uint8Array, PinnedRoot>
  readonly Collateral: OptionalMap<CollateralId, DcapCollateral>
  readonly CollateralInfos: OptionalMap<CollateralId, CollateralInfo>
  readonly Measurements: StorageMap<AllowedMeasurement, boolean>
}

export const attestationStorage: AttestationStorage = defineStorage<AttestationStorage>(
  'Attestation',
  {
    Roots: storageMap({
      hasher: 'Identity',
      key: fixedBytes(32),
      value: pinnedRoot,
      docs: ['Trusted roots by the SHA-256 of their certificates; set at genesis.'],
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
    Measurements: storageMap({
      hasher: 'Blake2_128Concat',
      key: allowedMeasurement,
      value: bool,
      default: false,
      docs: ['Programs that may serve in a role; set at genesis.'],
    }),
  },
)

export type AttestationEvents = {
  readonly CollateralAccepted: { readonly id: CollateralId; readonly info: CollateralInfo }
}

export const attestationEvents: Events<AttestationEvents> = defineEvents<AttestationEvents>(
  'Attestation',
  ATTESTATION_INDEX,
  {
    CollateralAccepted: [
      0,
      struct({ id: collateralId, info: collateralInfo }),
      'Collateral was verified against the pinned roots and stored.',
    ],
  },
)

const declaredErrors = {
  CollateralTooLarge: [128, 'The collateral is larger than may be stored.'],
  CollateralOlder: [129, 'A part of the collateral is older than the stored one.'],
  CollateralKnown: [130, 'The same collateral is stored already.'],
  CollateralMissing: [131, 'No collateral is stored for the platform of the quote.'],
  ReportDataMismatch: [132, 'The report data does not bind what the caller claims.'],
  TcbRefused: [133, "The platform's patch level is not acceptable on this chain."],
  DebugRefused: [134, 'The enclave was launched in debug mode.'],
  PolicyRefused: [135, "The evidence breaks a rule of this chain's policy."],
  MeasurementRefused: [136, 'The program may not serve in this role.'],
  EvidenceUnsupported: [137, 'This chain does not verify this kind of evidence yet.'],
} as const

export const attestationErrors: Errors<EvidenceErrorName | keyof typeof declaredErrors> =
  defineErrors<EvidenceErrorName | keyof typeof declaredErrors>('Attestation', ATTESTATION_INDEX, {
    ...declareEvidenceErrors(),
    ...declaredErrors,
  })
