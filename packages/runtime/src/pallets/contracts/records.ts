import {
  accountId,
  fixedBytes,
  hash256,
  struct,
  u128,
  u32,
  u64,
  variant,
  vec,
  type AccountId,
  type CaseOf,
  type Codec,
  type Hash,
} from '@tacit/base'
import { slotId, type SlotId } from '../../protocol/registration.ts'

const path = (name: string): { readonly path: readonly string[] } => ({
  path: ['pallet_contracts', name],
})

/** Who stored a module, and what is held of theirs for it. */
export type CodeInfo = {
  readonly uploader: AccountId
  readonly deposit: bigint
  readonly bytes: number
}

export const codeInfo: Codec<CodeInfo> = struct(
  { uploader: accountId, deposit: u128, bytes: u32 },
  path('CodeInfo'),
)

/** Deploying: the constructor waits in the inbox. Failed: it failed, for ever. */
export type ContractStatus = CaseOf<'Deploying'> | CaseOf<'Live'> | CaseOf<'Failed'>

export const contractStatus: Codec<ContractStatus> = variant(
  { Deploying: [0], Live: [1], Failed: [2] },
  path('ContractStatus'),
)

export type ContractInfo = {
  readonly owner: AccountId
  readonly codeHash: Hash
  /** The slot whose newest instance serves the contract. */
  readonly slot: SlotId
  readonly status: ContractStatus
  /** State root after the commands below `processed`. */
  readonly root: Hash
  readonly processed: bigint
  /** Planck held of the owner's for these records. */
  readonly deposit: bigint
  /** Height. */
  readonly deployedAt: number
}

export const contractInfo: Codec<ContractInfo> = struct(
  {
    owner: accountId,
    codeHash: hash256,
    slot: slotId,
    status: contractStatus,
    root: hash256,
    processed: u64,
    deposit: u128,
    deployedAt: u32,
  },
  path('ContractInfo'),
)

/** How many entries an inbox ever had, and the head of their hash chain. */
export type InboxState = { readonly count: bigint; readonly head: Hash }

export const inboxState: Codec<InboxState> = struct(
  { count: u64, head: hash256 },
  path('InboxState'),
)

/** An entry that no commit has answered yet. */
export type PendingCommand = {
  readonly sender: AccountId
  readonly gasLimit: bigint
  readonly value: bigint
  /** Planck held of the sender's: gas at its limit, the commit's fee and the value. */
  readonly held: bigint
  readonly epoch: number
  /** Head of the inbox after this entry. */
  readonly head: Hash
}

export const pendingCommand: Codec<PendingCommand> = struct(
  { sender: accountId, gasLimit: u64, value: u128, held: u128, epoch: u32, head: hash256 },
  path('PendingCommand'),
)

/** The newest commit; a read proof of it shows that a receipt's commit was accepted. */
export type LastCommit = {
  readonly hash: Hash
  readonly height: number
  readonly firstSequence: bigint
  readonly nextSequence: bigint
  readonly instance: Uint8Array
  readonly newRoot: Hash
}

export const lastCommit: Codec<LastCommit> = struct(
  {
    hash: hash256,
    height: u32,
    firstSequence: u64,
    nextSequence: u64,
    instance: fixedBytes(32),
    newRoot: hash256,
  },
  path('LastCommit'),
)

/** Instances that commit in one block. */
export const MAX_COMMITTERS = 1_024

/** How often each instance has committed in the block of that height. */
export type CommitCounts = {
  readonly height: number
  readonly counts: readonly { readonly instance: Uint8Array; readonly commits: number }[]
}

export const commitCounts: Codec<CommitCounts> = struct(
  {
    height: u32,
    counts: vec(
      struct({ instance: fixedBytes(32), commits: u32 }, path('CommitCount')),
      MAX_COMMITTERS,
    ),
  },
  path('CommitCounts'),
)
