import { bool, fixedBytes, hash256, struct, u32, type Hash } from '@tacit/base'
import { defineErrors, type Errors } from '../../framework/errors.ts'
import { defineEvents, type Events } from '../../framework/events.ts'
import {
  defineStorage,
  storageDoubleMap,
  storageMap,
  storageValue,
  type OptionalMap,
  type OptionalValue,
  type StorageDoubleMap,
  type StorageMap,
} from '../../framework/storage.ts'
import { role, slotId, type Role, type SlotId } from '../../protocol/registration.ts'
import { verdictRecord, type VerdictRecord } from '../attestation/verdict-record.ts'
import {
  grace,
  instance,
  lapseReason,
  type Grace,
  type Instance,
  type LapseReason,
} from './records.ts'

export const WORKERS_INDEX = 21
/** Blocks by which evidence may be older than its registration. */
export const MAX_RECENT_AGE = 256
/** Milliseconds for which evidence is good, if its collateral lasts that long: one day. */
export const MAX_EVIDENCE_AGE_MS = 86_400_000n

/** Milliseconds for which work is paid after its evidence stopped being good for keys. */
export const GRACE_MS = 43_200_000n
/** Instances on one physical processor: a machine may be cut into as many TEEs. */
export const MAX_INSTANCES_PER_PLATFORM = 16
/** Instances whose standing is looked at in each block. */
export const INSTANCES_PER_ROUND = 16

export type WorkersStorage = {
  readonly Instances: OptionalMap<Uint8Array, Instance>
  readonly Slots: OptionalMap<SlotId, Uint8Array>
  readonly SeenEvidence: StorageDoubleMap<number, Hash, boolean>
  readonly OnPlatform: StorageMap<Hash, number>
  readonly GpuHolders: OptionalMap<Hash, Uint8Array>
  readonly RoundAt: OptionalValue<Uint8Array>
}

export const workersStorage: WorkersStorage = defineStorage<WorkersStorage>('Workers', {
  Instances: storageMap({
    hasher: 'Blake2_128Concat',
    key: fixedBytes(32),
    value: instance,
    docs: ['Instances by their ed25519 signing key; only the newest of each slot.'],
  }),
  Slots: storageMap({
    hasher: 'Blake2_128Concat',
    key: slotId,
    value: fixedBytes(32),
    docs: ['The signing key of the newest instance of each slot.'],
  }),
  SeenEvidence: storageDoubleMap({
    hashers: ['Twox64Concat', 'Identity'],
    keys: [u32, hash256],
    value: bool,
    default: false,
    docs: ['Report data that was registered, by the block it names, until that is too old.'],
  }),
  OnPlatform: storageMap({
    hasher: 'Identity',
    key: hash256,
    value: u32,
    default: 0,
    docs: ['How many instances run on each processor, by platformId.'],
  }),
  GpuHolders: storageMap({
    hasher: 'Identity',
    key: hash256,
    value: fixedBytes(32),
    docs: ['The signing key of the instance that has each GPU or switch, by platformId.'],
  }),
  RoundAt: storageValue({
    value: fixedBytes(32),
    docs: ['The instance whose standing was looked at last.'],
  }),
})

export type WorkersEvents = {
  readonly Registered: {
    readonly signingKey: Uint8Array
    readonly slot: SlotId
    readonly role: Role
    readonly verdict: VerdictRecord
  }
  readonly Superseded: { readonly signingKey: Uint8Array; readonly slot: SlotId }
  readonly Deregistered: { readonly signingKey: Uint8Array; readonly slot: SlotId }
  readonly Expired: {
    readonly signingKey: Uint8Array
    readonly slot: SlotId
    readonly reason: LapseReason
  }
  readonly GraceBegan: {
    readonly signingKey: Uint8Array
    readonly slot: SlotId
    readonly grace: Grace
  }
  readonly GraceEnded: { readonly signingKey: Uint8Array; readonly slot: SlotId }
}

const gone = struct({ signingKey: fixedBytes(32), slot: slotId })

export const workersEvents: Events<WorkersEvents> = defineEvents<WorkersEvents>(
  'Workers',
  WORKERS_INDEX,
  {
    Registered: [
      0,
      struct({ signingKey: fixedBytes(32), slot: slotId, role, verdict: verdictRecord }),
      "An instance's evidence was accepted, or renewed; the verdict names the root that vouched.",
    ],
    Superseded: [1, gone, "A slot's older instance was removed for a newer one."],
    Deregistered: [2, gone, "An operator took a slot's instance out of service."],
    Expired: [
      3,
      struct({ signingKey: fixedBytes(32), slot: slotId, reason: lapseReason }),
      'An instance left service, for this reason; its deposit was released.',
    ],
    GraceBegan: [
      4,
      struct({ signingKey: fixedBytes(32), slot: slotId, grace }),
      'An instance gets no keys any more and leaves service then, unless it renews.',
    ],
    GraceEnded: [5, gone, "What put an instance's standing in doubt was taken back."],
  },
)

const declaredErrors = {
  RecentBlockUnknown: [0, 'The evidence names a block that this chain does not have.'],
  RecentBlockTooOld: [1, 'The evidence names a block that is too old.'],
  EvidenceReplayed: [2, 'This report data was registered before.'],
  KeyInUse: [3, 'Another slot, role or encryption key is registered under this signing key.'],
  RenewalNotNewer: [4, 'Evidence that renews an instance names a later block than before.'],
  SlotEmpty: [5, 'The slot has no instance.'],
  PlatformFull: [6, 'The processor runs as many instances as it may.'],
  DeviceInUse: [7, 'A GPU or switch of the evidence belongs to another instance.'],
} as const

export const workersErrors: Errors<keyof typeof declaredErrors> = defineErrors(
  'Workers',
  WORKERS_INDEX,
  declaredErrors,
)
