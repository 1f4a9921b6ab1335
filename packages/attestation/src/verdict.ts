import type { DcapVerdict } from './dcap/verdict.ts'
import type { NvidiaVerdict } from './nvidia/verdict.ts'
import type { SnpVerdict } from './sev-snp/verdict.ts'

/** What is true of evidence of any vendor; `tee` says of which. */
export type Verdict = DcapVerdict | SnpVerdict | NvidiaVerdict
