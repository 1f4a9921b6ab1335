import { parentPort, workerData } from 'node:worker_threads'
import { prepare, runCase, type Finding } from './fuzz-case.ts'
import { TARGETS } from './targets/index.ts'

/** The cases that one thread runs. */
export interface Share {
  readonly name: string
  readonly seed: number
  readonly from: number
  /** Exclusive. */
  readonly to: number
}

/** What a thread reports now and then; counts are of the cases since its last report. */
export interface Report {
  readonly cases: number
  readonly codes: ReadonlyMap<string, number>
  readonly slowestMs: number
  readonly findings: readonly Finding[]
}

const REPORT_EVERY = 2_000

const port = parentPort
if (port === null) throw new Error('worker.ts runs in a thread of main.ts')
const { name, seed, from, to } = workerData as Share
const prepared = (TARGETS[name]?.() ?? []).map(prepare)
for (let start = from; start < to; start += REPORT_EVERY) {
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has no origin
  port.postMessage(runCases(start, Math.min(start + REPORT_EVERY, to)))
}

function runCases(start: number, end: number): Report {
  const codes = new Map<string, number>()
  const findings: Finding[] = []
  let slowestMs = 0
  for (let number = start; number < end; number++) {
    const outcome = runCase(prepared, seed, number)
    if (outcome.type === 'finding') {
      findings.push(outcome.finding)
      continue
    }
    codes.set(outcome.code, (codes.get(outcome.code) ?? 0) + 1)
    slowestMs = Math.max(slowestMs, outcome.ms)
  }
  return { cases: end - start, codes, slowestMs, findings }
}
