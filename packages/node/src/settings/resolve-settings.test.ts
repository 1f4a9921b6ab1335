import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { NodeError } from '../errors.ts'
import { makeTempDir } from '../testing/temp-dir.ts'
import { environmentName, NODE_SETTINGS } from './node-settings.ts'
import { resolveSettings } from './resolve-settings.ts'
import { nodeUsage } from './usage.ts'

const directory = makeTempDir()
afterAll(() => directory.remove())

const ORIGIN_RULE = "must be '*' or an origin without a path, such as https://polkadot.js.org"

function config(content: unknown): string {
  const path = join(directory.path, 'node.json')
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content))
  return path
}

function faultOf(args: readonly string[], environment: Record<string, string> = {}): unknown {
  try {
    resolveSettings(args, environment)
  } catch (fault) {
    return fault instanceof NodeError ? fault.fault : fault
  }
  return undefined
}

describe('settings', () => {
  test('have defaults', () => {
    const { settings, sources, action } = resolveSettings([], { PATH: '/bin' })
    for (const [key, { fallback }] of Object.entries(NODE_SETTINGS))
      expect(settings[key as keyof typeof settings]).toEqual(fallback)
    expect(new Set(Object.values(sources))).toEqual(new Set(['default']))
    expect(action).toBe('run')
  })

  test('a flag counts more than the environment, that more than the file', () => {
    const path = config({ 'rpc-port': 1, 'rpc-host': '::1', log: 'warn', dev: true })
    const environment = { TACIT_NODE_RPC_PORT: '2', TACIT_NODE_RPC_HOST: '0.0.0.0' }
    const { settings, sources } = resolveSettings(
      ['--config', path, '--rpc-port', '3', '--no-dev'],
      environment,
    )
    expect(settings).toMatchObject({
      rpcPort: 3,
      rpcHost: '0.0.0.0',
      logLevel: 'warn',
      dev: false,
    })
    expect(sources).toMatchObject({
      rpcPort: 'flag',
      rpcHost: 'environment',
      logLevel: 'file',
      dev: 'flag',
      basePath: 'default',
    })
  })

  test('the environment can name the file', () => {
    const path = config({ retention: 'archive' })
    const { settings } = resolveSettings([], { TACIT_NODE_CONFIG: path })
    expect(settings.retention).toBe('archive')
  })

  test.each([
    ['flags', ['--allow-origin', 'https://a', '--allow-origin', 'https://b'], {}],
    ['the environment', [], { TACIT_NODE_ALLOW_ORIGIN: 'https://a, https://b,' }],
  ])('a list by %s', (_, args, environment) => {
    const { allowedOrigins } = resolveSettings(args, environment).settings
    expect(allowedOrigins).toEqual(['https://a', 'https://b'])
  })

  test('a list by the file', () => {
    const path = config({ 'allow-origin': ['https://a', 'https://b'] })
    const { allowedOrigins } = resolveSettings(['--config', path], {}).settings
    expect(allowedOrigins).toEqual(['https://a', 'https://b'])
  })

  test.each([
    ['--rpc-port', '65536', 'must be an integer of 0 to 65535'],
    ['--rpc-port', '1e3', 'must be an integer of 0 to 65535'],
    ['--heartbeat-ms', '9', 'must be an integer of 10 to 86400000'],
    ['--min-block-ms', '60001', 'must be an integer of 0 to 60000'],
    ['--retention', '0', "must be an integer of 1 to 1000000 or 'archive'"],
    ['--body-retention', 'archive', "must be an integer of 1 to 4294967295 or 'unlimited'"],
    ['--log', 'loud', 'must be one of debug, info, warn, error'],
    ['--log-format', 'xml', 'must be one of auto, json, text'],
    ['--base-path', '', 'must not be empty'],
    ['--rpc-methods', 'all', 'must be one of auto, safe, unsafe'],
    ['--allow-origin', 'https://polkadot.js.org/', ORIGIN_RULE],
    ['--allow-origin', 'polkadot.js.org', ORIGIN_RULE],
  ])('%s %s is refused', (flag, value, reason) => {
    expect(faultOf([flag, value])).toEqual({ code: 'flag_invalid', flag, reason })
    const variable = environmentName(flag.slice(2))
    const fault = { code: 'flag_invalid', flag: variable, reason }
    expect(faultOf([], { [variable]: value })).toEqual(fault)
  })

  test('what names no setting is refused wherever it is said', () => {
    expect(faultOf(['--nope'])).toMatchObject({ code: 'flag_unknown' })
    expect(faultOf(['stray'])).toMatchObject({ code: 'flag_unknown' })
    const flag = 'environment variable TACIT_NODE_RPCPORT'
    expect(faultOf([], { TACIT_NODE_RPCPORT: '1' })).toEqual({ code: 'flag_unknown', flag })
    const path = config({ rpcPort: 1 })
    const inFile = { code: 'flag_unknown', flag: `rpcPort in ${path}` }
    expect(faultOf(['--config', path])).toEqual(inFile)
  })

  test.each([
    ['no file', undefined, 'config_unreadable'],
    ['no JSON', '{', 'config_unreadable'],
    ['no object', '[]', 'config_unreadable'],
    ['too long', ' '.repeat(65_537), 'config_unreadable'],
    ['a value that is none', { 'rpc-port': null }, 'flag_invalid'],
    ['a list where one value belongs', { 'rpc-port': [1, 2] }, 'flag_invalid'],
    ['a word where a switch belongs', { dev: 'yes' }, 'flag_invalid'],
  ])('a configuration file with %s is refused', (_, content, code) => {
    const path = content === undefined ? join(directory.path, 'none.json') : config(content)
    expect(faultOf(['--config', path])).toMatchObject({ code })
  })

  test('the help names every setting', () => {
    const usage = nodeUsage('tacit node run')
    for (const { name } of Object.values(NODE_SETTINGS)) expect(usage).toContain(`--${name}`)
  })
})
