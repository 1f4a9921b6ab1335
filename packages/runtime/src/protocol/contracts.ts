import {
  accountId,
  boundedBytes,
  boundedStr,
  encode,
  fixedBytes,
  hash256,
  inDomain,
  struct,
  u128,
  u32,
  u64,
  variant,
  vec,
  type AccountId,
  type Hash,
  type Codec,
  type CaseOf,
} from '@tacit/base'
import type { Hashes } from '@tacit/crypto'

/** Bytes of a contract's bundled module. */
export const MAX_CODE_BYTES = 262_144
/** Bytes of a sealed command, of its padded plaintext's largest class and the seal. */
export const MAX_SEALED_BYTES = 65_664
/** Bytes of the public input of a contract's constructor. */
export const MAX_INIT_BYTES = 16_384
/** Commands that one commit answers. */
export const MAX_COMMIT_COMMANDS = 64
/** Public effects of one commit. */
export const MAX_OUTBOX_ITEMS = 256
export const MAX_TOPIC_BYTES = 64
export const MAX_EVENT_BYTES = 4_096
/** Bytes of an outcome's code. */
export const MAX_CODE_NAME_BYTES = 64
/** Gas that every command costs at least, also one that could not be opened. */
export const BASE_COMMAND_GAS = 10_000n
/** The highest gas limit of a command. */
export const MAX_COMMAND_GAS = 1_000_000_000n
/** The code of an outcome that took effect; every other code is a failure. */
export const OK_CODE = 'ok'

/** The root of a contract that has no state yet, before its constructor's commit. */
export const NO_STATE_ROOT: Uint8Array = new Uint8Array(32)

/** The id, and account, of a contract. */
export function contractId(
  hashes: Hashes,
  genesis: Hash,
  deployer: AccountId,
  codeHash: Hash,
  salt: Uint8Array,
): AccountId {
  const parts = encode(contractIdParts, { genesis, deployer, codeHash, salt })
  return hashes.blake2b256(inDomain('contractId', parts)) as AccountId
}

export type ContractIdParts = {
  readonly genesis: Hash
  readonly deployer: AccountId
  readonly codeHash: Hash
  readonly salt: Uint8Array
}

const contractIdParts: Codec<ContractIdParts> = struct({
  genesis: hash256,
  deployer: accountId,
  codeHash: hash256,
  salt: fixedBytes(32),
})

/** What lies in an inbox: sequence 0 is the constructor's public input, all others are sealed. */
export type InboxPayload = CaseOf<'Init', Uint8Array> | CaseOf<'Sealed', Uint8Array>

export const inboxPayload: Codec<InboxPayload> = variant(
  {
    Init: [0, boundedBytes(MAX_INIT_BYTES)],
    Sealed: [1, boundedBytes(MAX_SEALED_BYTES)],
  },
  { path: ['tacit', 'contracts', 'InboxPayload'] },
)

/** One entry of an inbox as the chain ordered it. */
export type InboxEntry = {
  readonly sequence: bigint
  readonly sender: AccountId
  /** Nonce of the sender's extrinsic. */
  readonly nonce: number
  readonly epoch: number
  readonly gasLimit: bigint
  /** Planck that the contract receives when the command succeeds. */
  readonly value: bigint
  /** Block that ordered it, and that block's time. */
  readonly height: number
  readonly timeMs: bigint
  readonly payloadHash: Hash
}

export const inboxEntry: Codec<InboxEntry> = struct(
  {
    sequence: u64,
    sender: accountId,
    nonce: u32,
    epoch: u32,
    gasLimit: u64,
    value: u128,
    height: u32,
    timeMs: u64,
    payloadHash: hash256,
  },
  { path: ['tacit', 'contracts', 'InboxEntry'] },
)

/** Hash of an entry's payload as the entry names it. */
export function inboxPayloadHash(hashes: Hashes, payload: InboxPayload): Hash {
  return hashes.blake2b256(encode(inboxPayload, payload)) as Hash
}

/** The head of an inbox after an entry; the head before sequence 0 is 32 zero bytes. */
export function inboxLink(hashes: Hashes, previous: Uint8Array, entry: InboxEntry): Hash {
  return hashes.blake2b256(inDomain('inboxLink', previous, encode(inboxEntry, entry))) as Hash
}

/** HPKE info of a sealed command: a ciphertext opens for this contract, code and epoch alone. */
export function commandInfo(scope: CommandScope): Uint8Array {
  return inDomain('command', encode(commandScope, scope))
}

export type CommandScope = {
  readonly genesis: Hash
  readonly contract: AccountId
  readonly codeHash: Hash
  readonly epoch: number
}

const commandScope: Codec<CommandScope> = struct({
  genesis: hash256,
  contract: accountId,
  codeHash: hash256,
  epoch: u32,
})

/** HPKE aad of a sealed command: a ciphertext opens for this sender and extrinsic alone. */
export function commandAad(sender: AccountId, nonce: number): Uint8Array {
  return encode(commandSender, { sender, nonce })
}

export type CommandSender = {
  readonly sender: AccountId
  readonly nonce: number
}

const commandSender: Codec<CommandSender> = struct({ sender: accountId, nonce: u32 })

/** HPKE encapsulated key, then the ciphertext. */
export type SealedCommand = {
  readonly enc: Uint8Array
  readonly ciphertext: Uint8Array
}

export const sealedCommand: Codec<SealedCommand> = struct({
  enc: fixedBytes(32),
  ciphertext: boundedBytes(MAX_SEALED_BYTES),
})

/** The content of a sealed command, before padding. */
export type CommandPlaintext = {
  readonly method: string
  /** JSON in UTF-8. */
  readonly input: Uint8Array
  /** Salts the hashes of input and output, so that nobody guesses short ones. */
  readonly salt: Uint8Array
}

export const commandPlaintext: Codec<CommandPlaintext> = struct({
  method: boundedStr(64),
  input: boundedBytes(60_000),
  salt: fixedBytes(32),
})

/** How one command ended. */
export type CommandOutcome = {
  readonly sequence: bigint
  /** `ok`, or the code of the failure. */
  readonly code: string
  readonly gasUsed: bigint
  /** Salted; zero where the command could not be opened. */
  readonly inputHash: Hash
  readonly outputHash: Hash
}

export const commandOutcome: Codec<CommandOutcome> = struct(
  {
    sequence: u64,
    code: boundedStr(MAX_CODE_NAME_BYTES),
    gasUsed: u64,
    inputHash: hash256,
    outputHash: hash256,
  },
  { path: ['tacit', 'contracts', 'CommandOutcome'] },
)

/** Salted hash of a command's input or output. */
export function saltedHash(hashes: Hashes, salt: Uint8Array, payload: Uint8Array): Hash {
  return hashes.blake2b256(inDomain('payload', salt, payload)) as Hash
}

/** A public effect, applied by the chain together with the commit. */
export type OutboxItem =
  | CaseOf<
      'Event',
      {
        readonly sequence: bigint
        readonly topic: string
        readonly data: Uint8Array
      }
    >
  | CaseOf<
      'Transfer',
      {
        readonly sequence: bigint
        readonly to: AccountId
        readonly amount: bigint
      }
    >

export const outboxItem: Codec<OutboxItem> = variant(
  {
    Event: [
      0,
      struct({
        sequence: u64,
        topic: boundedStr(MAX_TOPIC_BYTES),
        data: boundedBytes(MAX_EVENT_BYTES),
      }),
    ],
    Transfer: [1, struct({ sequence: u64, to: accountId, amount: u128 })],
  },
  { path: ['tacit', 'contracts', 'OutboxItem'] },
)

/** What an instance signs after running commands firstSequence to nextSequence - 1. */
export type CommitPayload = {
  readonly genesis: Hash
  readonly contract: AccountId
  readonly codeHash: Hash
  /** ed25519 key of the instance. */
  readonly instance: Uint8Array
  readonly previousRoot: Hash
  readonly newRoot: Hash
  readonly firstSequence: bigint
  readonly nextSequence: bigint
  /** Head of the inbox after entry nextSequence - 1. */
  readonly inboxHead: Hash
  readonly outcomes: readonly CommandOutcome[]
  readonly outbox: readonly OutboxItem[]
  /** BLAKE2b-256 of the encrypted, padded state that the worker keeps. */
  readonly stateBlob: Hash
}

export const commitPayload: Codec<CommitPayload> = struct(
  {
    genesis: hash256,
    contract: accountId,
    codeHash: hash256,
    instance: fixedBytes(32),
    previousRoot: hash256,
    newRoot: hash256,
    firstSequence: u64,
    nextSequence: u64,
    inboxHead: hash256,
    outcomes: vec(commandOutcome, MAX_COMMIT_COMMANDS),
    outbox: vec(outboxItem, MAX_OUTBOX_ITEMS),
    stateBlob: hash256,
  },
  { path: ['tacit', 'contracts', 'CommitPayload'] },
)

/** The bytes that an instance signs. */
export function commitMessage(payload: CommitPayload): Uint8Array {
  return inDomain('commit', encode(commitPayload, payload))
}

/** Names a commit on the chain. */
export function commitHash(hashes: Hashes, payload: CommitPayload): Hash {
  return hashes.blake2b256(commitMessage(payload)) as Hash
}
