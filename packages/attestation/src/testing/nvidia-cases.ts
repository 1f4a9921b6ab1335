import type { NvidiaCase } from './nvidia-cases/case.ts'
import { CHAIN_CASES } from './nvidia-cases/chains.ts'
import { MANIFEST_CASES } from './nvidia-cases/manifests.ts'
import { REPORT_CASES } from './nvidia-cases/reports.ts'
import { REVOCATION_CASES } from './nvidia-cases/revocation.ts'
import { VERDICT_CASES } from './nvidia-cases/verdicts.ts'

/** Every path of a device's verification that real samples miss, on a platform honest but for it. */
export const NVIDIA_CASES: readonly NvidiaCase[] = [
  ...VERDICT_CASES,
  ...REPORT_CASES,
  ...CHAIN_CASES,
  ...REVOCATION_CASES,
  ...MANIFEST_CASES,
]
