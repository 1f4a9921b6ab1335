import { join } from 'node:path'
import { checkImport } from './check.ts'
import { readImports } from './read-imports.ts'

const imports = readImports(join(import.meta.dirname, '../..'))
const problems = imports.flatMap(checkImport)
for (const problem of problems) console.error(problem)
console.log(`layers: ${imports.length} imports, ${problems.length} against the rules`)
process.exitCode = problems.length > 0 ? 1 : 0
