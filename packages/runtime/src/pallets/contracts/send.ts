import {
  accountId,
  boundedBytes,
  decode,
  err,
  struct,
  u128,
  u32,
  u64,
  type AccountId,
  type Codec,
  type Result,
} from '@tacit/base'
import type { DispatchResult } from '../../framework/calls.ts'
import type { CallContext, PalletContext } from '../../framework/context.ts'
import type { ModuleError } from '../../framework/errors.ts'
import { ensureSigned } from '../../framework/origin.ts'
import { MAX_SEALED_BYTES, sealedCommand } from '../../protocol/contracts.ts'
import { SIZE_CLASSES } from '../../protocol/padding.ts'
import { keysStorage } from '../keys/types.ts'
import { checkGasLimit, enqueue } from './inbox.ts'
import { contractsErrors, contractsStorage } from './types.ts'

/** Bytes that AES-256-GCM adds to a padded command. */
const TAG_BYTES = 16

export type SendArgs = {
  readonly contract: AccountId
  /** The epoch whose inbox key sealed the payload. */
  readonly epoch: number
  /** SCALE of a SealedCommand. */
  readonly payload: Uint8Array
  readonly gasLimit: bigint
  /** Planck for the contract, paid if the command succeeds. */
  readonly value: bigint
}

export const sendArgs: Codec<SendArgs> = struct({
  contract: accountId,
  epoch: u32,
  payload: boundedBytes(MAX_SEALED_BYTES),
  gasLimit: u64,
  value: u128,
})

export function send(ctx: CallContext, args: SendArgs): DispatchResult {
  const signed = ensureSigned(ctx.origin)
  if (!signed.ok) return signed
  const checked = checkSend(ctx, args)
  if (!checked.ok) return checked
  const { contract, epoch, gasLimit, value } = args
  const payload = { type: 'Sealed', value: args.payload } as const
  return enqueue(ctx, { contract, sender: signed.value, epoch, gasLimit, value, payload })
}

function checkSend(ctx: PalletContext, args: SendArgs): Result<void, ModuleError> {
  const { contract, epoch } = args
  const info = contractsStorage.Contracts.get(ctx.state, contract)
  if (info === undefined) return err(contractsErrors.ContractUnknown)
  if (info.status.type === 'Failed') return err(contractsErrors.ContractFailed)
  if (info.status.type === 'Deploying') return err(contractsErrors.ContractNotReady)
  if (epoch !== keysStorage.Epochs.get(ctx.state, contract)) return err(contractsErrors.WrongEpoch)
  if (!keysStorage.InboxKeys.has(ctx.state, contract, epoch)) {
    return err(contractsErrors.InboxKeyMissing)
  }
  if (!isSealed(args.payload)) return err(contractsErrors.PayloadMalformed)
  return checkGasLimit(args.gasLimit)
}

/** An odd size would tell something of the content, and no enclave opens it. */
function isSealed(payload: Uint8Array): boolean {
  const sealed = decode(sealedCommand, payload)
  return sealed.ok && SIZE_CLASSES.includes(sealed.value.ciphertext.length - TAG_BYTES)
}
