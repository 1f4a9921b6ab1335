import {
  boundedBytes,
  err,
  fixedBytes,
  hash256,
  struct,
  u64,
  type AccountId,
  type Codec,
  type Hash,
  type Result,
} from '@tacit/base'
import type { DispatchResult } from '../../framework/calls.ts'
import type { CallContext, PalletContext } from '../../framework/context.ts'
import type { DispatchError } from '../../framework/dispatch-error.ts'
import type { ModuleError } from '../../framework/errors.ts'
import type { HoldReason } from '../../framework/hold-reason.ts'
import { ensureSigned } from '../../framework/origin.ts'
import { contractId, MAX_INIT_BYTES, NO_STATE_ROOT } from '../../protocol/contracts.ts'
import { slotId, type SlotId } from '../../protocol/registration.ts'
import { hold, transfer } from '../balances/ops.ts'
import { EXISTENTIAL_DEPOSIT } from '../balances/types.ts'
import { depositFor } from '../deposit.ts'
import { genesisHash } from '../genesis-hash.ts'
import { servingInstance } from '../workers/serving.ts'
import { workersStorage } from '../workers/types.ts'
import { checkGasLimit, enqueue } from './inbox.ts'
import { contractsErrors, contractsEvents, contractsStorage } from './types.ts'

const STATE_HOLD: HoldReason = { type: 'Contracts', value: { type: 'StateDeposit' } }
/** Contract, inbox, last commit, epoch, grant and inbox key: one of each per contract. */
const ITEMS = 6
/** Their values and keys together, rounded up. */
const BYTES = 1_024
/** Planck held of an owner's while the contract exists. */
export const STATE_DEPOSIT: bigint = depositFor(ITEMS, BYTES)

export type DeployArgs = {
  readonly codeHash: Hash
  /** 32 bytes that tell contracts of the same owner and code apart. */
  readonly salt: Uint8Array
  readonly slot: SlotId
  /** Public input of the constructor. */
  readonly init: Uint8Array
  readonly gasLimit: bigint
}

export const deployArgs: Codec<DeployArgs> = struct({
  codeHash: hash256,
  salt: fixedBytes(32),
  slot: slotId,
  init: boundedBytes(MAX_INIT_BYTES),
  gasLimit: u64,
})

export function deploy(ctx: CallContext, args: DeployArgs): DispatchResult {
  const signed = ensureSigned(ctx.origin)
  if (!signed.ok) return signed
  const owner = signed.value
  const checked = checkDeploy(ctx, args)
  if (!checked.ok) return checked
  const { codeHash, salt, slot, init, gasLimit } = args
  const contract = contractId(ctx.state.hashes, genesisHash(ctx), owner, codeHash, salt)
  if (contractsStorage.Contracts.has(ctx.state, contract)) {
    return err(contractsErrors.ContractExists)
  }
  const funded = fund(ctx, owner, contract)
  if (!funded.ok) return funded
  contractsStorage.Contracts.set(ctx.state, contract, {
    owner,
    codeHash,
    slot,
    status: { type: 'Deploying' },
    root: NO_STATE_ROOT as Hash,
    processed: 0n,
    deposit: STATE_DEPOSIT,
    deployedAt: ctx.block.number,
  })
  ctx.deposit(contractsEvents.Deployed({ contract, owner, codeHash, slot }))
  const payload = { type: 'Init', value: init } as const
  return enqueue(ctx, { contract, sender: owner, epoch: 0, gasLimit, value: 0n, payload })
}

function checkDeploy(ctx: PalletContext, args: DeployArgs): Result<void, ModuleError> {
  if (!contractsStorage.CodeInfos.has(ctx.state, args.codeHash)) {
    return err(contractsErrors.CodeUnknown)
  }
  const newest = workersStorage.Slots.get(ctx.state, args.slot)
  const serves =
    newest && servingInstance(ctx.state, newest, 'Contracts', ctx.block.nowMs, 'keyRelease')
  return serves ? checkGasLimit(args.gasLimit) : err(contractsErrors.SlotNotServing)
}

/** Brings the contract's account to life, so that any amount can be paid to it. */
function fund(
  ctx: CallContext,
  owner: AccountId,
  contract: AccountId,
): Result<void, DispatchError> {
  const held = hold(ctx, STATE_HOLD, owner, STATE_DEPOSIT)
  if (!held.ok) return held
  return transfer(ctx, owner, contract, EXISTENTIAL_DEPOSIT, { keepAlive: true })
}
