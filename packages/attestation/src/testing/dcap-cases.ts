import type { DcapCase } from './dcap-cases/case.ts'
import { CHAIN_CASES } from './dcap-cases/chains.ts'
import { DOCUMENT_CASES } from './dcap-cases/documents.ts'
import { QUOTE_CASES } from './dcap-cases/quotes.ts'
import { STATUS_CASES } from './dcap-cases/statuses.ts'

/** Every path of DCAP verification that real samples miss, each on a platform honest but for it. */
export const DCAP_CASES: readonly DcapCase[] = [
  ...QUOTE_CASES,
  ...STATUS_CASES,
  ...CHAIN_CASES,
  ...DOCUMENT_CASES,
]
