import { concatBytes, encode, err, u128, u32, u64, type Result } from '@tacit/base'
import { defineCalls, type Calls } from '../../framework/calls.ts'
import type { ValidateContext } from '../../framework/context.ts'
import type { ModuleError } from '../../framework/errors.ts'
import { constant, definePallet, type Pallet } from '../../framework/pallet.ts'
import type { TransactionValidityError, ValidTransaction } from '../../framework/validity.ts'
import { weigh, type Weight } from '../../framework/weights.ts'
import {
  BASE_COMMAND_GAS,
  MAX_CODE_BYTES,
  MAX_COMMAND_GAS,
  MAX_COMMIT_COMMANDS,
  MAX_INIT_BYTES,
  MAX_OUTBOX_ITEMS,
  MAX_SEALED_BYTES,
  commitPayload,
  type CommitPayload,
} from '../../protocol/contracts.ts'
import { refusal, validOnce } from '../unsigned.ts'
import { checkCommit, commitArgs, MAX_COMMITS_PER_BLOCK, type CommitArgs } from './check-commit.ts'
import { uploadCode, uploadCodeArgs, type UploadCodeArgs } from './code.ts'
import { commit } from './commit.ts'
import { deploy, deployArgs, STATE_DEPOSIT, type DeployArgs } from './deploy.ts'
import { BURN_SHARE, COMMIT_FEE, GAS_PRICE, WORKER_SHARE } from './prices.ts'
import { send, sendArgs, type SendArgs } from './send.ts'
import { CONTRACTS_INDEX, contractsErrors, contractsEvents, contractsStorage } from './types.ts'

export type ContractsCalls = {
  readonly upload_code: UploadCodeArgs
  readonly deploy: DeployArgs
  readonly send: SendArgs
  readonly commit: CommitArgs
}

export const contractsCalls: Calls<ContractsCalls> = defineCalls<ContractsCalls>({
  upload_code: {
    index: 0,
    args: uploadCodeArgs,
    docs: [
      'Store a bundled module under its hash.',
      '',
      'Anyone may then deploy it. A deposit is held of the caller for every byte.',
    ],
    weight: ({ code }) => weigh({ reads: 4, writes: 5, bytes: 4 * code.length }),
    dispatch: uploadCode,
  },
  deploy: {
    index: 1,
    args: deployArgs,
    docs: [
      'Deploy a stored module as a contract that a slot serves.',
      '',
      "The constructor is the first entry of the contract's inbox and is paid like a command. The",
      "caller becomes the owner and brings the contract's account to life; a deposit is held.",
    ],
    weight: ({ init }) => weigh({ reads: 12, writes: 9, bytes: 3 * init.length }),
    dispatch: deploy,
  },
  send: {
    index: 2,
    args: sendArgs,
    docs: [
      'Send sealed input to a contract.',
      '',
      "Held of the caller: gas at its limit, the commit's fee and the value. What the command did",
      'not use is released when it is committed; the value is paid only if it succeeds.',
    ],
    weight: ({ payload }) => weigh({ reads: 9, writes: 5, bytes: 3 * payload.length }),
    dispatch: send,
  },
  commit: {
    index: 3,
    args: commitArgs,
    docs: [
      "Apply what a contract's instance computed for the next commands of its inbox.",
      '',
      'Unsigned; the instance signs the message. Pays the worker, burns, fills the treasury,',
      'releases the rest, moves the root and makes the outbox public, all or nothing.',
    ],
    weight: weighCommit,
    paysFee: () => false,
    dispatch: commit,
  },
})

function weighCommit({ payload }: CommitArgs): Weight {
  const { outcomes, outbox } = payload
  return weigh({
    reads: 12 + 14 * outcomes.length + 4 * outbox.length,
    writes: 6 + 10 * outcomes.length + 2 * outbox.length,
    bytes: 2 * encode(commitPayload, payload).length,
    crypto: { ed25519: 1 },
  })
}

/** Below keys, above what pays by the byte: a commit ends what others have paid for. */
const PRIORITY = 1n << 59n

function validateUnsigned(
  ctx: ValidateContext,
  callName: string,
  args: unknown,
): Result<ValidTransaction, TransactionValidityError> {
  if (callName !== 'commit') return err({ code: 'call' })
  const { payload } = args as CommitArgs
  const checked = checkCommit(ctx, args as CommitArgs)
  if (!checked.ok) return refuseCommit(ctx, payload, checked.error)
  const { contract, previousRoot, firstSequence } = payload
  const tag = concatBytes(contract, previousRoot, encode(u64, firstSequence))
  return { ok: true, value: validOnce('contracts/commit', tag, PRIORITY) }
}

/** Commits follow one another: one may be early, be late, or have to wait for the next block. */
function refuseCommit(
  ctx: ValidateContext,
  payload: CommitPayload,
  error: ModuleError,
): Result<never, TransactionValidityError> {
  if (error === contractsErrors.TooManyCommits) return err({ code: 'exhausts_resources' })
  const isOutOfOrder = error === contractsErrors.StaleRoot || error === contractsErrors.WrongRange
  const processed = contractsStorage.Contracts.get(ctx.state, payload.contract)?.processed ?? 0n
  if (isOutOfOrder && payload.firstSequence < processed) return err({ code: 'stale' })
  if (isOutOfOrder && payload.firstSequence > processed) return err({ code: 'future' })
  return refusal(error)
}

/** JavaScript that keeps secrets: code, inboxes, commits and what they cost. */
export const contractsPallet: Pallet = definePallet({
  name: 'Contracts',
  index: CONTRACTS_INDEX,
  docs: ['JavaScript that keeps secrets: code, inboxes, commits and what they cost.'],
  storage: contractsStorage,
  calls: contractsCalls,
  events: contractsEvents,
  errors: contractsErrors,
  constants: {
    GasPrice: constant(u128, GAS_PRICE, 'Planck for each unit of gas.'),
    CommitFee: constant(u128, COMMIT_FEE, "Planck for a command's part in a commit."),
    WorkerShare: constant(u32, Number(WORKER_SHARE), 'Ten-thousandths for the operator.'),
    BurnShare: constant(
      u32,
      Number(BURN_SHARE),
      'Ten-thousandths burned; the treasury has the rest.',
    ),
    BaseCommandGas: constant(u64, BASE_COMMAND_GAS, 'Gas that every command costs at least.'),
    MaxCommandGas: constant(u64, MAX_COMMAND_GAS, 'The highest gas limit of a command.'),
    MaxCodeBytes: constant(u32, MAX_CODE_BYTES, 'Bytes of a module.'),
    MaxInitBytes: constant(u32, MAX_INIT_BYTES, "Bytes of a constructor's input."),
    MaxSealedBytes: constant(u32, MAX_SEALED_BYTES, 'Bytes of a sealed command.'),
    MaxCommitCommands: constant(u32, MAX_COMMIT_COMMANDS, 'Commands that one commit answers.'),
    MaxOutboxItems: constant(u32, MAX_OUTBOX_ITEMS, 'Public effects of one commit.'),
    MaxCommitsPerBlock: constant(u32, MAX_COMMITS_PER_BLOCK, 'Commits of an instance per block.'),
    StateDeposit: constant(u128, STATE_DEPOSIT, "Planck held of a contract's owner."),
  },
  validateUnsigned,
})
