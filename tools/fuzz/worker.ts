import { parentPort, workerData } from 'node:worker_threads'
import { prepare, runCase, type Finding } from './fuzz-case.ts'
import { TARGETS } from './targets/index.ts'

/** The cases that one thread runs: every `threads`th piece of all, so that all get on together. */
export interface Share {
  readonly name: string
  readonly seed: number
  readonly from: number
  /** Exclusive. */
  readonly to: number
  /** Of this thread, from 0. */
  readonly thread: number
  readonly threads: number
  /** One number, shared: not 0 where no further piece is to be begun. */
  readonly stop: Int32Array
}

/** What a thread reports after each piece; counts are of its cases. */
export interface Report {
  readonly cases: number
  readonly codes: ReadonlyMap<string, number>
  readonly targets: ReadonlyMap<string, number>
  readonly slowestMs: number
  readonly findings: readonly Finding[]
}

const PIECE = 500

const port = parentPort
if (port === null) throw new Error('worker.ts runs in a thread of main.ts')
const { name, seed, from, to, thread, threads, stop } = workerData as Share
const corpus = prepare(TARGETS[name]?.() ?? [])
for (let start = from + thread * PIECE; start < to; start += threads * PIECE) {
  if (Atomics.load(stop, 0) !== 0) break
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has no origin
  port.postMessage(runCases(start, Math.min(start + PIECE, to)))
}

function runCases(start: number, end: number): Report {
  const codes = new Map<string, number>()
  const targets = new Map<string, number>()
  const findings: Finding[] = []
  let slowestMs = 0
  for (let number = start; number < end; number++) {
    const outcome = runCase(corpus, seed, number)
    targets.set(outcome.target, (targets.get(outcome.target) ?? 0) + 1)
    if (outcome.type === 'finding') {
      findings.push(outcome.finding)
      continue
    }
    codes.set(outcome.code, (codes.get(outcome.code) ?? 0) + 1)
    slowestMs = Math.max(slowestMs, outcome.ms)
  }
  return { cases: end - start, codes, targets, slowestMs, findings }
}
