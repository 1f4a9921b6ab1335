import { encode, equalBytes, err, ok, type Result } from '@tacit/base'
import { evaluatePolicy, type PolicyFailure } from '@tacit/attestation'
import type { ModuleError } from '../../framework/errors.ts'
import type { Effort } from '../../framework/weights.ts'
import {
  evidence,
  gpuDeviceSet,
  gpuNonce,
  type CpuEvidence,
  type Evidence,
} from '../../protocol/evidence.ts'
import {
  registrationReportData,
  type RegistrationBinding,
  type Role,
} from '../../protocol/registration.ts'
import { chainPolicy } from './policy.ts'
import {
  attestationErrors,
  attestationStorage,
  MAX_COLLATERAL_BYTES,
  MAX_RIMS_PER_SUBJECT,
  MAX_ROOTS,
} from './types.ts'
import type { VerdictRecord } from './verdict-record.ts'
import { decideCpu, type VerifyContext } from './verify-cpu.ts'
import { verifyGpus } from './verify-gpus.ts'

/**
 * Verifies all of a registration's evidence: that of the CPU's TEE, and that of its GPUs under the
 * nonce that follows from the binding.
 */
export function verifyRegistration(
  ctx: VerifyContext,
  { cpu, gpu }: Evidence,
  binding: RegistrationBinding,
): Result<VerdictRecord, ModuleError> {
  const { hashes } = ctx.state
  const verdict = verifyCpuEvidence(ctx, cpu, registrationReportData(hashes, binding), binding.role)
  if (!verdict.ok || gpu === undefined) return verdict
  const { genesis, signingKey: instance, recentNumber, recentHash } = binding
  const purpose = { type: 'Registration' } as const
  const devices = gpuDeviceSet(hashes, gpu.devices)
  const nonce = gpuNonce(hashes, {
    genesis,
    instance,
    purpose,
    recentNumber,
    recentHash,
    devices,
  })
  const found = verifyGpus(ctx, gpu, nonce)
  if (!found.ok) return found
  const { gpus, gpuRoots, earliestExpiry, signatureChecks } = found.value
  const { value: record } = verdict
  return ok({
    ...record,
    gpus,
    gpuRoots,
    earliestExpiry: earliestExpiry < record.earliestExpiry ? earliestExpiry : record.earliestExpiry,
    signatureChecks: record.signatureChecks + signatureChecks,
  })
}

/** Evidence of a CPU's TEE, less its signatures. */
const CPU_EFFORT = { reads: 11, bytes: 8 * MAX_COLLATERAL_BYTES } as const
/** Of each device: its manifests, and whether it was revoked. */
const DEVICE_READS = 1 + 2 * MAX_RIMS_PER_SUBJECT
/** Four certificates and the report. */
const DEVICE_CHECKS = 5
/** Five certificates, and the report. */
const DEVICE_CERTIFICATES = 6
/** The response, and the certificate of its responder. */
const OCSP_CHECKS = 2

/** The most that verifying a registration's evidence takes. */
export function verificationEffort({ cpu, gpu }: Evidence): Required<Effort> {
  const devices = gpu?.devices.length ?? 0
  const responses = gpu?.ocsp.length ?? 0
  return {
    reads: CPU_EFFORT.reads + (gpu ? MAX_ROOTS : 0) + DEVICE_READS * devices,
    writes: 0,
    bytes: CPU_EFFORT.bytes + 16 * encode(evidence, { cpu, gpu }).length,
    certificates:
      (cpu.type === 'Dcap' ? 14 : 5) + DEVICE_CERTIFICATES * devices + OCSP_CHECKS * responses,
    crypto: {
      ...(cpu.type === 'Dcap' ? { p256: 10 } : { rsa: 3, p384: 1 }),
      ...(gpu ? { p384: 1 + DEVICE_CHECKS * devices + OCSP_CHECKS * responses } : {}),
    },
  }
}

/**
 * Verifies evidence completely at the time of the block, with the chain's roots and collateral:
 * cryptographic verdict, report data, policy, allowed measurement, revocations. A function of
 * state, evidence and time alone; whether evidence was seen before is the caller's business.
 */
export function verifyCpuEvidence(
  ctx: VerifyContext,
  cpu: CpuEvidence,
  reportData: Uint8Array,
  role: Role,
): Result<VerdictRecord, ModuleError> {
  const decided = decideCpu(ctx, cpu)
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

const TCB_RULES: ReadonlySet<string> = new Set([
  'dcap.statuses',
  'dcap.deniedAdvisories',
  'sevSnp.minimumTcb',
  'sevSnp.deniedAdvisories',
])

function policyError({ rule }: PolicyFailure): ModuleError {
  if (TCB_RULES.has(rule)) return attestationErrors.TcbRefused
  return rule === 'debug' ? attestationErrors.DebugRefused : attestationErrors.PolicyRefused
}
