import {
  accountId,
  boundedBytes,
  boundedStr,
  hash256,
  struct,
  u128,
  u64,
  type AccountId,
  type Hash,
  fixedBytes,
} from '@tacit/base'
import { dispatchError, type DispatchError } from '../../framework/dispatch-error.ts'
import { defineErrors, type Errors } from '../../framework/errors.ts'
import { defineEvents, type Events } from '../../framework/events.ts'
import {
  defineStorage,
  storageDoubleMap,
  storageMap,
  storageValue,
  type OptionalDoubleMap,
  type OptionalMap,
  type StorageMap,
  type StorageValue,
} from '../../framework/storage.ts'
import {
  inboxEntry,
  MAX_CODE_BYTES,
  MAX_CODE_NAME_BYTES,
  MAX_EVENT_BYTES,
  MAX_TOPIC_BYTES,
  type InboxEntry,
} from '../../protocol/contracts.ts'
import { slotId, type SlotId } from '../../protocol/registration.ts'
import {
  codeInfo,
  commitCounts,
  contractInfo,
  inboxState,
  lastCommit,
  pendingCommand,
  type CodeInfo,
  type CommitCounts,
  type ContractInfo,
  type InboxState,
  type LastCommit,
  type PendingCommand,
} from './records.ts'

export const CONTRACTS_INDEX = 23

export type ContractsStorage = {
  readonly Code: OptionalMap<Hash, Uint8Array>
  readonly CodeInfos: OptionalMap<Hash, CodeInfo>
  readonly Contracts: OptionalMap<AccountId, ContractInfo>
  readonly Inbox: StorageMap<AccountId, InboxState>
  readonly Pending: OptionalDoubleMap<AccountId, bigint, PendingCommand>
  readonly LastCommits: OptionalMap<AccountId, LastCommit>
  readonly CommitsInBlock: StorageValue<CommitCounts>
}

const NO_HEAD = new Uint8Array(32) as Hash

export const contractsStorage: ContractsStorage = defineStorage<ContractsStorage>('Contracts', {
  Code: storageMap({
    hasher: 'Identity',
    key: hash256,
    value: boundedBytes(MAX_CODE_BYTES),
    docs: ['Bundled modules by their BLAKE2b-256.'],
  }),
  CodeInfos: storageMap({
    hasher: 'Identity',
    key: hash256,
    value: codeInfo,
    docs: ['Who stored a module and its deposit.'],
  }),
  Contracts: storageMap({
    hasher: 'Blake2_128Concat',
    key: accountId,
    value: contractInfo,
    docs: ['Contracts by id, with their newest committed root.'],
  }),
  Inbox: storageMap({
    hasher: 'Blake2_128Concat',
    key: accountId,
    value: inboxState,
    default: { count: 0n, head: NO_HEAD },
    docs: ['Entries that a contract ever got and the head of their hash chain.'],
  }),
  Pending: storageDoubleMap({
    hashers: ['Blake2_128Concat', 'Twox64Concat'],
    keys: [accountId, u64],
    value: pendingCommand,
    docs: ['Entries by contract and sequence that no commit has answered.'],
  }),
  LastCommits: storageMap({
    hasher: 'Blake2_128Concat',
    key: accountId,
    value: lastCommit,
    docs: ['The newest commit of a contract.'],
  }),
  CommitsInBlock: storageValue({
    value: commitCounts,
    default: { height: 0, counts: [] },
    docs: ['Commits of each instance in the newest block that had any.'],
  }),
})

export type ContractsEvents = {
  readonly CodeStored: {
    readonly codeHash: Hash
    readonly uploader: AccountId
    readonly deposit: bigint
  }
  readonly Deployed: {
    readonly contract: AccountId
    readonly owner: AccountId
    readonly codeHash: Hash
    readonly slot: SlotId
  }
  readonly InboxMessage: {
    readonly contract: AccountId
    readonly sequence: bigint
    readonly entry: InboxEntry
  }
  readonly Committed: {
    readonly contract: AccountId
    readonly root: Hash
    readonly firstSequence: bigint
    readonly nextSequence: bigint
    readonly hash: Hash
    readonly instance: Uint8Array
  }
  readonly CommandDone: {
    readonly contract: AccountId
    readonly sequence: bigint
    readonly code: string
    readonly gasUsed: bigint
    readonly fee: bigint
  }
  readonly Emitted: {
    readonly contract: AccountId
    readonly sequence: bigint
    readonly topic: string
    readonly data: Uint8Array
  }
  readonly TransferFailed: {
    readonly contract: AccountId
    readonly sequence: bigint
    readonly to: AccountId
    readonly amount: bigint
    readonly error: DispatchError
  }
  readonly DeployFailed: { readonly contract: AccountId; readonly code: string }
}

export const contractsEvents: Events<ContractsEvents> = defineEvents<ContractsEvents>(
  'Contracts',
  CONTRACTS_INDEX,
  {
    CodeStored: [
      0,
      struct({ codeHash: hash256, uploader: accountId, deposit: u128 }),
      'A module was stored.',
    ],
    Deployed: [
      1,
      struct({ contract: accountId, owner: accountId, codeHash: hash256, slot: slotId }),
      'A contract was deployed; its constructor waits in its inbox.',
    ],
    InboxMessage: [
      2,
      struct({ contract: accountId, sequence: u64, entry: inboxEntry }),
      'An entry was ordered; its payload is in the extrinsic of the same index.',
    ],
    Committed: [
      3,
      struct({
        contract: accountId,
        root: hash256,
        firstSequence: u64,
        nextSequence: u64,
        hash: hash256,
        instance: fixedBytes(32),
      }),
      'A commit was accepted.',
    ],
    CommandDone: [
      4,
      struct({
        contract: accountId,
        sequence: u64,
        code: boundedStr(MAX_CODE_NAME_BYTES),
        gasUsed: u64,
        fee: u128,
      }),
      'A command ended with the code and was paid for.',
    ],
    Emitted: [
      5,
      struct({
        contract: accountId,
        sequence: u64,
        topic: boundedStr(MAX_TOPIC_BYTES),
        data: boundedBytes(MAX_EVENT_BYTES),
      }),
      'A contract made something public.',
    ],
    TransferFailed: [
      6,
      struct({
        contract: accountId,
        sequence: u64,
        to: accountId,
        amount: u128,
        error: dispatchError,
      }),
      "A transfer from a contract's account could not be made; its commit stands.",
    ],
    DeployFailed: [
      7,
      struct({ contract: accountId, code: boundedStr(MAX_CODE_NAME_BYTES) }),
      'A constructor failed; the contract never starts.',
    ],
  },
)

const declaredErrors = {
  CodeExists: [0, 'The module is stored already.'],
  CodeEmpty: [1, 'A module has at least one byte.'],
  CodeNotUtf8: [2, 'A module is text in UTF-8.'],
  CodeUnknown: [3, 'No module of this hash is stored.'],
  ContractExists: [4, 'The deployer has used this salt for this code.'],
  ContractUnknown: [5, 'No contract has this id.'],
  ContractNotReady: [6, "The contract's constructor has not been committed."],
  ContractFailed: [7, "The contract's constructor failed."],
  SlotNotServing: [8, 'The slot has no instance that serves contracts now.'],
  GasLimitTooLow: [9, 'The gas limit is below the least that a command costs.'],
  GasLimitTooHigh: [10, 'The gas limit is above the most that a command may use.'],
  WrongEpoch: [11, "The epoch is not the contract's current one."],
  InboxKeyMissing: [12, 'No inbox key is published for the epoch.'],
  PayloadMalformed: [13, 'The payload is no sealed command of a size class.'],
  WrongGenesis: [14, 'The commit is for another chain.'],
  WrongCode: [15, "The commit is for other code than the contract's."],
  InstanceSuperseded: [16, "The instance is not the newest of the contract's slot."],
  InstanceNotServing: [17, "The instance's evidence has expired or is for another role."],
  StaleRoot: [18, "The commit does not follow from the contract's root."],
  WrongRange: [19, 'The commit does not answer the next commands, at least one.'],
  WrongInboxHead: [20, "The commit's inbox is not the chain's."],
  OutcomesIncomplete: [21, 'There is not exactly one outcome per command, in order.'],
  GasUsedOutOfRange: [22, 'An outcome used less than the least or more than its limit.'],
  OutboxInvalid: [23, 'An effect is not of a command that succeeded here, in order.'],
  RootChangedByFailure: [24, 'No command succeeded, yet the root changed.'],
  SignatureInvalid: [25, 'The instance did not sign this commit.'],
  TooManyCommits: [26, 'The instance has used its commits of this block.'],
  NonceMissing: [27, 'A command is bound to the nonce of a signed extrinsic.'],
} as const

export const contractsErrors: Errors<keyof typeof declaredErrors> = defineErrors(
  'Contracts',
  CONTRACTS_INDEX,
  declaredErrors,
)
