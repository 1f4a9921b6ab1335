import { compareBytes, equalBytes, err, ok, type AccountId, type Result } from '@tacit/base'
import type { DispatchResult } from '../../framework/calls.ts'
import type { CallContext } from '../../framework/context.ts'
import type { DispatchError } from '../../framework/dispatch-error.ts'
import type { RuntimeCalls } from '../../framework/nested-calls.ts'
import { ensureSigned } from '../../framework/origin.ts'
import type { RuntimeCall } from '../../framework/runtime-call.ts'
import { addWeights, exceeds, weigh, type Weight } from '../../framework/weights.ts'
import { hold, release } from '../balances/ops.ts'
import { allSignatories, multisigAccount } from './account.ts'
import {
  DEPOSIT_BASE,
  DEPOSIT_FACTOR,
  MULTISIG_HOLD,
  multisigErrors,
  multisigEvents,
  multisigStorage,
  type Operation,
  type Timepoint,
} from './types.ts'

/** What names an operation beside its call. */
export type OperationArgs = {
  readonly threshold: number
  /** Ascending, without the sender. */
  readonly other_signatories: readonly AccountId[]
}

/** An approval: of a hash, or with the call, which is dispatched once nothing else is missing. */
export type Approval = OperationArgs & {
  readonly maybe_timepoint: Timepoint | undefined
  readonly callHash: Uint8Array
  readonly call?: RuntimeCall
  readonly max_weight: Weight
}

/** What an operation itself takes: the bytes of the call are hashed, those of accounts sorted. */
export function operateWeight(signatories: number, callBytes: number): Weight {
  return weigh({ reads: 3, writes: 3, bytes: 2 * callBytes + 96 * signatories })
}

/** The sender and the operation's account; the threshold is that of a real multisig. */
export type Party = { readonly who: AccountId; readonly multisig: AccountId }

export function partyOf(
  context: CallContext,
  { threshold, other_signatories: others }: OperationArgs,
): Result<Party, DispatchError> {
  const signed = ensureSigned(context.origin)
  if (!signed.ok) return signed
  if (threshold < 2) return err(multisigErrors.MinimumThreshold)
  const signatories = allSignatories(others, signed.value)
  if (!signatories.ok) return signatories
  const multisig = multisigAccount(context.state.hashes, signatories.value, threshold)
  return ok({ who: signed.value, multisig })
}

export function depositOf(threshold: number): bigint {
  return DEPOSIT_BASE + DEPOSIT_FACTOR * BigInt(threshold)
}

/** Opens an operation, approves it, or dispatches its call, whatever it takes now. */
export function operate(
  calls: RuntimeCalls,
  context: CallContext,
  approval: Approval,
): DispatchResult {
  const party = partyOf(context, approval)
  if (!party.ok) return party
  const open = multisigStorage.Multisigs.get(context.state, party.value.multisig, approval.callHash)
  if (!open) return begin(calls, context, party.value, approval)
  const { maybe_timepoint: when } = approval
  if (!when) return err(multisigErrors.NoTimepoint)
  if (!sameTimepoint(open.when, when)) return err(multisigErrors.WrongTimepoint)
  return approve(calls, context, party.value, approval, open)
}

function begin(
  calls: RuntimeCalls,
  context: CallContext,
  { who, multisig }: Party,
  approval: Approval,
): DispatchResult {
  const { callHash: call_hash, threshold } = approval
  if (approval.maybe_timepoint) return err(multisigErrors.UnexpectedTimepoint)
  const deposit = depositOf(threshold)
  const held = hold(context, MULTISIG_HOLD, who, deposit)
  if (!held.ok) return held
  const when = { height: context.block.number, index: context.extrinsicIndex }
  const opened = { when, deposit, depositor: who, approvals: [who] }
  multisigStorage.Multisigs.set(context.state, multisig, call_hash, opened)
  context.deposit(multisigEvents.NewMultisig({ approving: who, multisig, call_hash }))
  return ok({ actualWeight: ownWeight(calls, approval) })
}

function approve(
  calls: RuntimeCalls,
  context: CallContext,
  party: Party,
  approval: Approval,
  open: Operation,
): DispatchResult {
  const { who, multisig } = party
  const { threshold, callHash: call_hash, call } = approval
  const { approvals } = open
  const missing = approvals.length < threshold
  const adds = missing && !approvals.some((account) => equalBytes(account, who))
  if (call && approvals.length + Number(adds) >= threshold)
    return execute(calls, context, party, { ...approval, call }, open)
  if (!adds) return err(multisigErrors.AlreadyApproved)
  const all = [...approvals, who].sort(compareBytes)
  multisigStorage.Multisigs.set(context.state, multisig, call_hash, { ...open, approvals: all })
  const timepoint = open.when
  context.deposit(
    multisigEvents.MultisigApproval({ approving: who, timepoint, multisig, call_hash }),
  )
  return ok({ actualWeight: ownWeight(calls, approval) })
}

/** The record goes before the call runs, which therefore cannot meet it again. */
function execute(
  calls: RuntimeCalls,
  context: CallContext,
  { who, multisig }: Party,
  approval: Approval & { readonly call: RuntimeCall },
  open: Operation,
): DispatchResult {
  const { call, callHash: call_hash, max_weight: most } = approval
  if (exceeds(calls.info(call).weight, most)) return err(multisigErrors.MaxWeightTooLow)
  const closed = close(context, multisig, call_hash, open)
  if (!closed.ok) return closed
  const { result, weight } = calls.dispatch(context, call, { type: 'Signed', who: multisig })
  const timepoint = open.when
  context.deposit(
    multisigEvents.MultisigExecuted({ approving: who, timepoint, multisig, call_hash, result }),
  )
  return ok({ actualWeight: addWeights(ownWeight(calls, approval), weight) })
}

/** Removes an operation and gives its deposit back. */
export function close(
  context: CallContext,
  multisig: AccountId,
  hash: Uint8Array,
  { depositor, deposit }: Operation,
): Result<void, DispatchError> {
  multisigStorage.Multisigs.delete(context.state, multisig, hash)
  return release(context, MULTISIG_HOLD, depositor, deposit)
}

export function sameTimepoint(a: Timepoint, b: Timepoint): boolean {
  return a.height === b.height && a.index === b.index
}

function ownWeight(calls: RuntimeCalls, { other_signatories: others, call }: Approval): Weight {
  return operateWeight(others.length, call ? calls.bytes(call).length : 0)
}
