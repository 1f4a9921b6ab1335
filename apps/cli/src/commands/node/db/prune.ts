import type { Command } from 'commander'
import { pruneArchive } from '@tacit/node/database'
import { toJson, type Output } from '../../../output.ts'
import { onTarget, withTarget, type DbOptions } from './options.ts'

const HELP = `
Stop the node first, and start it with --retention BLOCKS afterwards. The file does not shrink: its
pages are used again.

Errors: database_pruned (it is no archive), database_absent, base_path_in_use.
`

export function addPruneCommand(group: Command, output: Output): void {
  withTarget(group.command('prune').description("Let go of an archive's old states, for good."))
    .addHelpText('after', HELP)
    .action(async (options: DbOptions) => {
      const oldestState = await onTarget(options, ({ directory }) => pruneArchive(directory))
      if (options.json) output.line(toJson({ oldestState }))
      else output.line(`states from block ${oldestState} on are left`)
    })
}
