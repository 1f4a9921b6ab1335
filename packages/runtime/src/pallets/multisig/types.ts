import {
  accountId,
  fixedBytes,
  struct,
  u128,
  u32,
  type AccountId,
  type Codec,
  type Result,
} from '@tacit/base'
import { boundedVec } from '../../framework/bounded.ts'
import type { DispatchError } from '../../framework/dispatch-error.ts'
import { dispatchResult } from '../../framework/dispatch-result.ts'
import { defineErrors, type Errors } from '../../framework/errors.ts'
import { defineEvents, type Events } from '../../framework/events.ts'
import type { HoldReason } from '../../framework/hold-reason.ts'
import { defineStorage, storageDoubleMap, type OptionalDoubleMap } from '../../framework/storage.ts'
import { depositFor } from '../deposit.ts'

export const MULTISIG_INDEX = 41
/** Accounts that make up one multisig account, as on Polkadot. */
export const MAX_SIGNATORIES = 100
export const MULTISIG_HOLD: HoldReason = { type: 'Multisig', value: { type: 'Operation' } }

/** Key (two prefixes, two hashed keys) and value of an operation without its approvals. */
const OPERATION_BYTES = 180
/** Planck held of whoever opens an operation... */
export const DEPOSIT_BASE: bigint = depositFor(1, OPERATION_BYTES)
/** ...and for each approval that it needs. */
export const DEPOSIT_FACTOR: bigint = depositFor(0, 32)

/** The extrinsic that opened an operation: its block's number and its index there. */
export type Timepoint = { readonly height: number; readonly index: number }

const blockNumber = { name: 'BlockNumber', type: u32.type }

export const timepoint: Codec<Timepoint> = struct(
  { height: u32, index: u32 },
  { path: ['pallet_multisig', 'Timepoint'], params: [blockNumber] },
)

/** An open operation; approvals ascend and count whoever opened it. */
export type Operation = {
  readonly when: Timepoint
  readonly deposit: bigint
  readonly depositor: AccountId
  readonly approvals: readonly AccountId[]
}

const operation: Codec<Operation> = struct(
  {
    when: timepoint,
    deposit: u128,
    depositor: accountId,
    approvals: boundedVec(accountId, MAX_SIGNATORIES),
  },
  {
    path: ['pallet_multisig', 'Multisig'],
    params: [
      blockNumber,
      { name: 'Balance', type: u128.type },
      { name: 'AccountId', type: accountId.type },
    ],
  },
)

/** BLAKE2b-256 of an encoded call. */
export const callHash: Codec<Uint8Array> = fixedBytes(32)

export type MultisigStorage = {
  Multisigs: OptionalDoubleMap<AccountId, Uint8Array, Operation>
}

export const multisigStorage: MultisigStorage = defineStorage('Multisig', {
  Multisigs: storageDoubleMap({
    hashers: ['Twox64Concat', 'Blake2_128Concat'],
    keys: [accountId, callHash],
    value: operation,
    docs: ['Open operations by multisig account and call hash.'],
  }),
})

type Opened = { readonly multisig: AccountId; readonly call_hash: Uint8Array }
type Approved = Opened & { readonly approving: AccountId; readonly timepoint: Timepoint }

export type MultisigEvents = Events<{
  NewMultisig: Opened & { readonly approving: AccountId }
  MultisigApproval: Approved
  MultisigExecuted: Approved & { readonly result: Result<void, DispatchError> }
  MultisigCancelled: Opened & { readonly cancelling: AccountId; readonly timepoint: Timepoint }
  DepositPoked: {
    readonly who: AccountId
    readonly call_hash: Uint8Array
    readonly old_deposit: bigint
    readonly new_deposit: bigint
  }
}>

const approval = { approving: accountId, timepoint, multisig: accountId, call_hash: callHash }

/** Indices as in pallet_multisig. */
export const multisigEvents: MultisigEvents = defineEvents('Multisig', MULTISIG_INDEX, {
  NewMultisig: [
    0,
    struct({ approving: accountId, multisig: accountId, call_hash: callHash }),
    'An operation was opened.',
  ],
  MultisigApproval: [1, struct(approval), 'An operation was approved.'],
  MultisigExecuted: [
    2,
    struct({ ...approval, result: dispatchResult }),
    'An operation had its last approval, and its call was dispatched.',
  ],
  MultisigCancelled: [
    3,
    struct({ cancelling: accountId, timepoint, multisig: accountId, call_hash: callHash }),
    'An operation was cancelled by whoever opened it.',
  ],
  DepositPoked: [
    4,
    struct({ who: accountId, call_hash: callHash, old_deposit: u128, new_deposit: u128 }),
    "An operation's deposit was brought up to date.",
  ],
})

type Names =
  | 'MinimumThreshold'
  | 'AlreadyApproved'
  | 'NoApprovalsNeeded'
  | 'TooFewSignatories'
  | 'TooManySignatories'
  | 'SignatoriesOutOfOrder'
  | 'SenderInSignatories'
  | 'NotFound'
  | 'NotOwner'
  | 'NoTimepoint'
  | 'WrongTimepoint'
  | 'UnexpectedTimepoint'
  | 'MaxWeightTooLow'
  | 'AlreadyStored'

/** Indices as in pallet_multisig; NoApprovalsNeeded and AlreadyStored happen no more there either. */
export const multisigErrors: Errors<Names> = defineErrors('Multisig', MULTISIG_INDEX, {
  MinimumThreshold: [0, 'The threshold must be 2 or greater.'],
  AlreadyApproved: [1, 'The sender has approved, and there is nothing more to do.'],
  NoApprovalsNeeded: [2, 'The call needs no more approvals.'],
  TooFewSignatories: [3, 'There are too few signatories.'],
  TooManySignatories: [4, 'There are too many signatories.'],
  SignatoriesOutOfOrder: [5, 'The other signatories do not ascend.'],
  SenderInSignatories: [6, 'The sender is among the other signatories.'],
  NotFound: [7, 'There is no such operation.'],
  NotOwner: [8, 'Somebody else opened the operation.'],
  NoTimepoint: [9, 'The operation is open, and its timepoint was not given.'],
  WrongTimepoint: [10, 'The operation has another timepoint.'],
  UnexpectedTimepoint: [11, 'A timepoint was given, and no operation is open.'],
  MaxWeightTooLow: [12, 'The call weighs more than was allowed.'],
  AlreadyStored: [13, 'The call is stored already.'],
})
