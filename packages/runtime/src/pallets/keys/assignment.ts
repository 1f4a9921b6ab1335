import { err, ok, type AccountId, type Result } from '@tacit/base'
import type { ValidateContext } from '../../framework/context.ts'
import type { ModuleError } from '../../framework/errors.ts'
import { contractsStorage } from '../contracts/types.ts'
import { isNewest, servingInstance } from '../workers/serving.ts'
import { keysErrors, keysStorage } from './types.ts'

/** What both a dispatch and a validation have. */
export type CheckContext = Pick<ValidateContext, 'state' | 'host' | 'block'>

/** Whether an instance serves a contract now, in the contract's current epoch. */
export function checkAssigned(
  ctx: CheckContext,
  contract: AccountId,
  epoch: number,
  instance: Uint8Array,
): Result<void, ModuleError> {
  const info = contractsStorage.Contracts.get(ctx.state, contract)
  if (info === undefined) return err(keysErrors.ContractUnknown)
  if (epoch !== keysStorage.Epochs.get(ctx.state, contract)) return err(keysErrors.WrongEpoch)
  if (!isNewest(ctx.state, info.slot, instance)) return err(keysErrors.NotAssigned)
  const serving = servingInstance(ctx.state, instance, 'Contracts', ctx.block.nowMs, 'keyRelease')
  return serving === undefined ? err(keysErrors.InstanceNotServing) : ok()
}
