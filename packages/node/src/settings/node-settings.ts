import type { LogFormat, LogLevel } from '../log.ts'
import { DEFAULT_BODY_RETENTION } from '../storage/body-retention.ts'
import { isOrigin } from '../rpc/origin.ts'
import { UNSAFE_POLICIES, type UnsafePolicy } from '../rpc/unsafe-policy.ts'
import { integer, integerOr, onOff, oneOf, text, texts, type Setting } from './setting.ts'

const MAX_U32 = 0xffff_ffff
const ORIGIN_RULE = "must be '*' or an origin without a path, such as https://polkadot.js.org"

/** What an operator chooses. */
export type NodeSettings = {
  readonly basePath: string
  readonly chainSpecPath: string | undefined
  readonly dev: boolean
  readonly authorityKeyPath: string | undefined
  readonly rpcPort: number
  readonly rpcHost: string
  readonly allowedOrigins: readonly string[]
  readonly rpcMethods: UnsafePolicy
  readonly heartbeatMs: number
  readonly minBlockMs: number
  readonly retention: number | 'archive'
  readonly bodyRetention: number | 'unlimited'
  readonly logLevel: LogLevel
  readonly logFormat: LogFormat
}

/** Every setting of a node. Flags, environment, file, help and docs/operations.md come from here. */
export const NODE_SETTINGS: { readonly [K in keyof NodeSettings]: Setting<NodeSettings[K]> } = {
  basePath: text('base-path', '.tacit', {
    placeholder: 'DIR',
    help: 'where the chain lies',
  }),
  chainSpecPath: text('chain-spec', undefined, {
    placeholder: 'FILE',
    help: 'the chain, as JSON',
  }),
  dev: onOff('dev', 'a new development chain, written to DIR/chain-spec.json'),
  authorityKeyPath: text('authority-key', undefined, {
    placeholder: 'FILE',
    help: 'the key that signs blocks: a 32-byte ed25519 seed in hex; without it DIR/authority.key',
  }),
  rpcPort: integer('rpc-port', 9944, {
    placeholder: 'PORT',
    help: 'port of JSON-RPC, health and metrics; 0 takes any free one',
    least: 0,
    most: 65_535,
  }),
  rpcHost: text('rpc-host', '127.0.0.1', {
    placeholder: 'HOST',
    help: 'address on which they listen',
  }),
  allowedOrigins: texts('allow-origin', {
    placeholder: 'URL',
    help: "web page beside those of this machine that may connect; '*' for all",
    check: (text) => (isOrigin(text) ? undefined : ORIGIN_RULE),
  }),
  rpcMethods: oneOf('rpc-methods', 'auto', UNSAFE_POLICIES, {
    placeholder: 'WHICH',
    help: "'unsafe' answers those that cost much, 'safe' does not; 'auto': unsafe on loopback",
  }),
  heartbeatMs: integer('heartbeat-ms', 10_000, {
    placeholder: 'MS',
    help: 'time between two blocks without work',
    least: 10,
    most: 86_400_000,
  }),
  minBlockMs: integer('min-block-ms', 50, {
    placeholder: 'MS',
    help: 'least time between two blocks',
    least: 0,
    most: 60_000,
  }),
  retention: integerOr('retention', 256, {
    placeholder: 'BLOCKS',
    help: "recent blocks whose state can be read; 'archive' keeps everything",
    least: 1,
    most: 1_000_000,
    words: ['archive'],
  }),
  bodyRetention: integerOr('body-retention', DEFAULT_BODY_RETENTION, {
    placeholder: 'BLOCKS',
    help: "recent blocks whose extrinsics can be read; or 'unlimited'",
    least: 1,
    most: MAX_U32,
    words: ['unlimited'],
  }),
  logLevel: oneOf('log', 'info', ['debug', 'info', 'warn', 'error'], {
    placeholder: 'LEVEL',
    help: 'least level that is logged: debug, info, warn or error',
  }),
  logFormat: oneOf('log-format', 'auto', ['auto', 'json', 'text'], {
    placeholder: 'FORMAT',
    help: 'json, text, or auto: text on a terminal, else json',
  }),
}

/** Where a value can come from, the strongest first. */
export type SettingSource = 'flag' | 'environment' | 'file' | 'default'

/** The environment variable of a setting. */
export function environmentName(name: string): string {
  return `${ENVIRONMENT_PREFIX}${name.replaceAll('-', '_').toUpperCase()}`
}

export const ENVIRONMENT_PREFIX = 'TACIT_NODE_'
