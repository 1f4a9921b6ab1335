import { CACHE, readEvidenceList } from './evidence.ts'
import { fetchEvidence } from './fetch-evidence.ts'

const base = process.env['TACIT_VECTORS_BASE'] ?? 'https://raw.githubusercontent.com'
const list = readEvidenceList()
try {
  await fetchEvidence({ base, folder: CACHE, list })
  console.log(`${list.files.length} files and ${list.bundles.length} bundles are in ${CACHE}.`)
} catch (cause) {
  console.error(cause instanceof Error ? cause.message : String(cause))
  process.exitCode = 1
}
