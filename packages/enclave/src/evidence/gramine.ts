import { ok, parseUtf8, type Result } from '@tacit/base'
import { MAX_QUOTE_BYTES, type CpuEvidence } from '@tacit/runtime'
import { createSource, findProblem } from './create-source.ts'
import { reasonOf, type DeviceFiles } from './device-files.ts'
import { unavailable, type EvidenceError, type EvidenceSource } from './evidence-source.ts'
import { retry, type Sleep } from './retry.ts'

export interface GramineOptions {
  readonly files: DeviceFiles
  /** GRAMINE_ROOT inside Gramine. */
  readonly root: string
  readonly sleep: Sleep
  readonly timeoutMs: number
}

export const GRAMINE_ROOT = '/dev/attestation'

const ATTEMPTS = 4
const FIRST_PAUSE_MS = 10
const MAX_TYPE_BYTES = 32

/**
 * Collects SGX quotes inside Gramine, whose pseudo-files turn 64 bytes written to
 * `user_report_data` into a `quote`. The two are one place for all of the enclave's processes: a
 * quote over what another one wrote is asked for again.
 * Source: Gramine, Documentation/attestation.rst, "Low-level /dev/attestation interface".
 */
export function gramine(options: GramineOptions): EvidenceSource {
  return createSource('gramine', options.timeoutMs, (reportData, signal) =>
    retry(
      { attempts: ATTEMPTS, firstPauseMs: FIRST_PAUSE_MS, sleep: options.sleep, signal },
      ({ reason }: EvidenceError) => reason === 'report_data_mismatch' || reason === 'device_busy',
      () => makeQuote(options, reportData),
    ),
  )
}

async function makeQuote(
  { files, root }: GramineOptions,
  reportData: Uint8Array,
): Promise<Result<CpuEvidence, EvidenceError>> {
  const type = await files.read(`${root}/attestation_type`, MAX_TYPE_BYTES)
  if (!type.ok) return unavailable(reasonOf(type.error))
  if (parseUtf8(type.value)?.trimEnd() !== 'dcap') return unavailable('attestation_type_wrong')
  const written = await files.write(`${root}/user_report_data`, reportData)
  if (!written.ok) return unavailable(reasonOf(written.error))
  const quote = await files.read(`${root}/quote`, MAX_QUOTE_BYTES)
  if (!quote.ok) return unavailable(reasonOf(quote.error))
  const evidence: CpuEvidence = { type: 'Dcap', value: { quote: quote.value } }
  const problem = findProblem(evidence, reportData)
  return problem === undefined ? ok(evidence) : unavailable(problem)
}
