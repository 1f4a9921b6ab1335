import { existsSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { toHex } from '@tacit/base'
import { readChainSpec } from './chain-spec-file.ts'
import { chainSpecToJson, developmentSpec, type ChainSpec } from './chain-spec.ts'
import { NodeError } from './errors.ts'
import { createLog, type Log } from './log.ts'
import type { NodeSettings } from './settings/node-settings.ts'
import { startNode, type NodeOptions, type RunningNode } from './start-node.ts'
import { databaseFault } from './storage/database-fault.ts'
import { makeDirectory } from './storage/lock.ts'

/** Runs a node until a signal or a fault ends the process. */
export async function runProcess(
  settings: NodeSettings & Pick<NodeOptions, 'rpcThread'>,
): Promise<void> {
  const log = createLog(settings)
  process.once('uncaughtException', (fault) => {
    log('error', fault.stack ?? fault.message, { code: 'uncaught_exception' })
    process.exit(1)
  })
  const chainSpec = readSpec(settings)
  const node = await startNode({ ...settings, chainSpec, log })
  stopOnSignal(node, log)
  void node.halted.then(() => {
    node.stop().then(() => process.exit(1), endWith)
  })
  const ready = {
    rpcUrl: node.rpcUrl,
    genesisHash: toHex(node.genesisHash),
    readyMs: Math.round(performance.now()),
  }
  process.stdout.write(`${JSON.stringify(ready)}\n`)
}

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/** The first signal ends in good order; a second one at once, as a crash does, which is safe too. */
function stopOnSignal(node: RunningNode, log: Log): void {
  let isStopping = false
  const stop = (signal: string): void => {
    if (isStopping) process.exit(1)
    isStopping = true
    log('info', 'stopping', { signal })
    node.stop().then(() => process.exit(0), endWith)
  }
  for (const signal of SIGNALS) process.on(signal, () => stop(signal))
}

/** What closing a node came upon. */
function endWith(fault: unknown): never {
  const text = fault instanceof NodeError ? `${fault.code}: ${fault.message}` : String(fault)
  process.stderr.write(`${text}\n`)
  process.exit(1)
}

/** A development chain is made once: its genesis carries the time of its making. */
function readSpec({ basePath, chainSpecPath, dev }: NodeSettings): ChainSpec {
  const path = chainSpecPath ?? join(basePath, 'chain-spec.json')
  if (dev && !existsSync(path)) writeDevelopmentSpec(path)
  return readChainSpec(path)
}

function writeDevelopmentSpec(path: string): void {
  makeDirectory(dirname(path))
  const spec = developmentSpec({ timeMs: BigInt(Date.now()) })
  try {
    writeFileSync(path, `${JSON.stringify(chainSpecToJson(spec), undefined, 2)}\n`)
  } catch (cause) {
    throw databaseFault(cause, path)
  }
}
