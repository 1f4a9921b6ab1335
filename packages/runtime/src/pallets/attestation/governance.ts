import { boundedStr, err, hash256, ok, struct, u32, type Codec, type Hash } from '@tacit/base'
import type { DispatchResult } from '../../framework/calls.ts'
import type { CallContext } from '../../framework/context.ts'
import { ensureRoot } from '../../framework/origin.ts'
import { allowedMeasurement, MAX_REASON_BYTES, type AllowedMeasurement } from './records.ts'
import { attestationErrors, attestationEvents, attestationStorage } from './types.ts'

export type MeasurementArgs = { readonly allowed: AllowedMeasurement }
export type RevokePlatformArgs = { readonly platform: Hash; readonly reason: string }
export type UnrevokePlatformArgs = { readonly platform: Hash }
export type MinimumEvaluationArgs = { readonly number: number }

export const measurementArgs: Codec<MeasurementArgs> = struct({ allowed: allowedMeasurement })
export const revokePlatformArgs: Codec<RevokePlatformArgs> = struct({
  platform: hash256,
  reason: boundedStr(MAX_REASON_BYTES),
})
export const unrevokePlatformArgs: Codec<UnrevokePlatformArgs> = struct({ platform: hash256 })
export const minimumEvaluationArgs: Codec<MinimumEvaluationArgs> = struct({ number: u32 })

/** Lets a program serve in a role. */
export function allowMeasurement(ctx: CallContext, { allowed }: MeasurementArgs): DispatchResult {
  const permitted = ensureRoot(ctx.origin)
  if (!permitted.ok) return permitted
  if (attestationStorage.Measurements.get(ctx.state, allowed)) {
    return err(attestationErrors.MeasurementKnown)
  }
  attestationStorage.Measurements.set(ctx.state, allowed, true)
  ctx.deposit(attestationEvents.MeasurementAllowed({ allowed }))
  return ok()
}

/** Lets a program serve in a role no more; its instances stop at once. */
export function disallowMeasurement(
  ctx: CallContext,
  { allowed }: MeasurementArgs,
): DispatchResult {
  const permitted = ensureRoot(ctx.origin)
  if (!permitted.ok) return permitted
  if (!attestationStorage.Measurements.get(ctx.state, allowed)) {
    return err(attestationErrors.MeasurementUnknown)
  }
  attestationStorage.Measurements.delete(ctx.state, allowed)
  ctx.deposit(attestationEvents.MeasurementDisallowed({ allowed }))
  return ok()
}

/** Lets nothing serve on a physical processor or with a GPU; what does stops at once. */
export function revokePlatform(
  ctx: CallContext,
  { platform, reason }: RevokePlatformArgs,
): DispatchResult {
  const permitted = ensureRoot(ctx.origin)
  if (!permitted.ok) return permitted
  if (attestationStorage.RevokedPlatforms.has(ctx.state, platform)) {
    return err(attestationErrors.PlatformRevoked)
  }
  const revokedAt = ctx.block.number
  attestationStorage.RevokedPlatforms.set(ctx.state, platform, { reason, revokedAt })
  ctx.deposit(attestationEvents.PlatformRevoked({ platform, reason }))
  return ok()
}

export function unrevokePlatform(
  ctx: CallContext,
  { platform }: UnrevokePlatformArgs,
): DispatchResult {
  const permitted = ensureRoot(ctx.origin)
  if (!permitted.ok) return permitted
  if (!attestationStorage.RevokedPlatforms.has(ctx.state, platform)) {
    return err(attestationErrors.PlatformNotRevoked)
  }
  attestationStorage.RevokedPlatforms.delete(ctx.state, platform)
  ctx.deposit(attestationEvents.PlatformUnrevoked({ platform }))
  return ok()
}

/** Demands an evaluation number of Intel's collateral, on top of what the store holds. */
export function setMinimumEvaluation(
  ctx: CallContext,
  { number }: MinimumEvaluationArgs,
): DispatchResult {
  const permitted = ensureRoot(ctx.origin)
  if (!permitted.ok) return permitted
  attestationStorage.MinimumEvaluation.set(ctx.state, { number, changedMs: ctx.block.nowMs })
  ctx.deposit(attestationEvents.MinimumEvaluationSet({ number }))
  return ok()
}
