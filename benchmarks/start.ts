import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { devKeypair } from '@tacit/crypto'
import { native } from '@tacit/crypto/native'
import { chainSpecToJson, developmentSpec, type ChainSpec } from '@tacit/node'
import { createRuntime } from '@tacit/runtime/runtime'
import { createApplication } from '../packages/node/src/application.ts'
import { signJustification } from '../packages/node/src/engine/signer.ts'
import { Store } from '../packages/node/src/storage/store.ts'
import { spawnNode } from '../packages/node/src/testing/node-process.ts'
import { cpuBetween, readProcessCpu } from './process-cpu.ts'
import { median, type BenchResult } from './result.ts'

const BLOCKS = 100_000
const RUNS = 7
const IDLE_MS = 20_000
/** Between the start and the measurement of an idle node: caches are written, code is collected. */
const SETTLE_MS = 5_000
const RETENTION = 256

/**
 * Nobody else starts this. `ready-100k`: milliseconds from a process's start until its RPC answers,
 * on a database of 100,000 empty blocks. `idle-cpu`: percent of one core that the node uses then,
 * heartbeats included, over 20 s.
 */
export async function benchStart(): Promise<BenchResult> {
  const basePath = mkdtempSync(join(tmpdir(), 'tacit-bench-start-'))
  try {
    const spec = developmentSpec({ timeMs: 1_700_000_000_000n })
    const specPath = join(basePath, 'spec.json')
    writeFileSync(specPath, JSON.stringify(chainSpecToJson(spec)))
    await makeDatabase(join(basePath, spec.id), spec)
    const flags = ['--base-path', basePath, '--chain-spec', specPath, '--rpc-port', '0']
    const ready: number[] = []
    // The first start of a checkout compiles, which is kept: it is shown apart.
    const first = await timeStart(flags)
    for (let run = 0; run < RUNS; run++) ready.push(await timeStart(flags))
    const idle = await measureIdle(flags)
    return {
      bench: 'start',
      cases: [
        { name: 'ready-100k', unit: 'ms', ours: median(ready), ratio: {} },
        { name: 'ready-100k-first', unit: 'ms', ours: first, ratio: {} },
        { name: 'idle-cpu', unit: 'percent', ours: idle, ratio: {} },
      ],
    }
  } finally {
    rmSync(basePath, { recursive: true })
  }
}

/** From before the process is made to its line, with one question that it answers. */
async function timeStart(flags: readonly string[]): Promise<number> {
  const startMs = performance.now()
  const node = await spawnNode(flags)
  const response = await fetch(`${node.rpcUrl.replace('ws:', 'http:')}/health`)
  const { best } = (await response.json()) as { best: number }
  const readyMs = performance.now() - startMs
  await node.end('SIGTERM')
  if (best < BLOCKS) throw new Error(`the node began at block ${best}`)
  console.error(`ready after ${readyMs.toFixed(0)} ms`)
  return readyMs
}

async function measureIdle(flags: readonly string[]): Promise<number> {
  const node = await spawnNode(flags)
  await setTimeout(SETTLE_MS)
  const before = readProcessCpu(node.pid)
  const startMs = performance.now()
  await setTimeout(IDLE_MS)
  const { totalMs, threadsMs } = cpuBetween(before, readProcessCpu(node.pid))
  const percent = (100 * totalMs) / (performance.now() - startMs)
  await node.end('SIGTERM')
  console.error(`idle: ${JSON.stringify(Object.fromEntries(threadsMs))} ms of CPU by thread`)
  return percent
}

/**
 * Makes empty blocks by the rules, a second apart, each justified, as a node does; in memory first,
 * where a flush costs nothing.
 */
async function makeDatabase(path: string, { genesis }: ChainSpec): Promise<void> {
  const fast = mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'tacit-bench-'))
  const key = devKeypair('Alice', 'ed25519')
  const store = new Store(fast, { retention: RETENTION })
  const app = createApplication({
    runtime: createRuntime(),
    store,
    crypto: native,
    log: () => {},
  })
  await app.genesis(genesis)
  const startMs = performance.now()
  for (let number = 1; number <= BLOCKS; number++) {
    const nowMs = genesis.timeMs + 1_000n * BigInt(number)
    const { block } = app.prepare({ nowMs, proposer: key.publicKey, candidates: [] })
    const head = { number, hash: block.hash }
    await app.commit(block, { lastSigned: head })
    store.putJustification(number, signJustification(key, store.lastSigned, head, 0n))
  }
  await store.close()
  console.error(`${BLOCKS} blocks in ${((performance.now() - startMs) / 1_000).toFixed(0)} s`)
  mkdirSync(path, { recursive: true })
  cpSync(fast, path, { recursive: true })
  rmSync(fast, { recursive: true })
}
