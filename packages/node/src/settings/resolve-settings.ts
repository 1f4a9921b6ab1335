import { readFileSync } from 'node:fs'
import { parseArgs, type ParseArgsOptionsConfig } from 'node:util'
import { NodeError } from '../errors.ts'
import {
  environmentName,
  ENVIRONMENT_PREFIX,
  NODE_SETTINGS,
  type NodeSettings,
  type SettingSource,
} from './node-settings.ts'
import type { Setting } from './setting.ts'

/** What a command line comes to. */
export type Resolved = {
  /** What is asked for: to run, or only to be told something. */
  readonly action: 'run' | 'help' | 'print-settings'
  readonly settings: NodeSettings
  readonly sources: { readonly [K in keyof NodeSettings]: SettingSource }
}

type Given = { readonly source: SettingSource; readonly place: string; readonly texts: string[] }
type Key = keyof NodeSettings

const ENTRIES = Object.entries(NODE_SETTINGS) as [Key, Setting<unknown>][]
const CONFIG = 'config'
/** Far more than all settings together. */
const MAX_CONFIG_CHARACTERS = 65_536

/**
 * Reads the settings: a flag counts more than the environment, that more than the configuration
 * file, that more than the default. Throws `flag_unknown`, `flag_invalid` or `config_unreadable`.
 * @param environment variables TACIT_NODE_…; lists are separated by commas.
 */
export function resolveSettings(
  args: readonly string[],
  environment: { readonly [name: string]: string | undefined },
): Resolved {
  const flags = parseFlags(args)
  const variables = readEnvironment(environment)
  const path = textOf(flags[CONFIG]) ?? variables.get(CONFIG)?.texts[0]
  const file = path === undefined ? new Map<string, Given>() : readConfig(path)
  const chosen = ENTRIES.map(([key, setting]) => {
    const { name } = setting
    const given = givenByFlag(setting, flags[name]) ?? variables.get(name) ?? file.get(name)
    return [key, given ? parseGiven(setting, given) : setting.fallback, given?.source] as const
  })
  const settings = Object.fromEntries(chosen.map(([key, value]) => [key, value]))
  const sources = Object.fromEntries(chosen.map(([key, , source = 'default']) => [key, source]))
  return { action: actionOf(flags), settings, sources } as Resolved
}

type Flags = { readonly [name: string]: string | boolean | (string | boolean)[] | undefined }

function parseFlags(args: readonly string[]): Flags {
  const options: ParseArgsOptionsConfig = {
    [CONFIG]: { type: 'string' },
    'print-settings': { type: 'boolean' },
    help: { type: 'boolean', short: 'h' },
  }
  for (const [, { name, placeholder, isList }] of ENTRIES)
    options[name] = { type: placeholder ? 'string' : 'boolean', multiple: isList ?? false }
  try {
    return parseArgs({ args: [...args], options, strict: true, allowNegative: true }).values
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new NodeError({ code: 'flag_unknown', flag: reason }, { cause })
  }
}

function actionOf(flags: Flags): Resolved['action'] {
  if (flags['help'] === true) return 'help'
  return flags['print-settings'] === true ? 'print-settings' : 'run'
}

function textOf(value: Flags[string]): string | undefined {
  return typeof value === 'string' ? value : undefined
}

function givenByFlag({ name }: Setting<unknown>, value: Flags[string]): Given | undefined {
  if (value === undefined) return undefined
  const texts = (Array.isArray(value) ? value : [value]).map(String)
  return { source: 'flag', place: `--${name}`, texts }
}

/** A variable with our prefix that names no setting is a mistake: it would be passed over in silence. */
function readEnvironment(environment: {
  readonly [name: string]: string | undefined
}): Map<string, Given> {
  const known = new Map(ENTRIES.map(([, setting]) => [environmentName(setting.name), setting]))
  const found = new Map<string, Given>()
  for (const [place, value] of Object.entries(environment)) {
    if (!place.startsWith(ENVIRONMENT_PREFIX) || value === undefined) continue
    const setting = known.get(place)
    if (!setting && place !== environmentName(CONFIG))
      throw new NodeError({ code: 'flag_unknown', flag: `environment variable ${place}` })
    const texts = setting?.isList ? splitList(value) : [value]
    found.set(setting?.name ?? CONFIG, { source: 'environment', place, texts })
  }
  return found
}

function splitList(value: string): string[] {
  return value
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')
}

function readConfig(path: string): Map<string, Given> {
  const known = new Map(ENTRIES.map(([, setting]) => [setting.name, setting]))
  const found = new Map<string, Given>()
  for (const [name, value] of Object.entries(readObject(path))) {
    const place = `${name} in ${path}`
    const setting = known.get(name)
    if (!setting) throw new NodeError({ code: 'flag_unknown', flag: place })
    const values: readonly unknown[] = Array.isArray(value) && setting.isList ? value : [value]
    if (!values.every(isScalar))
      throw new NodeError({ code: 'flag_invalid', flag: place, reason: 'has a value of no use' })
    found.set(name, { source: 'file', place, texts: values.map(String) })
  }
  return found
}

function isScalar(value: unknown): value is string | number | boolean {
  return ['string', 'number', 'boolean'].includes(typeof value)
}

function readObject(path: string): object {
  try {
    const text = readFileSync(path, 'utf8')
    if (text.length > MAX_CONFIG_CHARACTERS) throw new Error('it is too long')
    const value: unknown = JSON.parse(text)
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value
    throw new Error('it is no object')
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new NodeError({ code: 'config_unreadable', path, reason }, { cause })
  }
}

function parseGiven(setting: Setting<unknown>, { place, texts }: Given): unknown {
  const parsed = setting.parse(texts)
  if (parsed.ok) return parsed.value
  throw new NodeError({ code: 'flag_invalid', flag: place, reason: parsed.error })
}
