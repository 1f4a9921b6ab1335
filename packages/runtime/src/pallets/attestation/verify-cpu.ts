import { err, ok, type Hash, type Result } from '@tacit/base'
import {
  dcapFacts,
  decideDcap,
  decideSnp,
  findOpenAdvisories,
  measurementId,
  readQuoteScope,
  readSnpScope,
  type DcapVerdict,
  type SnpVerdict,
  type TrustedRoot,
} from '@tacit/attestation'
import type { ValidateContext } from '../../framework/context.ts'
import type { ModuleError } from '../../framework/errors.ts'
import type { CpuEvidence } from '../../protocol/evidence.ts'
import { platformId } from '../../protocol/platform.ts'
import { amdCollateralIdOf } from './amd-collateral.ts'
import { collateralIdOf, minimumEvaluation, unixSeconds } from './collateral.ts'
import { evidenceErrorName, type EvidenceCode } from './evidence-errors.ts'
import { trustedRoot } from './roots.ts'
import { attestationErrors, attestationStorage } from './types.ts'
import type { VerdictRecord } from './verdict-record.ts'

export type VerifyContext = Pick<ValidateContext, 'state' | 'host' | 'block'>

/** A cryptographic verdict, with what the chain would keep of it. */
export type Decided = {
  readonly verdict: DcapVerdict | SnpVerdict
  readonly record: VerdictRecord
}

/** Decides evidence of a CPU's TEE with the chain's roots and collateral; no policy is applied. */
export function decideCpu(ctx: VerifyContext, evidence: CpuEvidence): Result<Decided, ModuleError> {
  return evidence.type === 'Dcap'
    ? decideQuote(ctx, evidence.value.quote)
    : decideReport(ctx, evidence.value)
}

/** The chain's error for what a verifier found. */
export function evidenceError({ code }: { readonly code: EvidenceCode }): ModuleError {
  return attestationErrors[evidenceErrorName(code)]
}

function decideQuote(ctx: VerifyContext, quote: Uint8Array): Result<Decided, ModuleError> {
  const { state } = ctx
  const scope = readQuoteScope(quote)
  if (!scope.ok) return err(evidenceError(scope.error))
  const id = collateralIdOf(scope.value)
  const collateral = attestationStorage.Collateral.get(state, id)
  const info = attestationStorage.CollateralInfos.get(state, id)
  if (collateral === undefined || info === undefined) {
    return err(attestationErrors.CollateralMissing)
  }
  const { hashes } = state
  const minimumTcbEvaluationDataNumber = minimumEvaluation(state)
  const input = { ...inputOf(ctx, info), quote, collateral, hashes, minimumTcbEvaluationDataNumber }
  const decided = decideDcap(input, (check) => ctx.host.verify(check))
  if (!decided.ok) return err(evidenceError(decided.error))
  const verdict = decided.value
  const expiry = checkAge(ctx, verdict, info)
  if (!expiry.ok) return expiry
  const record: VerdictRecord = {
    ...describe(ctx, verdict),
    tee: id.tee,
    status: { type: verdict.status },
    advisories: [...new Set([...verdict.advisories, ...verdict.quotingEnclave.advisories])],
    tcbEvaluationDataNumber: verdict.tcbEvaluationDataNumber,
    earliestExpiry: expiry.value,
    platform: platformId(hashes, { type: 'Intel', value: verdict.platform.ppid }),
    facts: { type: 'Dcap', value: { collateral: id, facts: dcapFacts(verdict) } },
  }
  return ok({ verdict, record })
}

function decideReport(
  ctx: VerifyContext,
  { report, certificate: endorsement }: Extract<CpuEvidence, { type: 'SevSnp' }>['value'],
): Result<Decided, ModuleError> {
  const { state } = ctx
  const scope = readSnpScope(endorsement)
  if (!scope.ok) return err(evidenceError(scope.error))
  const id = amdCollateralIdOf(scope.value)
  const issuer = attestationStorage.AmdCollateral.get(state, id)
  const info = attestationStorage.AmdCollateralInfos.get(state, id)
  if (issuer === undefined || info === undefined) return err(attestationErrors.CollateralMissing)
  const input = { ...inputOf(ctx, info), report, collateral: { ...issuer, endorsement } }
  const decided = decideSnp(input, (check) => ctx.host.verify(check))
  if (!decided.ok) return err(evidenceError(decided.error))
  const verdict = decided.value
  const expiry = checkAge(ctx, verdict, info)
  if (!expiry.ok) return expiry
  // Hosts may mask the chip's id: nobody could count or revoke such a machine.
  if (verdict.chipId.every((byte) => byte === 0)) {
    return err(attestationErrors.PlatformUnidentified)
  }
  const record: VerdictRecord = {
    ...describe(ctx, verdict),
    tee: { type: 'SevSnp' },
    status: { type: 'ByPolicy' },
    advisories: findOpenAdvisories(verdict),
    tcbEvaluationDataNumber: 0,
    earliestExpiry: expiry.value,
    platform: platformId(state.hashes, { type: 'Amd', value: verdict.chipId }),
    facts: { type: 'SevSnp', value: { collateral: id, reportedTcb: verdict.tcb.reported } },
  }
  return ok({ verdict, record })
}

/** Only the root that vouched for the collateral can vouch for the evidence: no list is needed. */
function inputOf(
  ctx: VerifyContext,
  { root }: { readonly root: Uint8Array },
): { readonly roots: readonly TrustedRoot[]; readonly now: number } {
  const pinned = attestationStorage.Roots.get(ctx.state, root)
  return { roots: pinned ? [trustedRoot(pinned, root)] : [], now: unixSeconds(ctx) }
}

/** Collateral is of an age that the store bounds, which its own windows may exceed. */
function checkAge(
  ctx: VerifyContext,
  verdict: { readonly earliestExpiry: number },
  info: { readonly earliestExpiry: bigint },
): Result<bigint, ModuleError> {
  const ends = BigInt(verdict.earliestExpiry)
  const earliest = ends < info.earliestExpiry ? ends : info.earliestExpiry
  const isOver = BigInt(unixSeconds(ctx)) > earliest
  return isOver ? err(attestationErrors.CollateralExpired) : ok(earliest)
}

type Common = Pick<
  VerdictRecord,
  'rootName' | 'rootFingerprint' | 'measurement' | 'debug' | 'signatureChecks' | 'gpus' | 'gpuRoots'
>

function describe({ state }: VerifyContext, verdict: DcapVerdict | SnpVerdict): Common {
  const { root, debug, signatureChecks } = verdict
  return {
    rootName: root.name,
    rootFingerprint: root.fingerprint,
    measurement: measurementId(verdict, state.hashes) as Hash,
    debug,
    signatureChecks,
    gpus: [],
    gpuRoots: [],
  }
}
