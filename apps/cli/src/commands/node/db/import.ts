import type { Command } from 'commander'
import { native } from '@tacit/crypto/native'
import { genesisHashOf, importState } from '@tacit/node/database'
import { plain, toJson, type Output } from '../../../output.ts'
import { onTarget, stateFileError, withTarget, type DbOptions } from './options.ts'

const HELP = `
Example:
  npx tacit node db import state.zst --base-path new --chain-spec chain.json

Trust comes from the specification alone: the file must lead from its genesis to the state. Blocks
before the state are absent. With the authority's key in the new directory, be sure that no node
signs on the old database any more: two would make two chains.

Errors: target_not_empty, state_file_genesis, state_file_not_justified, state_file_root,
state_file_authorities, state_file_checksum, state_file_truncated, state_file_malformed,
state_file_unknown, state_file_unreadable, disk_full, base_path_in_use.
`

export function addImportCommand(group: Command, output: Output): void {
  withTarget(
    group.command('import').description('Make a database that begins at an exported state.'),
  )
    .argument('<file>', 'what tacit node db export wrote')
    .addHelpText('after', HELP)
    .action(async (file: string, options: DbOptions) => {
      const imported = await onTarget(options, ({ spec, directory }) =>
        importState(file, directory, { genesisHash: genesisHashOf(spec), crypto: native }),
      )
      if (!imported.ok) throw stateFileError(imported.error)
      const { number, entries } = imported.value
      if (options.json) output.line(toJson(plain(imported.value)))
      else output.line(`the chain begins at block ${number}: ${entries} entries`)
    })
}
