/** `npm run docs:attestation`: verifies every real and synthetic case and writes docs/attestation.md. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createVerifier, evidenceFolder } from '../../packages/attestation/src/testing/kit.ts'
import { createRunner, renderPage, renderReal, renderSynthetic } from './page.ts'
import { listRealSections } from './real-cases.ts'
import { listSyntheticSections } from './synthetic-cases.ts'

const PAGE = join(import.meta.dirname, '../../docs/attestation.md')

if (evidenceFolder === undefined) process.exit(1)
const verify = createVerifier()
const { actualOf, differences } = createRunner()
const real = renderReal(listRealSections(verify), actualOf)
const synthetic = renderSynthetic(listSyntheticSections(verify), actualOf)
if (differences.length > 0) {
  console.error(`Nothing was written. These cases give something else:\n${differences.join('\n')}`)
  process.exit(1)
}
writeFileSync(PAGE, renderPage(readFileSync(PAGE, 'utf8'), real, synthetic))
