import {
  equalBytes,
  err,
  fixedBytes,
  ok,
  struct,
  type AccountId,
  type Codec,
  type Result,
} from '@tacit/base'
import type { ValidateContext } from '../../framework/context.ts'
import type { ModuleError } from '../../framework/errors.ts'
import type { State } from '../../framework/state.ts'
import {
  BASE_COMMAND_GAS,
  commitMessage,
  commitPayload,
  OK_CODE,
  type CommandOutcome,
  type CommitPayload,
} from '../../protocol/contracts.ts'
import { genesisHash } from '../genesis-hash.ts'
import { isNewest, servingInstance } from '../workers/serving.ts'
import type { ContractInfo, PendingCommand } from './records.ts'
import { contractsErrors, contractsStorage } from './types.ts'

/** Commits of one instance in one block. */
export const MAX_COMMITS_PER_BLOCK = 16

export type CommitArgs = {
  readonly payload: CommitPayload
  /** ed25519 by the instance over commitMessage. */
  readonly signature: Uint8Array
}

export const commitArgs: Codec<CommitArgs> = struct({
  payload: commitPayload,
  signature: fixedBytes(64),
})

/** A command of a commit: as it was sent and how it ended. */
export type AnsweredCommand = {
  readonly pending: PendingCommand
  readonly outcome: CommandOutcome
}

/** A commit that may be applied. */
export type CheckedCommit = {
  readonly payload: CommitPayload
  readonly contract: ContractInfo
  readonly operator: AccountId
  readonly commands: readonly AnsweredCommand[]
}

/**
 * Everything that must hold for a commit to be applied; the signature last, since it costs most.
 * The same in the pool and in the block.
 */
export function checkCommit(
  ctx: Pick<ValidateContext, 'state' | 'host' | 'block'>,
  { payload, signature }: CommitArgs,
): Result<CheckedCommit, ModuleError> {
  const { state } = ctx
  const contract = contractsStorage.Contracts.get(state, payload.contract)
  if (contract === undefined) return err(contractsErrors.ContractUnknown)
  const placed = checkPlace(ctx, contract, payload)
  if (!placed.ok) return placed
  const { instance: publicKey } = payload
  if (!isNewest(state, contract.slot, publicKey)) return err(contractsErrors.InstanceSuperseded)
  const serving = servingInstance(state, publicKey, 'Contracts', ctx.block.nowMs, 'billing')
  if (serving === undefined) return err(contractsErrors.InstanceNotServing)
  const commands = checkOutcomes(state, payload)
  if (!commands.ok) return commands
  const effects = checkEffects(payload)
  if (!effects.ok) return effects
  if (commitsInBlock(state, ctx.block.number, publicKey) >= MAX_COMMITS_PER_BLOCK) {
    return err(contractsErrors.TooManyCommits)
  }
  const message = commitMessage(payload)
  const isSigned = ctx.host.verify({ scheme: 'ed25519', publicKey, message, signature })
  if (!isSigned) return err(contractsErrors.SignatureInvalid)
  return ok({ payload, contract, operator: serving.slot.operator, commands: commands.value })
}

/** Whether the commit follows from what the chain has of the contract. */
function checkPlace(
  ctx: Pick<ValidateContext, 'state' | 'block'>,
  contract: ContractInfo,
  payload: CommitPayload,
): Result<void, ModuleError> {
  if (contract.status.type === 'Failed') return err(contractsErrors.ContractFailed)
  if (!equalBytes(payload.genesis, genesisHash(ctx))) return err(contractsErrors.WrongGenesis)
  if (!equalBytes(payload.codeHash, contract.codeHash)) return err(contractsErrors.WrongCode)
  if (!equalBytes(payload.previousRoot, contract.root)) return err(contractsErrors.StaleRoot)
  const { firstSequence, nextSequence } = payload
  const { count } = contractsStorage.Inbox.get(ctx.state, payload.contract)
  const isNext = firstSequence === contract.processed && nextSequence > firstSequence
  return isNext && nextSequence <= count ? ok() : err(contractsErrors.WrongRange)
}

/** Joins every command of the range with its outcome. */
function checkOutcomes(
  state: State,
  payload: CommitPayload,
): Result<readonly AnsweredCommand[], ModuleError> {
  const { firstSequence, nextSequence, outcomes } = payload
  if (BigInt(outcomes.length) !== nextSequence - firstSequence) {
    return err(contractsErrors.OutcomesIncomplete)
  }
  const commands: AnsweredCommand[] = []
  for (const [at, outcome] of outcomes.entries()) {
    const { sequence, gasUsed } = outcome
    const pending = contractsStorage.Pending.get(state, payload.contract, sequence)
    if (sequence !== firstSequence + BigInt(at) || pending === undefined) {
      return err(contractsErrors.OutcomesIncomplete)
    }
    if (gasUsed < BASE_COMMAND_GAS || gasUsed > pending.gasLimit) {
      return err(contractsErrors.GasUsedOutOfRange)
    }
    commands.push({ pending, outcome })
  }
  const head = commands.at(-1)?.pending.head
  const isHead = head !== undefined && equalBytes(head, payload.inboxHead)
  return isHead ? ok(commands) : err(contractsErrors.WrongInboxHead)
}

/** A failed command has no effect: neither on the root nor in the outbox. */
function checkEffects(payload: CommitPayload): Result<void, ModuleError> {
  const { firstSequence, outcomes, outbox, previousRoot, newRoot } = payload
  const isIdle = !outcomes.some(({ code }) => code === OK_CODE)
  if (isIdle && !equalBytes(previousRoot, newRoot)) {
    return err(contractsErrors.RootChangedByFailure)
  }
  let last = firstSequence
  for (const { value: item } of outbox) {
    const outcome = outcomes[Number(item.sequence - firstSequence)]
    if (item.sequence < last || outcome?.code !== OK_CODE) return err(contractsErrors.OutboxInvalid)
    last = item.sequence
  }
  return ok()
}

/** How often an instance has committed in the block of that height. */
export function commitsInBlock(state: State, height: number, instance: Uint8Array): number {
  const { height: counted, counts } = contractsStorage.CommitsInBlock.get(state)
  if (counted !== height) return 0
  return counts.find((count) => equalBytes(count.instance, instance))?.commits ?? 0
}
