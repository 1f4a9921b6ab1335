import type {
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
