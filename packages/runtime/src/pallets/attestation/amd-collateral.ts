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
import { parsePemCertificates } from '@tacit/crypto/x509'
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
  const verdict = decideNow(ctx, collateral)
  if (!verdict.ok) return withdraw(ctx, collateral, verdict.error.code)
  const info = describe(ctx, verdict.value, signed.value, bytes)
  if (unixSeconds(ctx) > Number(info.earliestExpiry))
    return err(attestationErrors.CollateralExpired)
  const id = amdCollateralIdOf(verdict.value.scope)
  const stored = attestationStorage.AmdCollateralInfos.get(ctx.state, id)
  const newer = checkNewer(stored, info)
  if (!newer.ok) return newer
  const kept = attestationStorage.AmdCollateral.get(ctx.state, id)
  if (kept && isSame(kept, collateral)) return err(attestationErrors.CollateralKnown)
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

function decideNow(
  ctx: CallContext,
  collateral: SnpIssuerCollateral,
): ReturnType<typeof decideSnpIssuer> {
  const input = { collateral, roots: readRoots(ctx.state), now: unixSeconds(ctx) }
  return decideSnpIssuer(input, (check) => ctx.host.verify(check))
}

/** As with Intel's: a list that revokes the stored intermediate takes the set away. */
function withdraw(
  ctx: CallContext,
  collateral: SnpIssuerCollateral,
  code: SnpError['code'],
): DispatchResult {
  const refused = err(attestationErrors[evidenceErrorName(code)])
  if (!isRevocation(code)) return refused
  const scope = readSnpIssuerScope(collateral)
  const id = scope.ok ? amdCollateralIdOf(scope.value) : undefined
  const info = id && attestationStorage.AmdCollateralInfos.get(ctx.state, id)
  const stored = id && attestationStorage.AmdCollateral.get(ctx.state, id)
  if (id === undefined || info === undefined || stored === undefined) return refused
  const judged = decideNow(ctx, { ...stored, crl: collateral.crl })
  if (judged.ok || !isRevocation(judged.error.code)) return refused
  const returned = exchangeDeposit(ctx, info)
  if (!returned.ok) return returned
  attestationStorage.AmdCollateral.delete(ctx.state, id)
  attestationStorage.AmdCollateralInfos.delete(ctx.state, id)
  ctx.deposit(attestationEvents.AmdCollateralWithdrawn({ id, reason: evidenceErrorName(code) }))
  return ok()
}

function isRevocation(code: SnpError['code']): boolean {
  return code === 'ask_revoked' || code === 'asvk_revoked'
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
  return falls ? err(attestationErrors.CollateralOlder) : ok()
}

/** The same certificates and list; PEM may spell certificates in many ways. */
function isSame(one: SnpIssuerCollateral, other: SnpIssuerCollateral): boolean {
  const [a, b] = [one, other].map(({ chain }) => unwrap(parsePemCertificates(chain, 2), 'chain'))
  const hasSameCertificates = a?.every((der, at) => equalBytes(der, b?.[at] ?? new Uint8Array()))
  return hasSameCertificates === true && equalBytes(one.crl, other.crl)
}
