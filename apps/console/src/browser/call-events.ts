import type {
  AssetsEvents,
  MigrationsEvents,
  MultisigEvents,
  preimageEvents,
  ProxyEvents,
  SchedulerEvents,
  UtilityEvents,
  VestingEvents,
} from '@tacit/runtime'
import { errorInWords, resultInWords } from './error-in-words.ts'
import { shortAddress, shortHex, shortPha } from './format.ts'

/** A sentence for each event of a pallet, by what the event carries. */
export type Words<E> = { readonly [K in keyof E]: (value: E[K]) => string }

/** What each event of a pallet carries. */
type Carried<E extends { readonly [K in keyof E]: (value: never) => unknown }> = {
  readonly [K in keyof E]: Parameters<E[K]>[0]
}

export const utility: Words<Carried<UtilityEvents>> = {
  BatchInterrupted: ({ index, error }) =>
    `a batch stopped at call ${index}: ${errorInWords(error)}`,
  BatchCompleted: () => 'a batch is complete',
  BatchCompletedWithErrors: () => 'a batch is over, with failures',
  ItemCompleted: () => 'a call of a batch took effect',
  ItemFailed: ({ error }) => `a call of a batch failed: ${errorInWords(error)}`,
  DispatchedAs: ({ result }) => `a call as somebody else ${resultInWords(result)}`,
  IfElseMainSuccess: () => 'the first of two calls took effect',
  IfElseFallbackCalled: ({ main_error: error }) =>
    `the second of two calls took effect; the first failed: ${errorInWords(error)}`,
}

export const multisig: Words<Carried<MultisigEvents>> = {
  NewMultisig: ({ approving, multisig: account, call_hash: hash }) =>
    `${shortAddress(approving)} proposed call ${shortHex(hash)} of multisig ${shortAddress(account)}`,
  MultisigApproval: ({ approving, call_hash: hash }) =>
    `${shortAddress(approving)} approved call ${shortHex(hash)}`,
  MultisigExecuted: ({ multisig: account, call_hash: hash, result }) =>
    `call ${shortHex(hash)} of multisig ${shortAddress(account)} ${resultInWords(result)}`,
  MultisigCancelled: ({ cancelling, call_hash: hash }) =>
    `${shortAddress(cancelling)} cancelled call ${shortHex(hash)}`,
  DepositPoked: ({ who, new_deposit: deposit }) =>
    `${shortAddress(who)} has ${shortPha(deposit)} on deposit for a multisig`,
}

export const proxy: Words<Carried<ProxyEvents>> = {
  ProxyExecuted: ({ result }) => `a call by a proxy ${resultInWords(result)}`,
  PureCreated: ({ pure, who }) => `${shortAddress(who)} made pure account ${shortAddress(pure)}`,
  PureKilled: ({ pure }) => `pure account ${shortAddress(pure)} is nobody's any more`,
  Announced: ({ real, proxy: delegate, call_hash: hash }) =>
    `${shortAddress(delegate)} announced call ${shortHex(hash)} for ${shortAddress(real)}`,
  ProxyAdded: ({ delegator, delegatee, proxy_type: type }) =>
    `${shortAddress(delegatee)} may act for ${shortAddress(delegator)}: ${type}`,
  ProxyRemoved: ({ delegator, delegatee, proxy_type: type }) =>
    `${shortAddress(delegatee)} may act for ${shortAddress(delegator)} no more: ${type}`,
  DepositPoked: ({ who, kind, new_deposit: deposit }) =>
    `${shortAddress(who)} has ${shortPha(deposit)} on deposit for ${kind.toLowerCase()}`,
}

export const vesting: Words<Carried<VestingEvents>> = {
  VestingCreated: ({ account }) => `${shortAddress(account)} has a vesting schedule more`,
  VestingUpdated: ({ account, unvested }) =>
    `${shortPha(unvested)} of ${shortAddress(account)} are still to vest`,
  VestingCompleted: ({ account }) => `all of ${shortAddress(account)} has vested`,
}

export const preimage: Words<Carried<typeof preimageEvents>> = {
  Noted: ({ hash }) => `preimage ${shortHex(hash)} noted`,
  Requested: ({ hash }) => `preimage ${shortHex(hash)} asked for`,
  Cleared: ({ hash }) => `preimage ${shortHex(hash)} taken away`,
}

const taskOf = ({ task: [block, index] }: { readonly task: readonly [number, number] }): string =>
  `task ${index} of block ${block}`

export const scheduler: Words<Carried<SchedulerEvents>> = {
  Scheduled: ({ when, index }) => `task ${index} scheduled for block ${when}`,
  Canceled: ({ when, index }) => `task ${index} of block ${when} cancelled`,
  Dispatched: (value) => `${taskOf(value)} ${resultInWords(value.result)}`,
  RetrySet: (value) => `${taskOf(value)} is tried again if it fails`,
  RetryCancelled: (value) => `${taskOf(value)} is not tried again`,
  CallUnavailable: (value) => `${taskOf(value)} is gone: its call cannot be read`,
  PeriodicFailed: (value) => `${taskOf(value)} is not repeated: there was no place`,
  RetryFailed: (value) => `${taskOf(value)} is not tried again: there was no place`,
  PermanentlyOverweight: (value) => `${taskOf(value)} is gone: no block has room for it`,
  AgendaIncomplete: ({ when }) => `tasks of block ${when} are left`,
}

export const migrations: Words<Carried<MigrationsEvents>> = {
  UpgradeStarted: () => 'new rules begin to migrate storage',
  UpgradeCompleted: () => 'new rules have migrated storage',
  UpgradeFailed: () => 'the migration of storage failed',
  MigrationSkipped: ({ index }) => `migration ${index} was not needed`,
  MigrationAdvanced: ({ index }) => `migration ${index} goes on`,
  MigrationCompleted: ({ index }) => `migration ${index} is complete`,
  MigrationFailed: ({ index }) => `migration ${index} failed`,
}

const unitsOf = (amount: bigint, { asset_id: id }: { readonly asset_id: number }): string =>
  `${amount} units of asset ${id}`

export const assets: Words<Carried<AssetsEvents>> = {
  Created: ({ asset_id: id, creator }) => `${shortAddress(creator)} created asset ${id}`,
  Issued: (value) => `${unitsOf(value.amount, value)} minted to ${shortAddress(value.owner)}`,
  Transferred: (value) =>
    `${shortAddress(value.from)} sent ${unitsOf(value.amount, value)} to ${shortAddress(value.to)}`,
  Burned: (value) => `${unitsOf(value.balance, value)} of ${shortAddress(value.owner)} burned`,
  TeamChanged: ({ asset_id: id }) => `asset ${id} has another team`,
  OwnerChanged: ({ asset_id: id, owner }) => `asset ${id} belongs to ${shortAddress(owner)}`,
  Frozen: ({ asset_id: id, who }) => `${shortAddress(who)} cannot send asset ${id}`,
  Thawed: ({ asset_id: id, who }) => `${shortAddress(who)} can send asset ${id} again`,
  AssetFrozen: ({ asset_id: id }) => `asset ${id} is frozen`,
  AssetThawed: ({ asset_id: id }) => `asset ${id} is thawed`,
  AccountsDestroyed: ({ asset_id: id, accounts_destroyed: count }) =>
    `${count} accounts of asset ${id} destroyed`,
  ApprovalsDestroyed: ({ asset_id: id, approvals_destroyed: count }) =>
    `${count} approvals of asset ${id} destroyed`,
  DestructionStarted: ({ asset_id: id }) => `asset ${id} is being destroyed`,
  Destroyed: ({ asset_id: id }) => `asset ${id} is gone`,
  ForceCreated: ({ asset_id: id, owner }) =>
    `the chain created asset ${id} for ${shortAddress(owner)}`,
  MetadataSet: ({ asset_id: id }) => `asset ${id} has another name`,
  MetadataCleared: ({ asset_id: id }) => `asset ${id} has no name any more`,
  ApprovedTransfer: (value) =>
    `${shortAddress(value.delegate)} may send ${unitsOf(value.amount, value)} more`,
  ApprovalCancelled: ({ asset_id: id, delegate }) =>
    `${shortAddress(delegate)} may send no more of asset ${id}`,
  TransferredApproved: (value) =>
    `${shortAddress(value.delegate)} sent ${unitsOf(value.amount, value)} for ${shortAddress(value.owner)}`,
  AssetStatusChanged: ({ asset_id: id }) => `the chain changed asset ${id}`,
  AssetMinBalanceChanged: ({ asset_id: id, new_min_balance: least }) =>
    `accounts of asset ${id} hold ${least} units at least`,
  Touched: ({ asset_id: id, who }) => `${shortAddress(who)} has an account of asset ${id}`,
  Blocked: ({ asset_id: id, who }) =>
    `${shortAddress(who)} can neither send nor receive asset ${id}`,
}
