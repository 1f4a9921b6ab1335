import {
  accountId,
  encode,
  fixedBytes,
  hash256,
  inDomain,
  struct,
  u32,
  u8,
  variant,
  vec,
  type Codec,
  type CaseOf,
  type AccountId,
  type Hash,
} from '@tacit/base'

/** Gatekeepers of one committee. */
export const MAX_GATEKEEPERS = 64

/** Inbox: opens commands, per epoch. State: seals state. Identity: accounts on other chains. */
export type KeyClass = CaseOf<'Inbox'> | CaseOf<'State'> | CaseOf<'Identity'>

export const keyClass: Codec<KeyClass> = variant(
  { Inbox: [0], State: [1], Identity: [2] },
  { path: ['tacit', 'keys', 'KeyClass'] },
)

export type ContractKey = {
  readonly genesis: Hash
  readonly contract: AccountId
  readonly class: KeyClass
  readonly epoch: number
}

const contractKey: Codec<ContractKey> = struct({
  genesis: hash256,
  contract: accountId,
  class: keyClass,
  epoch: u32,
})

/** The input of the threshold evaluation that gives one key of a contract. */
export function contractKeyInput(key: ContractKey): Uint8Array {
  return inDomain('contractKey', encode(contractKey, key))
}

/** The public side of a gatekeeper committee's BLS12-381 master key. */
export type KeyGroup = {
  readonly genesis: Hash
  /** Shares needed, 1 to the number of members. */
  readonly threshold: number
  /** Compressed G2. */
  readonly groupKey: Uint8Array
  readonly members: readonly {
    readonly instance: Uint8Array
    readonly verificationKey: Uint8Array
  }[]
}

export const keyGroup: Codec<KeyGroup> = struct(
  {
    genesis: hash256,
    threshold: u8,
    groupKey: fixedBytes(96),
    members: vec(
      struct(
        { instance: fixedBytes(32), verificationKey: fixedBytes(96) },
        { path: ['tacit', 'keys', 'Member'] },
      ),
      MAX_GATEKEEPERS,
    ),
  },
  { path: ['tacit', 'keys', 'KeyGroup'] },
)

/** What a member signs to announce the group. */
export function keyGroupMessage(group: KeyGroup): Uint8Array {
  return inDomain('keyGroup', encode(keyGroup, group))
}

/** A gatekeeper's word that it verified an instance and will release its share to it. */
export type Grant = {
  readonly genesis: Hash
  readonly contract: AccountId
  readonly epoch: number
  readonly instance: Uint8Array
  readonly ephemeralKey: Uint8Array
  readonly gatekeeper: Uint8Array
  /** The block that the request's evidence names; a later grant must name a later one. */
  readonly recentNumber: number
}

export const grant: Codec<Grant> = struct(
  {
    genesis: hash256,
    contract: accountId,
    epoch: u32,
    instance: fixedBytes(32),
    ephemeralKey: fixedBytes(32),
    gatekeeper: fixedBytes(32),
    recentNumber: u32,
  },
  { path: ['tacit', 'keys', 'Grant'] },
)

export function grantMessage(value: Grant): Uint8Array {
  return inDomain('grant', encode(grant, value))
}

/** An instance's word that a public key opens a contract's inbox in an epoch. */
export type InboxKeyNote = {
  readonly genesis: Hash
  readonly contract: AccountId
  readonly epoch: number
  /** X25519. */
  readonly publicKey: Uint8Array
  readonly instance: Uint8Array
}

export const inboxKeyNote: Codec<InboxKeyNote> = struct(
  {
    genesis: hash256,
    contract: accountId,
    epoch: u32,
    publicKey: fixedBytes(32),
    instance: fixedBytes(32),
  },
  { path: ['tacit', 'keys', 'InboxKeyNote'] },
)

export function inboxKeyNoteMessage(note: InboxKeyNote): Uint8Array {
  return inDomain('inboxKeyNote', encode(inboxKeyNote, note))
}
