import {
  compareBytes,
  encode,
  err,
  ok,
  struct,
  type AccountId,
  type Codec,
  type Hash,
  type Result,
} from '@tacit/base'
import {
  dcapCollateralCodec,
  decideCollateral,
  readCollateralScope,
  type CollateralScope,
  type CollateralVerdict,
  type DcapError,
  type DcapCollateral,
} from '@tacit/attestation'
import type { DispatchResult } from '../../framework/calls.ts'
import type { CallContext, PalletContext } from '../../framework/context.ts'
import type { ModuleError } from '../../framework/errors.ts'
import { ensureSigned } from '../../framework/origin.ts'
import type { State } from '../../framework/state.ts'
import { collateralDeposit, exchangeDeposit } from './collateral-deposit.ts'
import { evidenceErrorName } from './evidence-errors.ts'
import { collateralInfo, type CollateralId, type CollateralInfo } from './records.ts'
import { readRoots } from './roots.ts'
import {
  attestationErrors,
  attestationEvents,
  attestationStorage,
  MAX_COLLATERAL_AGE_S,
  MAX_COLLATERAL_BYTES,
  MAX_ROOT_CRL_AGE_S,
} from './types.ts'

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
  const now = unixSeconds(ctx)
  const verdict = decideNow(ctx, collateral)
  if (!verdict.ok) return withdraw(ctx, collateral, verdict.error.code)
  const info = describe(ctx, verdict.value, signed.value, bytes)
  if (now > Number(info.earliestExpiry)) return err(attestationErrors.CollateralExpired)
  if (isEvaluationTooOld(info, minimumEvaluation(ctx.state))) {
    return err(attestationErrors.TcbEvaluationTooOld)
  }
  const id = collateralIdOf(verdict.value.scope)
  const stored = attestationStorage.CollateralInfos.get(ctx.state, id)
  const newer = checkNewer(stored, info)
  if (!newer.ok) return newer
  const paid = exchangeDeposit(ctx, stored, info)
  if (!paid.ok) return paid
  attestationStorage.Collateral.set(ctx.state, id, collateral)
  attestationStorage.CollateralInfos.set(ctx.state, id, info)
  ctx.deposit(attestationEvents.CollateralAccepted({ id, info }))
  return ok()
}

function decideNow(
  ctx: CallContext,
  collateral: DcapCollateral,
): ReturnType<typeof decideCollateral> {
  const input = { collateral, roots: readRoots(ctx.state), now: unixSeconds(ctx) }
  return decideCollateral(input, (check) => ctx.host.verify(check))
}

/**
 * Refuses what does not verify. But collateral that is authentic and revokes one of its own
 * certificates may revoke those of the stored set too, which nothing may then replace and which
 * would otherwise serve until it expires.
 */
function withdraw(
  ctx: CallContext,
  collateral: DcapCollateral,
  code: DcapError['code'],
): DispatchResult {
  const refused = err(attestationErrors[evidenceErrorName(code)])
  if (!isRevocation(code)) return refused
  const scope = readCollateralScope(collateral)
  const id = scope.ok ? collateralIdOf(scope.value) : undefined
  const info = id && attestationStorage.CollateralInfos.get(ctx.state, id)
  const stored = id && attestationStorage.Collateral.get(ctx.state, id)
  if (id === undefined || info === undefined || stored === undefined) return refused
  // A certificate that was revoked and renewed since is no reason against its successor.
  const judged = decideNow(ctx, { ...stored, rootCaCrl: collateral.rootCaCrl })
  if (judged.ok || !isRevocation(judged.error.code)) return refused
  const returned = exchangeDeposit(ctx, info)
  if (!returned.ok) return returned
  attestationStorage.Collateral.delete(ctx.state, id)
  attestationStorage.CollateralInfos.delete(ctx.state, id)
  ctx.deposit(attestationEvents.CollateralWithdrawn({ id, reason: evidenceErrorName(code) }))
  return ok()
}

/** Both by the root's list; signatures, chains and windows were found good before. */
function isRevocation(code: DcapError['code']): boolean {
  return code === 'pck_ca_revoked' || code === 'tcb_signing_revoked'
}

/** Whether TCB info or QE identity is below what governance demands. */
export function isEvaluationTooOld(
  info: Pick<CollateralInfo, 'tcbEvaluationDataNumber' | 'qeEvaluationDataNumber'>,
  minimum: number,
): boolean {
  return Math.min(info.tcbEvaluationDataNumber, info.qeEvaluationDataNumber) < minimum
}

/** What governance demands of evaluation numbers. */
export function minimumEvaluation(state: State): number {
  return attestationStorage.MinimumEvaluation.get(state).number
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
  bytes: Uint8Array,
): CollateralInfo {
  const { issued } = verdict
  const info: CollateralInfo = {
    tcbEvaluationDataNumber: verdict.tcbEvaluationDataNumber,
    qeEvaluationDataNumber: verdict.qeIdentityEvaluationDataNumber,
    rootCrlNumber: padCrlNumber(verdict.rootCrlNumber),
    pckCrlNumber: padCrlNumber(verdict.pckCrlNumber),
    tcbInfoIssued: BigInt(issued.tcbInfo),
    qeIdentityIssued: BigInt(issued.qeIdentity),
    rootCrlIssued: BigInt(issued.rootCrl),
    pckCrlIssued: BigInt(issued.pckCrl),
    earliestExpiry: BigInt(lastUse(verdict)),
    root: verdict.root.fingerprint,
    hash: ctx.state.hashes.blake2b256(bytes) as Hash,
    submitter,
    deposit: 0n,
    acceptedAt: ctx.block.number,
    acceptedMs: ctx.block.nowMs,
  }
  const size = bytes.length + encode(collateralInfo, info).length
  return { ...info, deposit: collateralDeposit(size) }
}

/** Collateral ends with its first part, or with the age that a part may reach. Unix seconds. */
function lastUse({ earliestExpiry, issued }: CollateralVerdict): number {
  const oldest = Math.min(issued.tcbInfo, issued.qeIdentity, issued.pckCrl)
  return Math.min(
    earliestExpiry,
    oldest + MAX_COLLATERAL_AGE_S,
    issued.rootCrl + MAX_ROOT_CRL_AGE_S,
  )
}

/**
 * Nothing may fall, and something must rise: the same documents in another spelling would take
 * over a deposit, and have every instance judged again, for nothing.
 */
function checkNewer(
  old: CollateralInfo | undefined,
  info: CollateralInfo,
): Result<void, ModuleError> {
  if (old === undefined) return ok()
  const changes = [
    info.tcbEvaluationDataNumber - old.tcbEvaluationDataNumber,
    info.qeEvaluationDataNumber - old.qeEvaluationDataNumber,
    compareBytes(info.rootCrlNumber, old.rootCrlNumber),
    compareBytes(info.pckCrlNumber, old.pckCrlNumber),
    Number(info.tcbInfoIssued - old.tcbInfoIssued),
    Number(info.qeIdentityIssued - old.qeIdentityIssued),
    Number(info.rootCrlIssued - old.rootCrlIssued),
    Number(info.pckCrlIssued - old.pckCrlIssued),
  ]
  if (changes.some((change) => change < 0)) return err(attestationErrors.CollateralOlder)
  // A renewed certificate may let the same documents count for longer.
  const isNewer = changes.some((change) => change > 0) || info.earliestExpiry > old.earliestExpiry
  return isNewer ? ok() : err(attestationErrors.CollateralKnown)
}

/** As stored: 20 bytes, zeros where the issuer does not number its lists. */
export function padCrlNumber(number: Uint8Array | undefined): Uint8Array {
  const padded = new Uint8Array(CRL_NUMBER_BYTES)
  if (number !== undefined) padded.set(number, CRL_NUMBER_BYTES - number.length)
  return padded
}
