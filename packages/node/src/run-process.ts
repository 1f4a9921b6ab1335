import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { toHex } from '@tacit/base'
import { chainSpecToJson, developmentSpec, parseChainSpec, type ChainSpec } from './chain-spec.ts'
import { NodeError } from './errors.ts'
import type { Settings } from './flags.ts'
import { jsonLog } from './log.ts'
import { startNode } from './start-node.ts'

/** Runs a node until a signal or a fault ends the process. */
export async function runProcess(settings: Settings): Promise<void> {
  const chainSpec = readSpec(settings)
  const node = await startNode({ ...settings, chainSpec, log: jsonLog(settings.logLevel) })
  const stop = (): void => {
    void node.stop().then(() => process.exit(0))
  }
  process.once('SIGINT', stop)
  process.once('SIGTERM', stop)
  void node.halted.then(async () => {
    await node.stop()
    process.exit(1)
  })
  const ready = {
    rpcUrl: node.rpcUrl,
    genesisHash: toHex(node.genesisHash),
    readyMs: Math.round(performance.now()),
  }
  process.stdout.write(`${JSON.stringify(ready)}\n`)
}

/** A development chain is made once: its genesis carries the time of its making. */
function readSpec({ basePath, chainSpecPath, dev }: Settings): ChainSpec {
  const path = chainSpecPath ?? join(basePath, 'chain-spec.json')
  if (dev && !existsSync(path)) {
    mkdirSync(dirname(path), { recursive: true })
    const spec = developmentSpec({ timeMs: BigInt(Date.now()) })
    writeFileSync(path, `${JSON.stringify(chainSpecToJson(spec), undefined, 2)}\n`)
  }
  const spec = parseChainSpec(readJson(path))
  if (!spec.ok) throw new NodeError(spec.error)
  return spec.value
}

function readJson(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8'))
  } catch (cause) {
    throw new NodeError({ code: 'chain_spec_unreadable', path }, { cause })
  }
}
