import {
  boundedStr,
  fixedBytes,
  hash256,
  option,
  struct,
  u128,
  u32,
  u64,
  variant,
  type CaseOf,
  type Codec,
  type Hash,
} from '@tacit/base'
import {
  MAX_ENDPOINT_BYTES,
  role,
  slotId,
  type Role,
  type SlotId,
} from '../../protocol/registration.ts'
import { verdictRecord, type VerdictRecord } from '../attestation/verdict-record.ts'

/** Why an instance leaves service, or will unless it renews in time. */
export type LapseReason =
  /** It did not renew within the age of evidence. */
  | CaseOf<'EvidenceExpired'>
  /** A certificate, list or document behind its evidence has ended. */
  | CaseOf<'CollateralExpired'>
  /** A certificate behind the stored collateral was revoked. */
  | CaseOf<'CollateralWithdrawn'>
  /** Newer collateral judges its platform's patch level as the policy does not accept it. */
  | CaseOf<'TcbRefused'>
  /** Newer collateral revokes its platform's certificate, or does not know its module. */
  | CaseOf<'PlatformRefused'>
  /** Governance revoked its processor or one of its GPUs. */
  | CaseOf<'PlatformRevoked'>
  | CaseOf<'RootRemoved'>
  | CaseOf<'MeasurementDisallowed'>
  /** It was admitted by another policy than the chain has now. */
  | CaseOf<'PolicyChanged'>
  /** Governance demands newer collateral than is stored. */
  | CaseOf<'EvaluationTooOld'>

export const lapseReason: Codec<LapseReason> = variant(
  {
    EvidenceExpired: [0],
    CollateralExpired: [1],
    CollateralWithdrawn: [2],
    TcbRefused: [3],
    PlatformRefused: [4],
    PlatformRevoked: [5],
    RootRemoved: [6],
    MeasurementDisallowed: [7],
    PolicyChanged: [8],
    EvaluationTooOld: [9],
  },
  { path: ['pallet_workers', 'LapseReason'] },
)

/** Work is still paid until then, but no keys are released any more. */
export type Grace = {
  readonly reason: LapseReason
  /** Unix milliseconds. */
  readonly untilMs: bigint
}

export const grace: Codec<Grace> = struct(
  { reason: lapseReason, untilMs: u64 },
  { path: ['pallet_workers', 'Grace'] },
)

/** One boot of an enclave, as the chain accepted it. */
export type Instance = {
  readonly slot: SlotId
  readonly role: Role
  /** X25519. */
  readonly encryptionKey: Uint8Array
  readonly evidenceHash: Hash
  readonly verdict: VerdictRecord
  /** Where its operator says that it can be reached. */
  readonly endpoint: string
  /** Height. */
  readonly registeredAt: number
  /** Unix milliseconds of the chain's clock. */
  readonly registeredMs: bigint
  /** Unix milliseconds: from then on no keys are released to it. */
  readonly expiresMs: bigint
  /** The block that its report data names; a renewal must name a later one. */
  readonly recentNumber: number
  /** Hash of the collateral that judged its platform last. */
  readonly judgedBy: Hash
  /** Version of the policy by which it was admitted. */
  readonly policyVersion: number
  /** Undefined while its standing is good; written by the chain's own rounds, soon after the fact. */
  readonly grace: Grace | undefined
  /** Planck held of the operator's. */
  readonly deposit: bigint
}

export const instance: Codec<Instance> = struct(
  {
    slot: slotId,
    role,
    encryptionKey: fixedBytes(32),
    evidenceHash: hash256,
    verdict: verdictRecord,
    endpoint: boundedStr(MAX_ENDPOINT_BYTES),
    registeredAt: u32,
    registeredMs: u64,
    expiresMs: u64,
    recentNumber: u32,
    judgedBy: hash256,
    policyVersion: u32,
    grace: option(grace),
    deposit: u128,
  },
  { path: ['pallet_workers', 'Instance'] },
)
