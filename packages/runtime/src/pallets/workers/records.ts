import {
  boundedStr,
  fixedBytes,
  hash256,
  struct,
  u128,
  u32,
  u64,
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
import { verdictRecord, type VerdictRecord } from '../attestation/records.ts'

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
  /** Unix milliseconds: from then on it serves no more. */
  readonly expiresMs: bigint
  /** The block that its report data names; a renewal must name a later one. */
  readonly recentNumber: number
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
    deposit: u128,
  },
  { path: ['pallet_workers', 'Instance'] },
)
