import { join } from 'node:path'
import type { Command } from 'commander'
import { NodeError, type ChainSpec } from '@tacit/node'
import { describeStateFileError, readChainSpec, type StateFileError } from '@tacit/node/database'
import { TacitError } from '@tacit/sdk'

/** What every command on a database takes. */
export type DbOptions = {
  readonly basePath: string
  readonly chainSpec?: string
  readonly json?: boolean
}

/** A database's directory, and the chain that it is of. */
export type Target = { readonly spec: ChainSpec; readonly directory: string }

/** Adds the options by which a database is named. */
export function withTarget(command: Command): Command {
  return command
    .option('--base-path <dir>', 'where the chain lies', '.tacit')
    .option('--chain-spec <file>', 'the chain, as JSON (default: DIR/chain-spec.json)')
    .option('--json', 'print one JSON object')
}

/** Runs a step on the database that the options name; faults of the node become errors here. */
export async function onTarget<T>(
  { basePath, chainSpec = join(basePath, 'chain-spec.json') }: DbOptions,
  step: (target: Target) => Promise<T>,
): Promise<T> {
  try {
    const spec = readChainSpec(chainSpec)
    return await step({ spec, directory: join(basePath, spec.id) })
  } catch (fault) {
    if (!(fault instanceof NodeError)) throw fault
    throw toTacitError(fault)
  }
}

/** A node's message says what happened and, behind the first semicolon, what to do. */
function toTacitError({ code, message, fault }: NodeError): TacitError {
  const [shortMessage = message, ...rest] = message.split('; ')
  const fix = rest.join('; ') || 'Look at the path and the disk.'
  return new TacitError({ code, shortMessage, fix, details: { ...fault } })
}

export function stateFileError(error: StateFileError): TacitError {
  const [shortMessage, fix] = describeStateFileError(error)
  return new TacitError({ code: error.code, shortMessage, fix, details: { ...error } })
}

/** Bytes for people: 4.2 MB. */
export function formatBytes(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB']
  const unit = Math.min(units.length - 1, Math.floor(Math.log10(Math.max(bytes, 1)) / 3))
  return `${(bytes / 1_000 ** unit).toFixed(unit === 0 ? 0 : 1)} ${units[unit]}`
}
