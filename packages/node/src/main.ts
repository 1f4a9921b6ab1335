import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { parseArgs, type ParseArgsOptionsConfig } from 'node:util'
import { chainSpecToJson, developmentSpec, parseChainSpec, type ChainSpec } from './chain-spec.ts'
import { NodeError } from './errors.ts'
import { jsonLog, type LogLevel } from './log.ts'
import { startNode, type NodeOptions } from './start-node.ts'

const USAGE = `Runs a Tacit node with the embedded engine.

  node packages/node/src/main.ts --dev --base-path /tmp/tacit

  --base-path DIR       where the chain and the authority key lie (default .tacit)
  --chain-spec FILE     the chain, as JSON
  --dev                 a new development chain, written to DIR/chain-spec.json
  --rpc-port PORT       default 9944; 0 takes any free port
  --rpc-host HOST       default 127.0.0.1
  --allow-origin URL    web page beside those of this machine that may connect; repeatable; '*' for all
  --heartbeat-ms MS     time between two blocks without work, default 10000
  --min-block-ms MS     least time between two blocks, default 50
  --retention BLOCKS    recent blocks whose state can be read, default 256
  --log LEVEL           debug, info, warn or error, default info
  --help

Prints one line of JSON when the RPC is ready: {"rpcUrl", "genesisHash", "readyMs"}.
Exit codes: 0 stopped by a signal, 1 a fault (its code is logged), 2 wrong flags.
`
const FLAGS = {
  'base-path': { type: 'string', default: '.tacit' },
  'chain-spec': { type: 'string' },
  dev: { type: 'boolean', default: false },
  'rpc-port': { type: 'string', default: '9944' },
  'rpc-host': { type: 'string', default: '127.0.0.1' },
  'allow-origin': { type: 'string', multiple: true, default: [] },
  'heartbeat-ms': { type: 'string', default: '10000' },
  'min-block-ms': { type: 'string', default: '50' },
  retention: { type: 'string', default: '256' },
  log: { type: 'string', default: 'info' },
  help: { type: 'boolean', default: false },
} as const satisfies ParseArgsOptionsConfig

type Flags = ReturnType<typeof parseArgs<{ options: typeof FLAGS }>>['values']

async function main(): Promise<void> {
  const flags = parseFlags(process.argv.slice(2))
  if (flags.help) return void process.stdout.write(USAGE)
  const node = await startNode(toOptions(flags))
  const stop = (): void => {
    void node.stop().then(() => process.exit(0))
  }
  process.once('SIGINT', stop)
  process.once('SIGTERM', stop)
  void node.halted.then(async () => {
    await node.stop()
    process.exit(1)
  })
  const genesisHash = Buffer.from(node.genesisHash).toString('hex')
  const readyMs = Math.round(performance.now())
  const ready = { rpcUrl: node.rpcUrl, genesisHash: `0x${genesisHash}`, readyMs }
  process.stdout.write(`${JSON.stringify(ready)}\n`)
}

function parseFlags(args: string[]): Flags {
  try {
    return parseArgs({ args, options: FLAGS, strict: true }).values
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new NodeError({ code: 'flag_unknown', flag: reason }, { cause })
  }
}

function toOptions(flags: Flags): NodeOptions {
  return {
    basePath: flags['base-path'],
    chainSpec: readSpec(flags),
    rpcPort: integer(flags, 'rpc-port', 0, 65_535),
    rpcHost: flags['rpc-host'],
    allowedOrigins: flags['allow-origin'],
    heartbeatMs: integer(flags, 'heartbeat-ms', 10, 86_400_000),
    minBlockMs: integer(flags, 'min-block-ms', 0, 60_000),
    retention: integer(flags, 'retention', 1, 1_000_000),
    log: jsonLog(logLevel(flags.log)),
  }
}

function integer(
  flags: Flags,
  name: 'rpc-port' | 'heartbeat-ms' | 'min-block-ms' | 'retention',
  least: number,
  most: number,
): number {
  const value = Number(flags[name])
  if (Number.isInteger(value) && value >= least && value <= most) return value
  const reason = `must be an integer of ${least} to ${most}`
  throw new NodeError({ code: 'flag_invalid', flag: `--${name}`, reason })
}

function logLevel(text: string): LogLevel {
  if (text === 'debug' || text === 'info' || text === 'warn' || text === 'error') return text
  const reason = 'must be debug, info, warn or error'
  throw new NodeError({ code: 'flag_invalid', flag: '--log', reason })
}

/** A development chain is made once: its genesis carries the time of its making. */
function readSpec(flags: Flags): ChainSpec {
  const own = join(flags['base-path'], 'chain-spec.json')
  const path = flags['chain-spec'] ?? (flags.dev ? own : undefined)
  if (path === undefined)
    throw new NodeError({
      code: 'flag_invalid',
      flag: '--chain-spec',
      reason: 'or --dev is needed',
    })
  if (flags.dev && !existsSync(path)) {
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

await main().catch((fault: unknown) => {
  const isFlag = fault instanceof NodeError && fault.code.startsWith('flag_')
  const text = fault instanceof NodeError ? `${fault.code}: ${fault.message}` : String(fault)
  process.stderr.write(`${text}\n`)
  process.exitCode = isFlag ? 2 : 1
})
