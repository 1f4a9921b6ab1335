import { equalBytes, err, ok, type Result } from '@tacit/base'
import type { SignatureCheck } from '@tacit/crypto'
import { decide, type Assessment } from '../assessment.ts'
import type {
  GpuSetError,
  NvidiaFormError,
  NvidiaSetError,
  NvidiaSignatureError,
  NvidiaTrustError,
} from './errors.ts'
import { findTopologyProblem } from './topology.ts'
import type { GpuSetVerdict, NvidiaVerdict } from './verdict.ts'
import { listDifferent } from './signature-checks.ts'
import {
  assessDevice,
  parseNvidiaCollateral,
  type DeviceEvidence,
  type NvidiaAssessment,
  type NvidiaCollateral,
  type NvidiaContext,
  type ParsedNvidiaCollateral,
} from './verify.ts'

/** Devices that were asked with one nonce: the GPUs of a machine, with or without its switches. */
export interface GpuSetInput extends NvidiaContext, Partial<NvidiaCollateral> {
  /** 1 to 16. */
  readonly devices: readonly DeviceEvidence[]
}

/** The same with collateral that was parsed before. */
export interface ParsedGpuSetInput extends NvidiaContext {
  readonly devices: readonly DeviceEvidence[]
  readonly collateral: ParsedNvidiaCollateral
}

/** Parsed evidence of a set: what it comes to once the checks have verified. */
export type GpuSetAssessment = Assessment<
  GpuSetVerdict,
  NvidiaSignatureError['code'],
  SetTrustError
>

type SetTrustError = NvidiaSetError | (NvidiaTrustError & { readonly device: number })

/** GPUs and switches of one machine. */
const MAX_DEVICES = 16

/**
 * Verifies all devices of a machine with the caller's verifier, and that they are a set: each once,
 * all asked with the caller's nonce, GPUs and switches linked to each other and to nothing else.
 * @returns the verdict, or an error, which names the device that it is about: form first, then the
 *   first signature that does not verify, then what the signed content says.
 */
export function decideGpuSet(
  input: GpuSetInput,
  verify: (check: SignatureCheck) => boolean,
): Result<GpuSetVerdict, GpuSetError> {
  const assessment = assessGpuSet(input)
  return assessment.ok ? decide(assessment.value, verify) : assessment
}

/** Parses all evidence and lists its different checks; errors are about form and the pinned roots. */
export function assessGpuSet(input: GpuSetInput): Result<GpuSetAssessment, GpuSetError> {
  const { rims = [], ocsp = [], hashes } = input
  const collateral = parseNvidiaCollateral({ rims, ocsp }, hashes)
  return collateral.ok ? assessDevices({ ...input, collateral: collateral.value }) : collateral
}

/** As assessGpuSet(), with collateral that was parsed before. */
export function assessDevices(input: ParsedGpuSetInput): Result<GpuSetAssessment, GpuSetError> {
  const count = input.devices.length
  if (count === 0 || count > MAX_DEVICES) return err({ code: 'device_count_wrong', count })
  const assessments: NvidiaAssessment[] = []
  for (const [device, evidence] of input.devices.entries()) {
    const assessment = assessDevice({ ...input, ...evidence })
    // A form error: no signature was decided yet.
    if (!assessment.ok) return err({ ...(assessment.error as NvidiaFormError), device })
    assessments.push(assessment.value)
  }
  const checks = listDifferent(assessments.flatMap((assessment) => assessment.checks))
  return ok({ checks, outcome: judge(input, assessments, checks.length) })
}

/** What the devices say together, taking every signature for granted. */
function judge(
  { nonce, now }: ParsedGpuSetInput,
  assessments: readonly NvidiaAssessment[],
  signatureChecks: number,
): Result<GpuSetVerdict, SetTrustError> {
  const devices: NvidiaVerdict[] = []
  for (const [device, { outcome }] of assessments.entries()) {
    if (!outcome.ok) return err({ ...outcome.error, device })
    devices.push(outcome.value)
  }
  const [first, ...others] = devices
  if (first === undefined) return err({ code: 'topology_incomplete', gpus: 0, switches: 0 })
  const stray = others.findIndex(
    ({ root }) => !equalBytes(root.fingerprint, first.root.fingerprint),
  )
  if (stray >= 0) return err({ code: 'root_untrusted', chain: 'device', device: stray + 1 })
  const problem = findTopologyProblem(devices)
  if (problem !== undefined) return err(problem)
  const gpus = devices.filter(({ kind }) => kind === 'gpu')
  return ok({
    tee: 'nvidia',
    kind: 'set',
    devices,
    gpus: gpus.length,
    topology: gpus.length > 0 && gpus.length < devices.length ? 'closed' : 'unlinked',
    architectures: [...new Set(devices.map(({ architecture }) => architecture))],
    driverVersions: [...new Set(gpus.flatMap(({ driverVersion }) => driverVersion ?? []))],
    nonce: nonce.slice(),
    root: first.root,
    debug: devices.some(({ debug }) => debug),
    verifiedAt: now,
    latestIssue: Math.max(...devices.map(({ latestIssue }) => latestIssue)),
    earliestExpiry: Math.min(...devices.map(({ earliestExpiry }) => earliestExpiry)),
    signatureChecks,
  })
}
