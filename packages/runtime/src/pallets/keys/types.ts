import { accountId, fixedBytes, struct, u32, type AccountId, type Codec } from '@tacit/base'
import { defineErrors, type Errors } from '../../framework/errors.ts'
import { defineEvents, type Events } from '../../framework/events.ts'
import {
  defineStorage,
  storageDoubleMap,
  storageMap,
  storageValue,
  type OptionalDoubleMap,
  type OptionalValue,
  type StorageMap,
} from '../../framework/storage.ts'
import {
  grant,
  inboxKeyNote,
  keyGroup,
  type Grant,
  type InboxKeyNote,
  type KeyGroup,
} from '../../protocol/keys.ts'

export const KEYS_INDEX = 22
/** Gatekeepers of a group; more come with distributed key generation. */
export const GROUP_SIZE = 1

const path = (name: string): { readonly path: readonly string[] } => ({
  path: ['pallet_keys', name],
})

/** Whom a grant is for; a contract keeps those of its current epoch alone. */
export type GrantId = { readonly epoch: number; readonly instance: Uint8Array }

export const grantId: Codec<GrantId> = struct(
  { epoch: u32, instance: fixedBytes(32) },
  path('GrantId'),
)

export type GrantRecord = {
  readonly gatekeeper: Uint8Array
  /** X25519: the share is sealed to this key alone. */
  readonly ephemeralKey: Uint8Array
  /** The block that the evidence named. */
  readonly recentNumber: number
  /** Height. */
  readonly grantedAt: number
}

export const grantRecord: Codec<GrantRecord> = struct(
  {
    gatekeeper: fixedBytes(32),
    ephemeralKey: fixedBytes(32),
    recentNumber: u32,
    grantedAt: u32,
  },
  path('GrantRecord'),
)

/** The public key of a contract's inbox in an epoch, and the instance that vouches for it. */
export type InboxKey = { readonly publicKey: Uint8Array; readonly instance: Uint8Array }

export const inboxKey: Codec<InboxKey> = struct(
  { publicKey: fixedBytes(32), instance: fixedBytes(32) },
  path('InboxKey'),
)

export type KeysStorage = {
  readonly Group: OptionalValue<KeyGroup>
  readonly Epochs: StorageMap<AccountId, number>
  readonly Grants: OptionalDoubleMap<AccountId, GrantId, GrantRecord>
  readonly InboxKeys: OptionalDoubleMap<AccountId, number, InboxKey>
}

export const keysStorage: KeysStorage = defineStorage<KeysStorage>('Keys', {
  Group: storageValue({
    value: keyGroup,
    docs: ["The gatekeepers' committee and the public side of its master key."],
  }),
  Epochs: storageMap({
    hasher: 'Blake2_128Concat',
    key: accountId,
    value: u32,
    default: 0,
    docs: ['The current epoch of each contract.'],
  }),
  Grants: storageDoubleMap({
    hashers: ['Blake2_128Concat', 'Blake2_128Concat'],
    keys: [accountId, grantId],
    value: grantRecord,
    docs: ['To which instance the keys of a contract are released in its current epoch.'],
  }),
  InboxKeys: storageDoubleMap({
    hashers: ['Blake2_128Concat', 'Twox64Concat'],
    keys: [accountId, u32],
    value: inboxKey,
    docs: ["The public key of a contract's inbox in its current epoch."],
  }),
})

export type KeysEvents = {
  readonly GroupAnnounced: { readonly group: KeyGroup }
  readonly EpochRotated: { readonly contract: AccountId; readonly epoch: number }
  readonly Granted: { readonly grant: Grant }
  readonly InboxKeyPublished: { readonly note: InboxKeyNote }
}

export const keysEvents: Events<KeysEvents> = defineEvents<KeysEvents>('Keys', KEYS_INDEX, {
  GroupAnnounced: [0, struct({ group: keyGroup }), 'A gatekeeper committee took up its work.'],
  EpochRotated: [
    1,
    struct({ contract: accountId, epoch: u32 }),
    'A contract entered an epoch; sealed input of older ones is accepted no more.',
  ],
  Granted: [
    2,
    struct({ grant }),
    'A gatekeeper verified an instance and releases the keys of a contract to it.',
  ],
  InboxKeyPublished: [
    3,
    struct({ note: inboxKeyNote }),
    "An instance published the key to which a contract's input is sealed.",
  ],
})

const declaredErrors = {
  WrongGenesis: [0, 'The message is for another chain.'],
  GroupExists: [1, 'A committee was announced before.'],
  GroupSizeUnsupported: [2, 'A committee has one member for now.'],
  GroupMalformed: [3, "The threshold is not the committee's, or its keys contradict each other."],
  GroupMissing: [4, 'No committee was announced.'],
  GatekeeperNotServing: [5, "A member's evidence has expired or is not a gatekeeper's."],
  NotMember: [6, 'The gatekeeper is not a member of the committee.'],
  SignatureInvalid: [7, 'The signature is not by the named instance over this message.'],
  ContractUnknown: [8, 'No contract has this id.'],
  NotOwner: [9, "Only the contract's owner may do this."],
  EpochsExhausted: [10, 'A contract has at most 2^32 epochs.'],
  WrongEpoch: [11, "The epoch is not the contract's current one."],
  NotAssigned: [12, "The instance is not the newest of the contract's slot."],
  InstanceNotServing: [13, "The instance's evidence has expired or is for another role."],
  AlreadyGranted: [14, 'This grant, or a newer one of the instance, is in force.'],
  GrantMissing: [15, 'The instance was granted no keys of this contract and epoch.'],
  InboxKeyExists: [16, "The epoch's inbox key is published already."],
} as const

export const keysErrors: Errors<keyof typeof declaredErrors> = defineErrors(
  'Keys',
  KEYS_INDEX,
  declaredErrors,
)
