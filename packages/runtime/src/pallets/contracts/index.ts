import { u128, u32, u64 } from '@tacit/base'
import { constant, definePallet, type Pallet } from '../../framework/pallet.ts'
import {
  BASE_COMMAND_GAS,
  MAX_CODE_BYTES,
  MAX_COMMAND_GAS,
  MAX_COMMIT_COMMANDS,
  MAX_INIT_BYTES,
  MAX_OUTBOX_ITEMS,
  MAX_SEALED_BYTES,
} from '../../protocol/contracts.ts'
import { contractsCalls } from './calls.ts'
import { MAX_COMMITS_PER_BLOCK } from './check-commit.ts'
import { STATE_DEPOSIT } from './deploy.ts'
import { validateContracts } from './pool.ts'
import { BURN_SHARE, COMMIT_FEE, GAS_PRICE, WORKER_SHARE } from './prices.ts'
import { CONTRACTS_INDEX, contractsErrors, contractsEvents, contractsStorage } from './types.ts'

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
  validateUnsigned: validateContracts,
})
