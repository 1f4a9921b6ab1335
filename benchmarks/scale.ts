import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { availableParallelism, loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { BenchCase, BenchResult } from './result.ts'
import type { ScaleFigures } from './scale-blocks.ts'

const SIZES = [
  ['10k', 10_000],
  ['100k', 100_000],
  ['1m', 1_000_000],
] as const

type Generated = { readonly seconds: number; readonly cpuSeconds: number }

type Row = ScaleFigures &
  Generated & {
    readonly name: string
    readonly accounts: number
  }

/**
 * Blocks of 1,000 transfers on states of 10k, 100k and 1M accounts: each state is written by one
 * process and used by another, whose memory is its own. There is no peer. `growth` is what ten times
 * the accounts add to a transfer, in parts of what it costs at 10k: the same at each step if the cost
 * grows like the logarithm.
 */
export async function benchScale(): Promise<BenchResult> {
  const loadBefore = loadavg()[0] ?? 0
  const rows: Row[] = []
  for (const [name, accounts] of SIZES) rows.push(await measure(name, accounts))
  const machine = {
    cores: availableParallelism(),
    loadBefore,
    loadAfter: loadavg()[0] ?? 0,
    node: process.version,
  }
  return { bench: 'scale', cases: [...rows.flatMap(rowCases), ...growthCases(rows)], machine }
}

async function measure(name: string, accounts: number): Promise<Row> {
  const path = mkdtempSync(join(tmpdir(), 'tacit-scale-'))
  try {
    const generated = await run<Generated>('scale-state.ts', path, accounts)
    return {
      name,
      accounts,
      ...generated,
      ...(await run<ScaleFigures>('scale-blocks.ts', path, accounts)),
    }
  } finally {
    rmSync(path, { recursive: true })
  }
}

async function run<T>(script: string, path: string, accounts: number): Promise<T> {
  const args = [join(import.meta.dirname, script), path, String(accounts)]
  const { stdout } = await promisify(execFile)(process.execPath, args)
  return JSON.parse(stdout) as T
}

function rowCases(row: Row): readonly BenchCase[] {
  return [
    caseOf(`generate/${row.name}`, 's', row.seconds),
    caseOf(`generate-cpu/${row.name}`, 's', row.cpuSeconds),
    caseOf(`block/${row.name}`, 'ms', row.blockMs),
    caseOf(`cpu/${row.name}`, 'us/transfer', row.cpuUsPerTransfer),
    caseOf(`nodes/${row.name}`, 'trie nodes/transfer', row.nodesPerTransfer),
    caseOf(`rss-anon/${row.name}`, 'MB', row.rssAnonMb),
  ]
}

function growthCases(rows: readonly Row[]): readonly BenchCase[] {
  const [base] = rows
  return rows.slice(1).flatMap((row, index) => {
    const smaller = rows[index]
    if (!smaller || !base) return []
    const step = `${smaller.name}-${row.name}`
    const cpu = (row.cpuUsPerTransfer - smaller.cpuUsPerTransfer) / base.cpuUsPerTransfer
    const nodes = (row.nodesPerTransfer - smaller.nodesPerTransfer) / base.nodesPerTransfer
    return [
      caseOf(`growth-cpu/${step}`, 'of 10k', cpu),
      caseOf(`growth-nodes/${step}`, 'of 10k', nodes),
    ]
  })
}

function caseOf(name: string, unit: string, value: number): BenchCase {
  return { name, unit, ours: Math.round(value * 100) / 100, ratio: {} }
}
