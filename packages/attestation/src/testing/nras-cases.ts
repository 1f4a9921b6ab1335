import type { NrasCase } from './nras-cases/case.ts'
import { CLAIM_CASES } from './nras-cases/claims.ts'
import { KEY_CASES } from './nras-cases/keys.ts'
import { RESULT_CASES } from './nras-cases/results.ts'
import { HEADER_CASES, TOKEN_CASES } from './nras-cases/tokens.ts'

/** Every way in which an answer for GPU-0 and GPU-1 is made wrong, with its error. */
export const NRAS_CASES: readonly NrasCase[] = [
  ...HEADER_CASES,
  ...TOKEN_CASES,
  ...CLAIM_CASES,
  ...RESULT_CASES,
  ...KEY_CASES,
]
