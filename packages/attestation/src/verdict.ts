import type { DcapVerdict } from './dcap/verdict.ts'
import type { GpuSetVerdict, NvidiaVerdict } from './nvidia/verdict.ts'
import type { SnpVerdict } from './sev-snp/verdict.ts'

/** What is true of evidence of any vendor; `tee` says of which, `kind` of one device or a set. */
export type Verdict = DcapVerdict | SnpVerdict | NvidiaVerdict | GpuSetVerdict
