/** `npm run bench -- NAME [--json]`: each benchmark prints its cases; README.md says what they are. */
import { benchPool } from './pool.ts'
import { benchWalk } from './walk.ts'
import { benchAttestation } from './attestation.ts'
import { benchChain } from './chain.ts'
import { benchScale } from './scale.ts'
import { benchStart } from './start.ts'
import { benchWeights } from './weights.ts'
import { printResult, type BenchResult } from './result.ts'

const BENCHES: Readonly<Record<string, () => Promise<BenchResult>>> = {
  attestation: benchAttestation,
  chain: benchChain,
  scale: benchScale,
  start: benchStart,
  pool: benchPool,
  walk: benchWalk,
  weights: benchWeights,
}

const [name = '', ...flags] = process.argv.slice(2)
const bench = BENCHES[name]
if (!bench || flags.some((flag) => flag !== '--json')) {
  console.error(
    `usage: npm run bench -- NAME [--json]\n  NAME is one of ${Object.keys(BENCHES).join(', ')}`,
  )
  process.exit(2)
}
printResult(await bench(), flags.includes('--json'))
