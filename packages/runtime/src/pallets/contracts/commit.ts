import { equalBytes, err, ok, unwrap, type AccountId } from '@tacit/base'
import type { DispatchResult } from '../../framework/calls.ts'
import type { CallContext } from '../../framework/context.ts'
import { ensureNone } from '../../framework/origin.ts'
import { commitHash, OK_CODE, type OutboxItem } from '../../protocol/contracts.ts'
import { burnHeld, free, release, transfer, transferHeld } from '../balances/ops.ts'
import { EXISTENTIAL_DEPOSIT } from '../balances/types.ts'
import { TREASURY_ACCOUNT } from '../transaction-payment/types.ts'
import {
  checkCommit,
  commitsInBlock,
  type AnsweredCommand,
  type CheckedCommit,
  type CommitArgs,
} from './check-commit.ts'
import { GAS_HOLD } from './inbox.ts'
import { commandFee, splitFee } from './prices.ts'
import { MAX_COMMITTERS, type ContractStatus } from './records.ts'
import { contractsErrors, contractsEvents, contractsStorage } from './types.ts'

/** Applies a commit: pays for its commands, makes its outbox public, moves the root. */
export function commit(ctx: CallContext, args: CommitArgs): DispatchResult {
  const unsigned = ensureNone(ctx.origin)
  if (!unsigned.ok) return unsigned
  const checked = checkCommit(ctx, args)
  if (!checked.ok) return checked
  const { payload, commands, operator } = checked.value
  if (!countCommit(ctx, payload.instance)) return err(contractsErrors.TooManyCommits)
  for (const command of commands) settle(ctx, payload.contract, operator, command)
  for (const item of payload.outbox) publish(ctx, payload.contract, item)
  advance(ctx, checked.value)
  return ok()
}

function countCommit(ctx: CallContext, instance: Uint8Array): boolean {
  const { number: height } = ctx.block
  const stored = contractsStorage.CommitsInBlock.get(ctx.state)
  const before = stored.height === height ? stored.counts : []
  const commits = commitsInBlock(ctx.state, height, instance) + 1
  const others = before.filter((count) => !equalBytes(count.instance, instance))
  if (others.length >= MAX_COMMITTERS) return false
  const counts = [...others, { instance, commits }]
  contractsStorage.CommitsInBlock.set(ctx.state, { height, counts })
  return true
}

/**
 * Pays for one command out of what was held for it. Nothing here can fail: the hold covers the
 * gas at its limit, and a share that is too small for its receiver to keep is burned.
 */
function settle(
  ctx: CallContext,
  contract: AccountId,
  operator: AccountId,
  { pending, outcome }: AnsweredCommand,
): void {
  const { sender, held, value } = pending
  const { sequence, code, gasUsed } = outcome
  const fee = commandFee(gasUsed)
  const { worker, burned, treasury } = splitFee(fee)
  payShare(ctx, sender, operator, worker)
  unwrap(burnHeld(ctx, GAS_HOLD, sender, burned), 'burned share')
  payShare(ctx, sender, TREASURY_ACCOUNT, treasury)
  const moved = code === OK_CODE ? value : 0n
  unwrap(transferHeld(ctx, GAS_HOLD, sender, contract, moved), 'value')
  unwrap(release(ctx, GAS_HOLD, sender, held - fee - moved), 'rest')
  contractsStorage.Pending.delete(ctx.state, contract, sequence)
  ctx.deposit(contractsEvents.CommandDone({ contract, sequence, code, gasUsed, fee }))
}

function payShare(ctx: CallContext, from: AccountId, to: AccountId, amount: bigint): void {
  const canKeep = free(ctx.state, to) + amount >= EXISTENTIAL_DEPOSIT
  const paid = canKeep
    ? transferHeld(ctx, GAS_HOLD, from, to, amount)
    : burnHeld(ctx, GAS_HOLD, from, amount)
  unwrap(paid, 'share')
}

function publish(ctx: CallContext, contract: AccountId, item: OutboxItem): void {
  if (item.type === 'Event') {
    ctx.deposit(contractsEvents.Emitted({ contract, ...item.value }))
    return
  }
  const { sequence, to, amount } = item.value
  const moved = transfer(ctx, contract, to, amount, { keepAlive: true })
  if (moved.ok) return
  const { error } = moved
  ctx.deposit(contractsEvents.TransferFailed({ contract, sequence, to, amount, error }))
}

function advance(ctx: CallContext, { payload, contract }: CheckedCommit): void {
  const { contract: id, firstSequence, nextSequence, newRoot, instance } = payload
  const hash = commitHash(ctx.state.hashes, payload)
  const status = nextStatus(contract.status, payload.outcomes[0]?.code)
  contractsStorage.Contracts.set(ctx.state, id, {
    ...contract,
    status,
    root: newRoot,
    processed: nextSequence,
  })
  const range = { firstSequence, nextSequence, instance, hash }
  const height = ctx.block.number
  contractsStorage.LastCommits.set(ctx.state, id, { ...range, height, newRoot })
  ctx.deposit(contractsEvents.Committed({ contract: id, root: newRoot, ...range }))
  if (status.type === 'Failed') {
    const code = payload.outcomes[0]?.code ?? ''
    ctx.deposit(contractsEvents.DeployFailed({ contract: id, code }))
  }
}

/** The constructor decides whether the contract ever lives; nothing else was in its inbox. */
function nextStatus(status: ContractStatus, constructorCode: string | undefined): ContractStatus {
  if (status.type !== 'Deploying') return status
  return { type: constructorCode === OK_CODE ? 'Live' : 'Failed' }
}
