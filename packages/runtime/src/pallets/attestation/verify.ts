import { equalBytes, err, ok, type Result } from '@tacit/base'
import { evaluatePolicy, type PolicyFailure } from '@tacit/attestation'
import type { ModuleError } from '../../framework/errors.ts'
import type { CpuEvidence } from '../../protocol/evidence.ts'
import type { Role } from '../../protocol/registration.ts'
import { chainPolicy } from './policy.ts'
import { attestationErrors, attestationStorage, MAX_COLLATERAL_BYTES, MAX_ROOTS } from './types.ts'
import type { VerdictRecord } from './verdict-record.ts'
import { decideCpu, type VerifyContext } from './verify-cpu.ts'

/** The most that verifying evidence of a CPU's TEE takes. */
export const VERIFICATION_EFFORT: {
  readonly reads: number
  readonly bytes: number
  readonly crypto: { readonly p256: number }
} = { reads: 10 + MAX_ROOTS, bytes: 8 * MAX_COLLATERAL_BYTES, crypto: { p256: 10 } }

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
  const decided = decideCpu(ctx, evidence)
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

const TCB_RULES: ReadonlySet<string> = new Set(['dcap.statuses', 'sevSnp.minimumTcb'])

function policyError({ rule }: PolicyFailure): ModuleError {
  if (TCB_RULES.has(rule)) return attestationErrors.TcbRefused
  return rule === 'debug' ? attestationErrors.DebugRefused : attestationErrors.PolicyRefused
}
