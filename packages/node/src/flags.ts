import { parseArgs, type ParseArgsOptionsConfig } from 'node:util'
import { NodeError } from './errors.ts'
import type { LogLevel } from './log.ts'
import { DEFAULT_BODY_RETENTION } from './storage/body-retention.ts'

/** What the command line says; chain and directory are still names. */
export type Settings = {
  readonly help: boolean
  readonly basePath: string
  readonly chainSpecPath: string | undefined
  readonly dev: boolean
  readonly rpcPort: number
  readonly rpcHost: string
  readonly allowedOrigins: readonly string[]
  readonly heartbeatMs: number
  readonly minBlockMs: number
  readonly retention: number | 'archive'
  readonly bodyRetention: number | 'unlimited'
  readonly logLevel: LogLevel
}

export const USAGE: string = `Runs a Tacit node with the embedded engine.

  node packages/node/src/main.ts --dev --base-path /tmp/tacit

  --base-path DIR       where the chain and the authority key lie (default .tacit)
  --chain-spec FILE     the chain, as JSON
  --dev                 a new development chain, written to DIR/chain-spec.json
  --rpc-port PORT       default 9944; 0 takes any free port
  --rpc-host HOST       default 127.0.0.1
  --allow-origin URL    web page beside those of this machine that may connect; repeatable; '*' for all
  --heartbeat-ms MS     time between two blocks without work, default 10000
  --min-block-ms MS     least time between two blocks, default 50
  --retention BLOCKS    recent blocks whose state can be read, default 256; 'archive' keeps everything
  --body-retention BLOCKS  recent blocks whose extrinsics can be read, default ${DEFAULT_BODY_RETENTION}; or 'unlimited'
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
  'body-retention': { type: 'string', default: `${DEFAULT_BODY_RETENTION}` },
  log: { type: 'string', default: 'info' },
  help: { type: 'boolean', default: false },
} as const satisfies ParseArgsOptionsConfig

const MAX_U32 = 0xffff_ffff

type Flags = ReturnType<typeof parseArgs<{ options: typeof FLAGS }>>['values']

/** Reads the command line; throws `flag_unknown` or `flag_invalid`. */
export function parseSettings(args: string[]): Settings {
  const flags = parseFlags(args)
  if (!flags.help && flags['chain-spec'] === undefined && !flags.dev)
    throw new NodeError({
      code: 'flag_invalid',
      flag: '--chain-spec',
      reason: 'or --dev is needed',
    })
  return {
    help: flags.help,
    basePath: flags['base-path'],
    chainSpecPath: flags['chain-spec'],
    dev: flags.dev,
    rpcPort: integer(flags, 'rpc-port', 0, 65_535),
    rpcHost: flags['rpc-host'],
    allowedOrigins: flags['allow-origin'],
    heartbeatMs: integer(flags, 'heartbeat-ms', 10, 86_400_000),
    minBlockMs: integer(flags, 'min-block-ms', 0, 60_000),
    retention:
      flags.retention === 'archive' ? 'archive' : integer(flags, 'retention', 1, 1_000_000),
    bodyRetention:
      flags['body-retention'] === 'unlimited'
        ? 'unlimited'
        : integer(flags, 'body-retention', 1, MAX_U32),
    logLevel: logLevel(flags.log),
  }
}

function parseFlags(args: string[]): Flags {
  try {
    return parseArgs({ args, options: FLAGS, strict: true }).values
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new NodeError({ code: 'flag_unknown', flag: reason }, { cause })
  }
}

function integer(
  flags: Flags,
  name: 'rpc-port' | 'heartbeat-ms' | 'min-block-ms' | 'retention' | 'body-retention',
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
