/**
 * `npm run compat -- replay`: 2,000 random blocks, executed again by other versions of Node, with
 * half of the stack and other compilers of V8. Execution compares the roots of every block.
 */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { decode, encode, toHex, unwrap, type Hash } from '@tacit/base'
import { headerCodec } from '@tacit/light'
import { fromHex, type BlockLine } from './chain-file.ts'

const BLOCKS = Number(process.env['BLOCKS'] ?? 2_000)
const seed = Number(process.env['SEED'] ?? Date.now() % 1_000_000)
const here = import.meta.dirname
const binary = (name: string): string => join(here, 'node_modules', name, 'bin/node')
/** V8's default stack is 984 KB. */
const HALF_STACK = '--stack-size=492'

/** Blocks of the control: a chain with one changed root, which must not pass. */
const CONTROL_BLOCKS = 5

const RUNS: readonly (readonly [name: string, binary: string, flags: readonly string[]])[] = [
  ['this Node, half of the stack', process.execPath, [HALF_STACK]],
  [
    'this Node, interpreter and baseline only',
    process.execPath,
    [HALF_STACK, '--no-opt', '--no-maglev', '--always-sparkplug'],
  ],
  ['Node 22', binary('node22'), [HALF_STACK]],
  [
    'Node 22, no baseline compiler',
    binary('node22'),
    ['--no-sparkplug', '--no-concurrent-recompilation'],
  ],
  ['Node 26', binary('node26'), [HALF_STACK]],
  [
    'Node 26, the optimiser early',
    binary('node26'),
    [HALF_STACK, '--invocation-count-for-turbofan=100', '--no-lazy-feedback-allocation'],
  ],
]

const folder = mkdtempSync(join(tmpdir(), 'tacit-replay-'))
const file = join(folder, 'chain.jsonl')
console.log(`${BLOCKS} random blocks, SEED=${seed}`)
const made = run(process.execPath, [], 'make.ts', file, String(BLOCKS), String(seed))
console.log(`made: ${JSON.stringify(made)}`)
const reference = run(process.execPath, [], 'replay.ts', file)
let failed = notices(file) ? 0 : 1
for (const [name, node, flags] of RUNS) {
  const replayed = run(node, flags, 'replay.ts', file)
  const isSame = ['number', 'hash', 'metadata'].every(
    (field) => replayed[field] === reference[field],
  )
  if (!isSame) failed++
  console.log(
    `${isSame ? 'ok  ' : 'FAIL'} ${name} (${String(replayed['node'])}, V8 ${String(replayed['v8'])}): ${String(replayed['hash'])}`,
  )
}
rmSync(folder, { recursive: true })
console.log(`Tests ${RUNS.length + 1 - failed} passed${failed > 0 ? ` ${failed} failed` : ''}`)
process.exit(failed === 0 ? 0 : 1)

function run(
  node: string,
  flags: readonly string[],
  script: string,
  ...args: string[]
): Record<string, unknown> {
  const { status, stdout, stderr } = spawnSync(node, [...flags, join(here, script), ...args], {
    encoding: 'utf8',
  })
  if (status === 0) return JSON.parse(stdout) as Record<string, unknown>
  const reason = stderr.split('\n').find((line) => /^\w*Error\b/.test(line)) ?? stderr
  console.log(`     ${reason.slice(0, 200)}`)
  return { node, failed: `${script} ended with ${status}` }
}

/** Whether a block whose header says another state root is noticed at all. */
function notices(chain: string): boolean {
  const lines = readFileSync(chain, 'utf8')
    .split('\n')
    .slice(0, CONTROL_BLOCKS + 1)
  const last = JSON.parse(lines.at(-1) ?? '') as BlockLine
  const header = unwrap(decode(headerCodec, fromHex(last.header)))
  const stateRoot = header.stateRoot.map((byte) => byte ^ 1) as Hash
  const changed = toHex(encode(headerCodec, { ...header, stateRoot }))
  const control = join(folder, 'control.jsonl')
  writeFileSync(
    control,
    [...lines.slice(0, -1), JSON.stringify({ ...last, header: changed })].join('\n'),
  )
  const { failed: fault } = run(process.execPath, [], 'replay.ts', control)
  console.log(`${fault ? 'ok  ' : 'FAIL'} a changed state root is noticed`)
  return fault !== undefined
}
