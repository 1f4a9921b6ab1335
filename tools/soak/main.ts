/** `npm run soak -- kill [--kills N] [--seed N] [--json FILE]`: what takes longer than CI has. */
import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { cpus, loadavg } from 'node:os'
import { parseArgs } from 'node:util'
import { runKillSoak } from '../../packages/node/src/testing/kill-soak.ts'

const HELP = `usage: npm run soak -- kill [options]
  Kills a node under load with SIGKILL at random times and starts it again. Every justified block
  that a client heard of must be there again, unchanged; at the end the whole chain is executed
  again in an empty database and must give the same hash.
  --kills N    default 1000, about two seconds each
  --seed N     decides the times (default: drawn, and printed)
  --json FILE  write the result there
Exit code 1 where a block was lost, with what was lost.`

const options = readOptions()
const startedMs = performance.now()
let shownMs = startedMs
console.log(`kill: ${options.kills} kills, seed ${options.seed}`)
const result = await runKillSoak({
  ...options,
  onKill: ({ kills, justified }) => {
    if (performance.now() - shownMs < 10_000) return
    shownMs = performance.now()
    const leftMs = ((shownMs - startedMs) / kills) * (options.kills - kills)
    const left = Math.round(leftMs / 1_000)
    console.log(`${kills}/${options.kills} kills, ${justified} justified blocks, ${left} s left`)
  },
})
const seconds = Math.round((performance.now() - startedMs) / 1_000)
console.log(
  `${result.kills} kills in ${seconds} s, ${result.justified} justified blocks heard of, none ` +
    `lost; ${result.replayed} blocks executed again to the same hash; slowest start ` +
    `${Math.round(result.slowestStartMs)} ms`,
)
if (options.json !== undefined) {
  const summary = { soak: 'kill', ...machine(), seed: options.seed, seconds, ...result, lost: 0 }
  writeFileSync(options.json, `${JSON.stringify(summary, undefined, 1)}\n`)
}

function readOptions(): { readonly kills: number; readonly seed: number; readonly json?: string } {
  try {
    const { values, positionals } = parseArgs({
      allowPositionals: true,
      options: {
        kills: { type: 'string', default: '1000' },
        seed: { type: 'string', default: String(Math.floor(Math.random() * 2 ** 31)) },
        json: { type: 'string' },
      },
    })
    const [kills = 0, seed = 0] = [values.kills, values.seed].map(Number)
    const isUsable = Number.isSafeInteger(kills) && kills > 0 && Number.isSafeInteger(seed)
    if (positionals.join(' ') !== 'kill' || !isUsable) throw new Error('usage')
    return { kills, seed, ...(values.json !== undefined && { json: values.json }) }
  } catch {
    console.error(HELP)
    process.exit(2)
  }
}

function machine(): object {
  const commit = execFileSync('git', ['rev-parse', 'HEAD'], { encoding: 'utf8' }).trim()
  return { commit, node: process.version, cores: cpus().length, load: loadavg()[0] }
}
