import { err, ok, type AccountId, type Result } from '@tacit/base'
import type { CallContext } from '../../framework/context.ts'
import type { DispatchError } from '../../framework/dispatch-error.ts'
import type { ModuleError } from '../../framework/errors.ts'
import type { HoldReason } from '../../framework/hold-reason.ts'
import {
  BASE_COMMAND_GAS,
  inboxLink,
  inboxPayloadHash,
  MAX_COMMAND_GAS,
  type InboxEntry,
  type InboxPayload,
} from '../../protocol/contracts.ts'
import { hold } from '../balances/ops.ts'
import { commandFee } from './prices.ts'
import { contractsErrors, contractsEvents, contractsStorage } from './types.ts'

export const GAS_HOLD: HoldReason = { type: 'Contracts', value: { type: 'Gas' } }

/** What a sender adds to an inbox. */
export type Command = {
  readonly contract: AccountId
  readonly sender: AccountId
  readonly epoch: number
  readonly gasLimit: bigint
  readonly value: bigint
  readonly payload: InboxPayload
}

export function checkGasLimit(gasLimit: bigint): Result<void, ModuleError> {
  if (gasLimit < BASE_COMMAND_GAS) return err(contractsErrors.GasLimitTooLow)
  return gasLimit > MAX_COMMAND_GAS ? err(contractsErrors.GasLimitTooHigh) : ok()
}

/**
 * Orders a command behind all others of its contract and holds all that it may cost. The hold
 * answers for the record too: it lasts as long, and part of it is paid when the record goes.
 */
export function enqueue(ctx: CallContext, command: Command): Result<void, DispatchError> {
  const { contract, sender, epoch, gasLimit, value, payload } = command
  if (ctx.nonce === undefined) return err(contractsErrors.NonceMissing)
  const held = commandFee(gasLimit) + value
  const paid = hold(ctx, GAS_HOLD, sender, held)
  if (!paid.ok) return paid
  const { hashes } = ctx.state
  const { count: sequence, head: previous } = contractsStorage.Inbox.get(ctx.state, contract)
  const entry: InboxEntry = {
    sequence,
    sender,
    nonce: ctx.nonce,
    epoch,
    gasLimit,
    value,
    height: ctx.block.number,
    timeMs: ctx.block.nowMs,
    payloadHash: inboxPayloadHash(hashes, payload),
  }
  const head = inboxLink(hashes, previous, entry)
  contractsStorage.Inbox.set(ctx.state, contract, { count: sequence + 1n, head })
  const pending = { sender, gasLimit, value, held, epoch, head }
  contractsStorage.Pending.set(ctx.state, contract, sequence, pending)
  ctx.deposit(contractsEvents.InboxMessage({ contract, sequence, entry }))
  return ok()
}
