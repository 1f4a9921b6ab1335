import type { SnpCase } from './snp-cases/case.ts'
import { CERTIFICATE_CASES } from './snp-cases/certificates.ts'
import { REPORT_CASES } from './snp-cases/reports.ts'
import { VERDICT_CASES } from './snp-cases/verdicts.ts'

/** Every path of SEV-SNP verification that real samples miss, each on a platform honest but for it. */
export const SNP_CASES: readonly SnpCase[] = [
  ...VERDICT_CASES,
  ...REPORT_CASES,
  ...CERTIFICATE_CASES,
]
