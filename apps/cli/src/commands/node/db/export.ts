import { InvalidArgumentError, Option, type Command } from 'commander'
import { COMPRESSIONS, exportDatabase, type Compression } from '@tacit/node/database'
import { plain, toJson, type Output } from '../../../output.ts'
import { onTarget, stateFileError, withTarget, type DbOptions } from './options.ts'

type Options = DbOptions & {
  readonly out: string
  readonly block?: number
  readonly compression: Compression
}

const HELP = `
Example:
  npx tacit node db export --base-path .tacit --out state.zst

Stop the node first. The file has the state, its header and justification, and what leads there from
genesis: whoever knows the genesis hash can check all of it.

Errors: state_unavailable, state_not_justified, state_file_exists, disk_full, base_path_in_use.
`

export function addExportCommand(group: Command, output: Output): void {
  withTarget(group.command('export').description("Write a block's state into a file."))
    .requiredOption('--out <file>', 'must not exist')
    .option('--block <number>', 'default: the newest justified one', parseNumber)
    .addOption(new Option('--compression <kind>').choices([...COMPRESSIONS]).default('zstd'))
    .addHelpText('after', HELP)
    .action(async (options: Options) => {
      const { out, block: number, compression } = options
      const chosen = { compression, ...(number !== undefined && { number }) }
      const exported = await onTarget(options, ({ directory }) =>
        exportDatabase(directory, out, chosen),
      )
      if (!exported.ok) throw stateFileError(exported.error)
      const { entries, number: block } = exported.value
      if (options.json) output.line(toJson(plain(exported.value)))
      else output.line(`state of block ${block}: ${entries} entries in ${out}`)
    })
}

function parseNumber(text: string): number {
  const number = Number(text)
  if (!/^\d+$/.test(text) || number > 0xffff_ffff) throw new InvalidArgumentError('no block number')
  return number
}
