import { encode, equalBytes, InvariantError } from '@tacit/base'
import { parseQuote, parseSnpReport } from '@tacit/attestation'
import { cpuEvidence, MAX_CPU_EVIDENCE_BYTES, type CpuEvidence } from '@tacit/runtime'
import {
  unavailable,
  type EvidenceReason,
  type EvidenceSource,
  type SourceName,
} from './evidence-source.ts'
import { inTurn, type Collect } from './in-turn.ts'

export const REPORT_DATA_BYTES = 64

/**
 * A source that asks in turn, within a time, and passes on only what is over the report data that
 * was asked for: a relay, or another program at the same device, cannot slip its own evidence in.
 */
export function createSource(
  name: SourceName,
  timeoutMs: number,
  collect: Collect<CpuEvidence>,
): EvidenceSource {
  const ask = inTurn(timeoutMs, collect)
  return {
    name,
    untestedOnHardware: true,
    async collect(reportData) {
      if (reportData.length !== REPORT_DATA_BYTES) {
        throw new InvariantError('collect: report data has 64 bytes')
      }
      const collected = await ask(reportData)
      if (!collected.ok) return collected
      const problem = findProblem(collected.value, reportData)
      return problem === undefined ? collected : unavailable(problem)
    },
  }
}

/** What is wrong with evidence that must be over this report data. */
export function findProblem(
  evidence: CpuEvidence,
  reportData: Uint8Array,
): EvidenceReason | undefined {
  if (encode(cpuEvidence, evidence).length > MAX_CPU_EVIDENCE_BYTES) return 'evidence_too_large'
  const found = reportDataOf(evidence)
  if (found === undefined) return 'evidence_malformed'
  return equalBytes(found, reportData) ? undefined : 'report_data_mismatch'
}

function reportDataOf({ type, value }: CpuEvidence): Uint8Array | undefined {
  if (type === 'SevSnp') {
    const report = parseSnpReport(value.report)
    return report.ok ? report.value.fields.reportData : undefined
  }
  const quote = parseQuote(value.quote)
  if (!quote.ok) return undefined
  const at = quote.value.tee === 'sgx' ? 320 : 520
  return quote.value.body.subarray(at, at + REPORT_DATA_BYTES)
}
