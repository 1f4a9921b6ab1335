import { accountId, equalBytes, err, ok, struct, type AccountId, type Codec } from '@tacit/base'
import type { DispatchResult } from '../../framework/calls.ts'
import type { CallContext } from '../../framework/context.ts'
import { ensureSigned } from '../../framework/origin.ts'
import { contractsStorage } from '../contracts/types.ts'
import { keysErrors, keysEvents, keysStorage } from './types.ts'

export type RotateEpochArgs = { readonly contract: AccountId }

export const rotateEpochArgs: Codec<RotateEpochArgs> = struct({ contract: accountId })

const MAX_EPOCH = 0xffff_ffff

/** The old epoch's key leaves the state: nothing may be sealed to it from now on. */
export function rotateEpoch(ctx: CallContext, { contract }: RotateEpochArgs): DispatchResult {
  const signed = ensureSigned(ctx.origin)
  if (!signed.ok) return signed
  const info = contractsStorage.Contracts.get(ctx.state, contract)
  if (info === undefined) return err(keysErrors.ContractUnknown)
  if (!equalBytes(info.owner, signed.value)) return err(keysErrors.NotOwner)
  const old = keysStorage.Epochs.get(ctx.state, contract)
  if (old === MAX_EPOCH) return err(keysErrors.EpochsExhausted)
  const epoch = old + 1
  keysStorage.InboxKeys.delete(ctx.state, contract, old)
  for (const { keys } of keysStorage.Grants.entries(ctx.state, { under: [contract] })) {
    keysStorage.Grants.delete(ctx.state, ...keys)
  }
  keysStorage.Epochs.set(ctx.state, contract, epoch)
  ctx.deposit(keysEvents.EpochRotated({ contract, epoch }))
  return ok()
}
