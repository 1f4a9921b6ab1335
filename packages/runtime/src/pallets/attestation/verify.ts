import { equalBytes, err, ok, type Hash, type Result } from '@tacit/base'
import {
  dcapFacts,
  decideDcap,
  evaluatePolicy,
  measurementId,
  readQuoteScope,
  type DcapVerdict,
  type PolicyFailure,
} from '@tacit/attestation'
import type { ValidateContext } from '../../framework/context.ts'
import type { ModuleError } from '../../framework/errors.ts'
import type { CpuEvidence } from '../../protocol/evidence.ts'
import { platformId } from '../../protocol/platform.ts'
import type { Role } from '../../protocol/registration.ts'
import { collateralIdOf, minimumEvaluation, unixSeconds } from './collateral.ts'
import { evidenceErrorName } from './evidence-errors.ts'
import { chainPolicy } from './policy.ts'
import { readRoots } from './roots.ts'
import { attestationErrors, attestationStorage, MAX_COLLATERAL_BYTES, MAX_ROOTS } from './types.ts'
import type { VerdictRecord } from './verdict-record.ts'

type VerifyContext = Pick<ValidateContext, 'state' | 'host' | 'block'>

/** The most that verifying one piece of evidence takes. */
export const VERIFICATION_EFFORT: {
  readonly reads: number
  readonly bytes: number
  readonly crypto: { readonly p256: number }
} = { reads: 9 + MAX_ROOTS, bytes: 8 * MAX_COLLATERAL_BYTES, crypto: { p256: 10 } }

/**
 * Verifies evidence completely at the time of the block, with the chain's roots and collateral:
 * cryptographic verdict, report data, policy, allowed measurement, revocations. A function of
 * state, evidence and time alone; whether evidence was seen before is the caller's business.
 */
export function verifyCpuEvidence(
  ctx: VerifyContext,
  evidence: CpuEvidence,
  reportData: Uint8Array,
  role: Role,
): Result<VerdictRecord, ModuleError> {
  if (evidence.type !== 'Dcap') return err(attestationErrors.EvidenceUnsupported)
  const decided = decideQuote(ctx, evidence.value.quote)
  if (!decided.ok) return decided
  const { verdict, record } = decided.value
  if (!equalBytes(verdict.reportData, reportData)) return err(attestationErrors.ReportDataMismatch)
  const [failure] = evaluatePolicy(verdict, chainPolicy(ctx.state, verdict.root)).failed
  if (failure !== undefined) return err(policyError(failure))
  const { measurement, platform } = record
  if (!attestationStorage.Measurements.get(ctx.state, { role, measurement })) {
    return err(attestationErrors.MeasurementRefused)
  }
  const isRevoked = attestationStorage.RevokedPlatforms.has(ctx.state, platform)
  return isRevoked ? err(attestationErrors.PlatformRevoked) : ok(record)
}

type Decided = { readonly verdict: DcapVerdict; readonly record: VerdictRecord }

function decideQuote(ctx: VerifyContext, quote: Uint8Array): Result<Decided, ModuleError> {
  const { state } = ctx
  const scope = readQuoteScope(quote)
  if (!scope.ok) return err(attestationErrors[evidenceErrorName(scope.error.code)])
  const id = collateralIdOf(scope.value)
  const collateral = attestationStorage.Collateral.get(state, id)
  const info = attestationStorage.CollateralInfos.get(state, id)
  if (collateral === undefined || info === undefined) {
    return err(attestationErrors.CollateralMissing)
  }
  const verdict = decideDcap(
    {
      quote,
      collateral,
      roots: readRoots(state),
      now: unixSeconds(ctx),
      hashes: state.hashes,
      minimumTcbEvaluationDataNumber: minimumEvaluation(state),
    },
    (check) => ctx.host.verify(check),
  )
  if (!verdict.ok) return err(attestationErrors[evidenceErrorName(verdict.error.code)])
  // Of an age that the store bounds, which the documents' own windows may exceed.
  const earliestExpiry = Math.min(verdict.value.earliestExpiry, Number(info.earliestExpiry))
  if (unixSeconds(ctx) > earliestExpiry) return err(attestationErrors.CollateralExpired)
  const { hashes } = state
  const record: VerdictRecord = {
    tee: id.tee,
    status: { type: verdict.value.status },
    advisories: allAdvisories(verdict.value),
    rootName: verdict.value.root.name,
    rootFingerprint: verdict.value.root.fingerprint,
    measurement: measurementId(verdict.value, hashes) as Hash,
    debug: verdict.value.debug,
    tcbEvaluationDataNumber: verdict.value.tcbEvaluationDataNumber,
    earliestExpiry: BigInt(earliestExpiry),
    signatureChecks: verdict.value.signatureChecks,
    platform: platformId(hashes, { type: 'Intel', value: verdict.value.platform.ppid }),
    facts: { type: 'Dcap', value: { collateral: id, facts: dcapFacts(verdict.value) } },
    gpus: [],
  }
  return ok({ verdict: verdict.value, record })
}

function allAdvisories({ advisories, quotingEnclave }: DcapVerdict): readonly string[] {
  return [...new Set([...advisories, ...quotingEnclave.advisories])]
}

function policyError({ rule }: PolicyFailure): ModuleError {
  if (rule === 'dcap.statuses') return attestationErrors.TcbRefused
  return rule === 'debug' ? attestationErrors.DebugRefused : attestationErrors.PolicyRefused
}
