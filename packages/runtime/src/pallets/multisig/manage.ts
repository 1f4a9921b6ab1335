import { equalBytes, err, ok, type AccountId } from '@tacit/base'
import type { DispatchResult } from '../../framework/calls.ts'
import type { CallContext } from '../../framework/context.ts'
import { failure, type RuntimeCalls } from '../../framework/nested-calls.ts'
import { ensureSigned } from '../../framework/origin.ts'
import type { RuntimeCall } from '../../framework/runtime-call.ts'
import { addWeights, weigh, type Weight } from '../../framework/weights.ts'
import { hold, release } from '../balances/ops.ts'
import { allSignatories, multisigAccount } from './account.ts'
import { close, depositOf, partyOf, sameTimepoint, type OperationArgs } from './operate.ts'
import {
  MULTISIG_HOLD,
  multisigErrors,
  multisigEvents,
  multisigStorage,
  type Timepoint,
} from './types.ts'

export type Threshold1Args = {
  readonly other_signatories: readonly AccountId[]
  readonly call: RuntimeCall
}
export type CancelArgs = OperationArgs & {
  readonly timepoint: Timepoint
  readonly call_hash: Uint8Array
}
export type PokeDepositArgs = OperationArgs & { readonly call_hash: Uint8Array }

/** What as_multi_threshold_1 itself takes; the multisig's account is read and written. */
export function threshold1Weight(signatories: number): Weight {
  return weigh({ reads: 2, writes: 1, bytes: 96 * signatories })
}

/** One of the signatories is enough. */
export function asMultiThreshold1(
  calls: RuntimeCalls,
  context: CallContext,
  { other_signatories: others, call }: Threshold1Args,
): DispatchResult {
  const signed = ensureSigned(context.origin)
  if (!signed.ok) return signed
  const signatories = allSignatories(others, signed.value)
  if (!signatories.ok) return signatories
  const who = multisigAccount(context.state.hashes, signatories.value, 1)
  const { result, weight } = calls.dispatch(context, call, { type: 'Signed', who })
  const actualWeight = addWeights(weight, threshold1Weight(others.length))
  return result.ok ? ok({ actualWeight }) : failure(result.error, actualWeight)
}

/** Whoever opened an operation takes it and the deposit back. */
export function cancelAsMulti(context: CallContext, args: CancelArgs): DispatchResult {
  const party = partyOf(context, args)
  if (!party.ok) return party
  const { who, multisig } = party.value
  const { call_hash, timepoint } = args
  const open = multisigStorage.Multisigs.get(context.state, multisig, call_hash)
  if (!open) return err(multisigErrors.NotFound)
  if (!sameTimepoint(open.when, timepoint)) return err(multisigErrors.WrongTimepoint)
  if (!equalBytes(open.depositor, who)) return err(multisigErrors.NotOwner)
  const closed = close(context, multisig, call_hash, open)
  if (!closed.ok) return closed
  context.deposit(
    multisigEvents.MultisigCancelled({ cancelling: who, timepoint, multisig, call_hash }),
  )
  return ok()
}

/** Brings a deposit to what it is today; free if it changes. */
export function pokeDeposit(context: CallContext, args: PokeDepositArgs): DispatchResult {
  const party = partyOf(context, args)
  if (!party.ok) return party
  const { who, multisig } = party.value
  const { call_hash, threshold } = args
  const open = multisigStorage.Multisigs.get(context.state, multisig, call_hash)
  if (!open) return err(multisigErrors.NotFound)
  if (!equalBytes(open.depositor, who)) return err(multisigErrors.NotOwner)
  const [before, deposit] = [open.deposit, depositOf(threshold)]
  if (deposit === before) return ok({ paysFee: true })
  const moved =
    deposit > before
      ? hold(context, MULTISIG_HOLD, who, deposit - before)
      : release(context, MULTISIG_HOLD, who, before - deposit)
  if (!moved.ok) return moved
  multisigStorage.Multisigs.set(context.state, multisig, call_hash, { ...open, deposit })
  const poked = { who, call_hash, old_deposit: before, new_deposit: deposit }
  context.deposit(multisigEvents.DepositPoked(poked))
  return ok({ paysFee: false })
}
