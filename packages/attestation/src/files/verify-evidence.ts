import { err, ok, type Result } from '@tacit/base'
import type { EvidenceHashes } from '@tacit/crypto'
import type { Assessment } from '../assessment.ts'
import type { HclRuntime } from '../azure/hcl-report.ts'
import { assessAzureSnp, assessAzureTdx } from '../azure/verify.ts'
import type { DcapVerdict } from '../dcap/verdict.ts'
import { assessDcap } from '../dcap/verify.ts'
import { verifyDstackReport, type DstackEvidence } from '../event-log/dstack-report.ts'
import type { MeasuredEvent } from '../event-log/event.ts'
import { verifyEventLog } from '../event-log/replay.ts'
import { assessGpuSet } from '../nvidia/gpu-set.ts'
import { assessNras, type NrasVerdict } from '../nvidia/nras/nras.ts'
import { parseSpdmReport } from '../nvidia/report.ts'
import { assessRim, type RimVerdict } from '../nvidia/rim/rim.ts'
import type { GpuSetVerdict, NvidiaVerdict } from '../nvidia/verdict.ts'
import { assessNvidia } from '../nvidia/verify.ts'
import type { SnpVerdict } from '../sev-snp/verdict.ts'
import { assessSnp } from '../sev-snp/verify.ts'
import type { TrustedRoot } from '../trusted-root.ts'
import type { EvidenceSet } from './evidence-set.ts'

/** What evidence is verified against; nothing else is read, no clock, no network. */
export interface EvidenceContext {
  /** Of any vendor; each kind of evidence asks only its own. */
  readonly roots: readonly TrustedRoot[]
  /** Unix seconds. */
  readonly now: number
  readonly hashes: EvidenceHashes
  /** 32 bytes that GPUs must have been asked with; where undefined, whatever they were asked with. */
  readonly nonce?: Uint8Array
}

/** What is true of evidence whose every signature and rule held. */
export type Findings =
  | {
      readonly type: 'platform'
      readonly verdict: DcapVerdict | SnpVerdict
      /** Of Azure's paravisor. */
      readonly runtime?: HclRuntime
      readonly dstack?: DstackEvidence
      readonly events?: readonly MeasuredEvent[]
    }
  | { readonly type: 'devices'; readonly verdict: GpuSetVerdict | NvidiaVerdict }
  /** NVIDIA's own verdict, taken from its tokens. */
  | { readonly type: 'nras'; readonly verdict: NrasVerdict }
  | { readonly type: 'rim'; readonly verdict: RimVerdict }

/** An error of whichever verifier the evidence is for; `explainError` puts it into words. */
export type CodedError = { readonly code: string }

export type EvidenceAssessment = Assessment<Findings, string, CodedError>

/** The registers that a firmware's log covers: RTMR3 is extended by programs alone. */
const FIRMWARE_REGISTERS = ['rtmr0', 'rtmr1', 'rtmr2'] as const

/** Reads evidence of any kind and lists its checks, which `decide` or `decideAsync` decides. */
export function assessEvidence(
  set: EvidenceSet,
  context: EvidenceContext,
): Result<EvidenceAssessment, CodedError> {
  switch (set.type) {
    case 'dcap': {
      const { quote, collateral, pckChain } = set
      const chain = pckChain === undefined ? {} : { pckChain }
      const assessment = assessDcap({ ...context, quote, collateral, ...chain })
      return then(assessment, (verdict) => withLogs(verdict, set, context))
    }
    case 'snp':
      return then(assessSnp({ ...context, ...set }), (verdict) => ok({ type: 'platform', verdict }))
    case 'azure_snp':
      return then(assessAzureSnp({ ...context, ...set, ...set.collateral }), describeAzure)
    case 'azure_tdx':
      return then(assessAzureTdx({ ...context, ...set }), describeAzure)
    case 'nvidia':
      return assessDevices(set, context)
    case 'nras': {
      const { nonce } = context
      if (nonce === undefined) return err({ code: 'nonce_missing' })
      const assessment = assessNras({ ...context, ...set, nonce })
      return then(assessment, (verdict) => ok({ type: 'nras', verdict }))
    }
    case 'rim':
      return then(assessRim({ ...context, ...set }), (verdict) => ok({ type: 'rim', verdict }))
  }
}

/** Carries an assessment's outcome on, where there is one. */
function then<Verdict, Code extends string, TrustError extends CodedError>(
  assessment: Result<Assessment<Verdict, Code, TrustError>, CodedError>,
  next: (verdict: Verdict) => Result<Findings, CodedError>,
): Result<EvidenceAssessment, CodedError> {
  if (!assessment.ok) return assessment
  const { checks, outcome } = assessment.value
  return ok({ checks, outcome: outcome.ok ? next(outcome.value) : outcome })
}

/** A quote proves the logs that came with it, or they are refused. */
function withLogs(
  verdict: DcapVerdict,
  { dstack: report, log }: Extract<EvidenceSet, { type: 'dcap' }>,
  { hashes }: EvidenceContext,
): Result<Findings, CodedError> {
  if (report === undefined && log === undefined) return ok({ type: 'platform', verdict })
  if (verdict.tee !== 'tdx') return err({ code: 'event_log_tee_mismatch' })
  const dstack = report && verifyDstackReport(report, verdict, hashes)
  if (dstack?.ok === false) return dstack
  const events = log && verifyEventLog(log, verdict, hashes, FIRMWARE_REGISTERS)
  if (events?.ok === false) return events
  return ok({
    type: 'platform',
    verdict,
    ...(dstack && { dstack: dstack.value }),
    ...(events && { events: events.value }),
  })
}

function describeAzure({
  platform,
  runtime,
}: {
  readonly platform: DcapVerdict | SnpVerdict
  readonly runtime: HclRuntime
}): Result<Findings, CodedError> {
  return ok({ type: 'platform', verdict: platform, runtime })
}

/** One device by itself, several as a set. */
function assessDevices(
  { devices, collateral, nonce: recorded }: Extract<EvidenceSet, { type: 'nvidia' }>,
  context: EvidenceContext,
): Result<EvidenceAssessment, CodedError> {
  const [first, second] = devices
  const own = first && parseSpdmReport(first.report)
  if (own?.ok === false) return own
  const nonce = context.nonce ?? recorded ?? own?.value.nonce ?? new Uint8Array()
  const input = { ...context, ...collateral, nonce }
  const describe = (verdict: NvidiaVerdict | GpuSetVerdict): Result<Findings, CodedError> =>
    ok({ type: 'devices', verdict })
  return first !== undefined && second === undefined
    ? then(assessNvidia({ ...input, ...first }), describe)
    : then(assessGpuSet({ ...input, devices }), describe)
}
