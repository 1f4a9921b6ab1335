import {
  compareBytes,
  encode,
  equalBytes,
  err,
  ok,
  struct,
  unwrap,
  type AccountId,
  type Codec,
  type Result,
} from '@tacit/base'
import {
  dcapCollateralCodec,
  decideCollateral,
  type CollateralScope,
  type CollateralVerdict,
  type DcapCollateral,
} from '@tacit/attestation'
import type { DispatchResult } from '../../framework/calls.ts'
import type { CallContext, PalletContext } from '../../framework/context.ts'
import type { ModuleError } from '../../framework/errors.ts'
import type { HoldReason } from '../../framework/hold-reason.ts'
import { ensureSigned } from '../../framework/origin.ts'
import { hold, release } from '../balances/ops.ts'
import { depositFor } from '../deposit.ts'
import { evidenceErrorName } from './evidence-errors.ts'
import { collateralInfo, type CollateralId, type CollateralInfo } from './records.ts'
import { readRoots } from './roots.ts'
import {
  attestationErrors,
  attestationEvents,
  attestationStorage,
  MAX_COLLATERAL_BYTES,
} from './types.ts'

const REASON: HoldReason = { type: 'Attestation', value: { type: 'Collateral' } }
/** Collateral and its info, with their keys. */
const ITEMS = 2
const KEY_BYTES = 2 * 56
const CRL_NUMBER_BYTES = 20

export type SubmitCollateralArgs = { readonly collateral: DcapCollateral }

export const submitCollateralArgs: Codec<SubmitCollateralArgs> = struct({
  collateral: dcapCollateralCodec,
})

/** Stores collateral that verifies now and is newer than what is stored. */
export function submitCollateral(
  ctx: CallContext,
  { collateral }: SubmitCollateralArgs,
): DispatchResult {
  const signed = ensureSigned(ctx.origin)
  if (!signed.ok) return signed
  const bytes = encode(dcapCollateralCodec, collateral)
  if (bytes.length > MAX_COLLATERAL_BYTES) return err(attestationErrors.CollateralTooLarge)
  const input = { collateral, roots: readRoots(ctx.state), now: unixSeconds(ctx) }
  const verdict = decideCollateral(input, (check) => ctx.host.verify(check))
  if (!verdict.ok) return err(attestationErrors[evidenceErrorName(verdict.error.code)])
  const id = collateralIdOf(verdict.value.scope)
  const stored = attestationStorage.CollateralInfos.get(ctx.state, id)
  const info = describe(ctx, verdict.value, signed.value, bytes.length)
  const newer = checkNewer(ctx, id, stored, info, bytes)
  if (!newer.ok) return newer
  if (stored) unwrap(release(ctx, REASON, stored.submitter, stored.deposit), 'deposit')
  const paid = hold(ctx, REASON, info.submitter, info.deposit)
  if (!paid.ok) return paid
  attestationStorage.Collateral.set(ctx.state, id, collateral)
  attestationStorage.CollateralInfos.set(ctx.state, id, info)
  ctx.deposit(attestationEvents.CollateralAccepted({ id, info }))
  return ok()
}

/** The chain's clock in whole seconds. */
export function unixSeconds({ block }: Pick<PalletContext, 'block'>): number {
  return Number(block.nowMs / 1_000n)
}

export function collateralIdOf({ tee, fmspc, ca }: CollateralScope): CollateralId {
  return {
    tee: { type: tee === 'tdx' ? 'Tdx' : 'Sgx' },
    fmspc,
    ca: { type: ca === 'processor' ? 'Processor' : 'Platform' },
  }
}

function describe(
  ctx: PalletContext,
  verdict: CollateralVerdict,
  submitter: AccountId,
  bytes: number,
): CollateralInfo {
  const { issued } = verdict
  const info: CollateralInfo = {
    tcbEvaluationDataNumber: verdict.tcbEvaluationDataNumber,
    qeEvaluationDataNumber: verdict.qeIdentityEvaluationDataNumber,
    rootCrlNumber: padNumber(verdict.rootCrlNumber),
    pckCrlNumber: padNumber(verdict.pckCrlNumber),
    tcbInfoIssued: BigInt(issued.tcbInfo),
    qeIdentityIssued: BigInt(issued.qeIdentity),
    rootCrlIssued: BigInt(issued.rootCrl),
    pckCrlIssued: BigInt(issued.pckCrl),
    earliestExpiry: BigInt(verdict.earliestExpiry),
    root: verdict.root.fingerprint,
    submitter,
    deposit: 0n,
    acceptedAt: ctx.block.number,
  }
  const size = bytes + encode(collateralInfo, info).length + KEY_BYTES
  return { ...info, deposit: depositFor(ITEMS, size) }
}

/** Nothing may fall, and something must have changed: nobody takes over a deposit for nothing. */
function checkNewer(
  ctx: PalletContext,
  id: CollateralId,
  old: CollateralInfo | undefined,
  info: CollateralInfo,
  bytes: Uint8Array,
): Result<void, ModuleError> {
  if (old === undefined) return ok()
  const falls =
    info.tcbEvaluationDataNumber < old.tcbEvaluationDataNumber ||
    info.qeEvaluationDataNumber < old.qeEvaluationDataNumber ||
    compareBytes(info.rootCrlNumber, old.rootCrlNumber) < 0 ||
    compareBytes(info.pckCrlNumber, old.pckCrlNumber) < 0 ||
    info.tcbInfoIssued < old.tcbInfoIssued ||
    info.qeIdentityIssued < old.qeIdentityIssued ||
    info.rootCrlIssued < old.rootCrlIssued ||
    info.pckCrlIssued < old.pckCrlIssued
  if (falls) return err(attestationErrors.CollateralOlder)
  const stored = attestationStorage.Collateral.get(ctx.state, id)
  const isKnown = stored && equalBytes(encode(dcapCollateralCodec, stored), bytes)
  return isKnown ? err(attestationErrors.CollateralKnown) : ok()
}

function padNumber(number: Uint8Array | undefined): Uint8Array {
  const padded = new Uint8Array(CRL_NUMBER_BYTES)
  if (number !== undefined) padded.set(number, CRL_NUMBER_BYTES - number.length)
  return padded
}
