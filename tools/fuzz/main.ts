/** `npm run fuzz -- NAME [--cases N] [--seed N] [--from N] [--threads N] [--json FILE]` */
import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { parseArgs } from 'node:util'
import { Worker } from 'node:worker_threads'
import type { Finding } from './fuzz-case.ts'
import { TARGETS } from './targets/index.ts'
import type { Report, Share } from './worker.ts'

const HELP = `usage: npm run fuzz -- NAME [options]
  NAME is one of ${Object.keys(TARGETS).join(', ')}
  --cases N    mutants to try (default 20000)
  --seed N     decides the mutants, with their numbers (default: drawn, and printed)
  --from N     number of the first case (default 0): --from N --cases 1 gives one case again
  --threads N  (default: one for each core)
  --json FILE  write the summary there
Every mutant of real and synthetic evidence must be refused with a code, or have the unchanged
evidence's verdict to the last field; within 50 ms. Exit code 1 where one did not, or not all were tried: an
interrupt ends the run with the summary of what was.`

const MAX_FINDINGS = 20
const options = readOptions()
const started = performance.now()
const total = {
  cases: 0,
  slowestMs: 0,
  codes: new Map<string, number>(),
  targets: new Map<string, number>(),
}
const findings: Finding[] = []
const stop = new Int32Array(new SharedArrayBuffer(4))
let shown = started

console.log(`fuzz ${options.name}: ${options.cases} cases, seed ${options.seed}`)
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => Atomics.store(stop, 0, 1))
}
await Promise.all(shares().map(runShare))
printSummary()
process.exitCode = findings.length === 0 && total.cases === options.cases ? 0 : 1

function readOptions() {
  try {
    const { values, positionals } = parseArgs({
      allowPositionals: true,
      options: {
        cases: { type: 'string', default: '20000' },
        seed: { type: 'string', default: String(Math.floor(Math.random() * 2 ** 32)) },
        from: { type: 'string', default: '0' },
        threads: { type: 'string', default: String(availableParallelism()) },
        json: { type: 'string' },
      },
    })
    const [name = ''] = positionals
    const numbers = [values.cases, values.seed, values.from, values.threads].map(Number)
    const [cases = 0, seed = 0, from = 0, threads = 1] = numbers
    const isUsable = numbers.every((number) => Number.isSafeInteger(number) && number >= 0)
    if (!(name in TARGETS) || positionals.length !== 1 || !isUsable || threads < 1) throw usage()
    return { name, cases, seed, from, threads, json: values.json }
  } catch {
    throw usage()
  }
}

function usage(): never {
  console.error(HELP)
  process.exit(2)
}

function shares(): Share[] {
  const { name, seed, from, cases, threads } = options
  return Array.from({ length: threads }, (_, thread) => {
    return { name, seed, from, to: from + cases, thread, threads, stop }
  })
}

function runShare(share: Share): Promise<void> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL('worker.ts', import.meta.url), { workerData: share })
    worker.on('message', take)
    worker.once('error', reject)
    worker.once('exit', () => resolve())
  })
}

function take({ cases, codes, targets, slowestMs, findings: found }: Report): void {
  total.cases += cases
  total.slowestMs = Math.max(total.slowestMs, slowestMs)
  add(total.codes, codes)
  add(total.targets, targets)
  findings.push(...found)
  const now = performance.now()
  if (now - shown < 10_000) return
  shown = now
  const rate = Math.round(total.cases / ((now - started) / 1_000))
  console.log(`${total.cases}/${options.cases} cases, ${rate}/s, ${findings.length} findings`)
}

function add(sums: Map<string, number>, counts: ReadonlyMap<string, number>): void {
  for (const [name, count] of counts) sums.set(name, (sums.get(name) ?? 0) + count)
}

function descending(counts: ReadonlyMap<string, number>): Record<string, number> {
  return Object.fromEntries([...counts].toSorted(([, a], [, b]) => b - a))
}

function printSummary(): void {
  for (const finding of findings.slice(0, MAX_FINDINGS)) {
    console.error(`FINDING ${finding.kind} in ${finding.target}, part ${finding.part}`)
    console.error(`  ${finding.detail.slice(0, 1_000)}`)
    const again = `--seed ${options.seed} --from ${finding.case} --cases 1`
    console.error(`  again: npm run fuzz -- ${options.name} ${again}`)
  }
  const { cases } = total
  const codes = descending(total.codes)
  for (const [code, count] of Object.entries(codes)) {
    console.log(`${String(count).padStart(9)} ${code}`)
  }
  const seconds = Math.round((performance.now() - started) / 100) / 10
  const slowestMs = Math.round(total.slowestMs * 10) / 10
  const found = `${findings.length} findings`
  console.log(`${cases} cases in ${seconds} s, slowest ${slowestMs} ms, ${found}`)
  if (options.json === undefined) return
  const { name, seed, from, cases: wanted, threads } = options
  const run = { fuzz: name, commit: readCommit(), node: process.version, seed, from, threads }
  const targets = descending(total.targets)
  const summary = { ...run, wanted, cases, seconds, slowestMs, findings, targets, codes }
  writeFileSync(options.json, `${JSON.stringify(summary, undefined, 1)}\n`)
}

/** What was tried; null where this is no git work tree. */
function readCommit(): string | null {
  try {
    return execFileSync('git', ['describe', '--always', '--dirty', '--abbrev=40'], {
      encoding: 'utf8',
    }).trim()
  } catch {
    return null
  }
}
