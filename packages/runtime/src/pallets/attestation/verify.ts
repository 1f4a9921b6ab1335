import { equalBytes, err, InvariantError, ok, type Hash, type Result } from '@tacit/base'
import {
  decideDcap,
  developmentPolicy,
  evaluatePolicy,
  measurementId,
  PRODUCTION_POLICY,
  readQuoteScope,
  type DcapVerdict,
  type Policy,
  type PolicyFailure,
} from '@tacit/attestation'
import type { ValidateContext } from '../../framework/context.ts'
import type { ModuleError } from '../../framework/errors.ts'
import type { State } from '../../framework/state.ts'
import type { CpuEvidence } from '../../protocol/evidence.ts'
import type { Role } from '../../protocol/registration.ts'
import { consensusStorage } from '../consensus/types.ts'
import { collateralIdOf, unixSeconds } from './collateral.ts'
import { evidenceErrorName } from './evidence-errors.ts'
import type { VerdictRecord } from './records.ts'
import { readRoots } from './roots.ts'
import { attestationErrors, attestationStorage, MAX_COLLATERAL_BYTES, MAX_ROOTS } from './types.ts'

/** The most that verifying one piece of evidence takes. */
export const VERIFICATION_EFFORT: {
  readonly reads: number
  readonly bytes: number
  readonly crypto: { readonly p256: number }
} = { reads: 4 + MAX_ROOTS, bytes: 8 * MAX_COLLATERAL_BYTES, crypto: { p256: 10 } }

/**
 * Verifies evidence completely at the time of the block, with the chain's roots and collateral:
 * cryptographic verdict, report data, policy of the chain's class, allowed measurement. A function
 * of state, evidence and time alone; whether evidence was seen before is the caller's business.
 */
export function verifyCpuEvidence(
  ctx: Pick<ValidateContext, 'state' | 'host' | 'block'>,
  evidence: CpuEvidence,
  reportData: Uint8Array,
  role: Role,
): Result<VerdictRecord, ModuleError> {
  if (evidence.type !== 'Dcap') return err(attestationErrors.EvidenceUnsupported)
  const decided = decide(ctx, evidence.value.quote)
  if (!decided.ok) return decided
  const verdict = decided.value
  if (!equalBytes(verdict.reportData, reportData)) return err(attestationErrors.ReportDataMismatch)
  const [failure] = evaluatePolicy(verdict, chainPolicy(ctx.state, verdict)).failed
  if (failure !== undefined) return err(policyError(failure))
  const measurement = measurementId(verdict, ctx.state.hashes) as Hash
  const isAllowed = attestationStorage.Measurements.get(ctx.state, { role, measurement })
  return isAllowed ? ok(recordOf(verdict, measurement)) : err(attestationErrors.MeasurementRefused)
}

function decide(
  ctx: Pick<ValidateContext, 'state' | 'host' | 'block'>,
  quote: Uint8Array,
): Result<DcapVerdict, ModuleError> {
  const scope = readQuoteScope(quote)
  if (!scope.ok) return err(attestationErrors[evidenceErrorName(scope.error.code)])
  const collateral = attestationStorage.Collateral.get(ctx.state, collateralIdOf(scope.value))
  if (collateral === undefined) return err(attestationErrors.CollateralMissing)
  const { hashes } = ctx.state
  const input = { quote, collateral, roots: readRoots(ctx.state), now: unixSeconds(ctx), hashes }
  const verdict = decideDcap(input, (check) => ctx.host.verify(check))
  return verdict.ok ? verdict : err(attestationErrors[evidenceErrorName(verdict.error.code)])
}

/** The roots were pinned by the chain itself, and a debugger sees secrets on any chain. */
function chainPolicy(state: State, { root }: DcapVerdict): Policy {
  const chainClass = consensusStorage.ChainClass.get(state)
  if (chainClass === undefined) throw new InvariantError('the chain has no class')
  return chainClass === 'production'
    ? PRODUCTION_POLICY
    : { ...developmentPolicy(root), debug: false }
}

function policyError({ rule }: PolicyFailure): ModuleError {
  if (rule === 'statuses') return attestationErrors.TcbRefused
  return rule === 'debug' ? attestationErrors.DebugRefused : attestationErrors.PolicyRefused
}

function recordOf(verdict: DcapVerdict, measurement: Hash): VerdictRecord {
  return {
    tee: { type: verdict.tee === 'tdx' ? 'Tdx' : 'Sgx' },
    status: { type: verdict.status },
    advisories: verdict.advisories,
    rootName: verdict.root.name,
    rootFingerprint: verdict.root.fingerprint,
    measurement,
    debug: verdict.debug,
    tcbEvaluationDataNumber: verdict.tcbEvaluationDataNumber,
    earliestExpiry: BigInt(verdict.earliestExpiry),
    signatureChecks: verdict.signatureChecks,
  }
}
