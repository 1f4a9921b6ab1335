import { err, ok, type Result } from '@tacit/base'
import type { ValidityWindow } from '../validity.ts'
import type { NvidiaTrustError } from './errors.ts'
import { compareManifest, findOverlap, type GoldenMeasurements } from './golden.ts'
import type { SpdmReport } from './report.ts'
import type { RimAssessment, RimVerdict } from './rim/rim.ts'
import type { NvidiaVerdict, RimComparison } from './verdict.ts'

/** What the manifests that are about a device come to. */
export interface MeasurementFindings {
  readonly comparisons: NvidiaVerdict['rims']
  readonly windows: readonly ValidityWindow[]
}

interface Compared {
  readonly verdict: RimVerdict
  readonly comparison: RimComparison
}

/**
 * Compares manifests with a report. All must hold themselves. Where there are several of a kind,
 * one that matches is enough: NVIDIA signs one for each board that shares a version.
 */
export function compareRims(
  rims: readonly RimAssessment[],
  report: SpdmReport,
  skipNvdec0: boolean,
): Result<MeasurementFindings, NvidiaTrustError> {
  const compared: Compared[] = []
  for (const { outcome } of rims) {
    if (!outcome.ok) return outcome
    const comparison = compareManifest(outcome.value, report, skipNvdec0)
    compared.push({ verdict: outcome.value, comparison })
  }
  const driver = best(compared, 'driver')
  const vbios = best(compared, 'vbios')
  const overlap =
    driver === undefined || vbios === undefined
      ? undefined
      : findOverlap(driver.verdict, vbios.verdict)
  if (overlap !== undefined) return err({ code: 'golden_overlap', index: overlap })
  const absent = { status: 'absent' } as const
  return ok({
    comparisons: { driver: driver?.comparison ?? absent, vbios: vbios?.comparison ?? absent },
    windows: compared.map(({ verdict: { latestIssue, earliestExpiry } }) => ({
      from: latestIssue,
      until: earliestExpiry,
    })),
  })
}

/** The first that matches, or else the first. */
function best(
  compared: readonly Compared[],
  kind: GoldenMeasurements['kind'],
): Compared | undefined {
  const candidates = compared.filter(({ verdict }) => verdict.kind === kind)
  return candidates.find(({ comparison }) => comparison.status === 'matched') ?? candidates[0]
}
