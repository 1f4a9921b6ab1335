import { err, ok, unwrap, type Result } from '@tacit/base'
import type { PalletContext } from '../../framework/context.ts'
import type { DispatchError } from '../../framework/dispatch-error.ts'
import type { HoldReason } from '../../framework/hold-reason.ts'
import type { State } from '../../framework/state.ts'
import { hold, release } from '../balances/ops.ts'
import type { Instance } from './records.ts'
import { MAX_INSTANCES_PER_PLATFORM, workersErrors, workersStorage } from './types.ts'

const REASON: HoldReason = { type: 'Workers', value: { type: 'Registration' } }

/** Keeps an instance as its slot's newest, counts it on its platform, and takes its deposit. */
export function addInstance(
  ctx: PalletContext,
  signingKey: Uint8Array,
  instance: Instance,
): Result<void, DispatchError> {
  const { slot, deposit, verdict } = instance
  const placed = occupy(ctx.state, signingKey, verdict)
  if (!placed.ok) return placed
  const paid = hold(ctx, REASON, slot.operator, deposit)
  if (!paid.ok) return paid
  workersStorage.Instances.set(ctx.state, signingKey, instance)
  workersStorage.Slots.set(ctx.state, slot, signingKey)
  return ok()
}

/** Takes all of that back. */
export function dropInstance(
  ctx: PalletContext,
  signingKey: Uint8Array,
  { slot, deposit, verdict }: Instance,
): void {
  unwrap(release(ctx, REASON, slot.operator, deposit), 'deposit')
  workersStorage.Instances.delete(ctx.state, signingKey)
  workersStorage.Slots.delete(ctx.state, slot)
  vacate(ctx.state, verdict)
}

type Hardware = Pick<Instance['verdict'], 'platform' | 'gpus'>

function occupy(
  state: State,
  signingKey: Uint8Array,
  { platform, gpus }: Hardware,
): Result<void, DispatchError> {
  const count = workersStorage.OnPlatform.get(state, platform)
  if (count >= MAX_INSTANCES_PER_PLATFORM) return err(workersErrors.PlatformFull)
  workersStorage.OnPlatform.set(state, platform, count + 1)
  for (const { platform: device } of gpus) {
    if (workersStorage.GpuHolders.has(state, device)) return err(workersErrors.DeviceInUse)
    workersStorage.GpuHolders.set(state, device, signingKey)
  }
  return ok()
}

function vacate(state: State, { platform, gpus }: Hardware): void {
  const left = workersStorage.OnPlatform.get(state, platform) - 1
  if (left > 0) workersStorage.OnPlatform.set(state, platform, left)
  else workersStorage.OnPlatform.delete(state, platform)
  for (const { platform: device } of gpus) workersStorage.GpuHolders.delete(state, device)
}
