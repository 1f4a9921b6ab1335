import { ALGORITHM_CASES } from './rim-cases/algorithms.ts'
import type { RimCase } from './rim-cases/case.ts'
import { CHAIN_CASES } from './rim-cases/chains.ts'
import { CONTENT_CASES } from './rim-cases/content.ts'
import { DOCUMENT_CASES } from './rim-cases/documents.ts'
import { WRAPPING_CASES } from './rim-cases/wrapping.ts'

/** Every way in which a manifest of the development authority is made wrong, with its error. */
export const RIM_CASES: readonly RimCase[] = [
  ...WRAPPING_CASES,
  ...ALGORITHM_CASES,
  ...CONTENT_CASES,
  ...DOCUMENT_CASES,
  ...CHAIN_CASES,
]
