import {
  compareBytes,
  encode,
  equalBytes,
  err,
  ok,
  struct,
  type AccountId,
  type Codec,
  type Hash,
  type Result,
} from '@tacit/base'
import {
  decideSnpIssuer,
  readSnpIssuerScope,
  snpIssuerCollateralCodec,
  type SnpError,
  type SnpIssuerCollateral,
  type SnpIssuerVerdict,
  type SnpScope,
} from '@tacit/attestation'
import type { DispatchResult } from '../../framework/calls.ts'
import type { CallContext, PalletContext } from '../../framework/context.ts'
import type { ModuleError } from '../../framework/errors.ts'
import { ensureSigned } from '../../framework/origin.ts'
import { collateralDeposit, exchangeDeposit } from './collateral-deposit.ts'
import { padCrlNumber, unixSeconds } from './collateral.ts'
import { evidenceErrorName } from './evidence-errors.ts'
import { amdCollateralInfo, type AmdCollateralId, type AmdCollateralInfo } from './records.ts'
import { readRoots } from './roots.ts'
import {
  attestationErrors,
  attestationEvents,
  attestationStorage,
  MAX_COLLATERAL_BYTES,
  MAX_ROOT_CRL_AGE_S,
} from './types.ts'

export type SubmitAmdCollateralArgs = { readonly collateral: SnpIssuerCollateral }

export const submitAmdCollateralArgs: Codec<SubmitAmdCollateralArgs> = struct({
  collateral: snpIssuerCollateralCodec,
})

/** Stores AMD's intermediate and revocation list where they verify now and are newer. */
export function submitAmdCollateral(
  ctx: CallContext,
  { collateral }: SubmitAmdCollateralArgs,
): DispatchResult {
  const signed = ensureSigned(ctx.origin)
  if (!signed.ok) return signed
  const bytes = encode(snpIssuerCollateralCodec, collateral)
  if (bytes.length > MAX_COLLATERAL_BYTES) return err(attestationErrors.CollateralTooLarge)
  const now = unixSeconds(ctx)
  const input = { collateral, roots: readRoots(ctx.state), now }
  const verdict = decideSnpIssuer(input, (check) => ctx.host.verify(check))
  if (!verdict.ok) return withdraw(ctx, collateral, verdict.error.code)
  const info = describe(ctx, verdict.value, signed.value, bytes)
  if (now > Number(info.earliestExpiry)) return err(attestationErrors.CollateralExpired)
  const id = amdCollateralIdOf(verdict.value.scope)
  const stored = attestationStorage.AmdCollateralInfos.get(ctx.state, id)
  const newer = checkNewer(stored, info)
  if (!newer.ok) return newer
  const paid = exchangeDeposit(ctx, stored, info)
  if (!paid.ok) return paid
  attestationStorage.AmdCollateral.set(ctx.state, id, collateral)
  attestationStorage.AmdCollateralInfos.set(ctx.state, id, info)
  ctx.deposit(attestationEvents.AmdCollateralAccepted({ id, info }))
  return ok()
}

export function amdCollateralIdOf({ family, signingKey }: SnpScope): AmdCollateralId {
  return { family: { type: family }, signingKey: { type: signingKey === 'vlek' ? 'Vlek' : 'Vcek' } }
}

/** As with Intel's: a list that revokes the intermediate takes the stored set away. */
function withdraw(
  ctx: CallContext,
  collateral: SnpIssuerCollateral,
  code: SnpError['code'],
): DispatchResult {
  const refused = err(attestationErrors[evidenceErrorName(code)])
  if (code !== 'ask_revoked' && code !== 'asvk_revoked') return refused
  const scope = readSnpIssuerScope(collateral)
  const id = scope.ok ? amdCollateralIdOf(scope.value) : undefined
  const info = id && attestationStorage.AmdCollateralInfos.get(ctx.state, id)
  if (id === undefined || info === undefined) return refused
  const returned = exchangeDeposit(ctx, info)
  if (!returned.ok) return returned
  attestationStorage.AmdCollateral.delete(ctx.state, id)
  attestationStorage.AmdCollateralInfos.delete(ctx.state, id)
  ctx.deposit(attestationEvents.AmdCollateralWithdrawn({ id, reason: evidenceErrorName(code) }))
  return ok()
}

function describe(
  ctx: PalletContext,
  { root, crlNumber, crlIssued, earliestExpiry }: SnpIssuerVerdict,
  submitter: AccountId,
  bytes: Uint8Array,
): AmdCollateralInfo {
  const info: AmdCollateralInfo = {
    crlNumber: padCrlNumber(crlNumber),
    crlIssued: BigInt(crlIssued),
    earliestExpiry: BigInt(Math.min(earliestExpiry, crlIssued + MAX_ROOT_CRL_AGE_S)),
    root: root.fingerprint,
    hash: ctx.state.hashes.blake2b256(bytes) as Hash,
    submitter,
    deposit: 0n,
    acceptedAt: ctx.block.number,
    acceptedMs: ctx.block.nowMs,
  }
  const size = bytes.length + encode(amdCollateralInfo, info).length
  return { ...info, deposit: collateralDeposit(size) }
}

function checkNewer(
  old: AmdCollateralInfo | undefined,
  info: AmdCollateralInfo,
): Result<void, ModuleError> {
  if (old === undefined) return ok()
  const falls = compareBytes(info.crlNumber, old.crlNumber) < 0 || info.crlIssued < old.crlIssued
  if (falls) return err(attestationErrors.CollateralOlder)
  return equalBytes(info.hash, old.hash) ? err(attestationErrors.CollateralKnown) : ok()
}
