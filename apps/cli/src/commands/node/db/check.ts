import type { Command } from 'commander'
import { native } from '@tacit/crypto/native'
import { checkDatabase, type CheckProgress, type DatabaseFlaw } from '@tacit/node/database'
import { EXIT, plain, toJson, type Output } from '../../../output.ts'
import { onTarget, withTarget, type DbOptions } from './options.ts'

const HELP = `
Recomputes state root, trie nodes, hashes, signatures and past states. Stop the node first. Ends with
1 if there is a flaw; a flaw has a code and says where it is.

Errors: database_absent, database_corrupt, base_path_in_use, chain_spec_unreadable.
`
/** Flaws that are printed one by one. */
const MAX_SHOWN = 100

export function addCheckCommand(group: Command, output: Output): void {
  withTarget(group.command('check').description('Look for damage in the database.'))
    .addHelpText('after', HELP)
    .action(async (options: DbOptions) => {
      const shown: object[] = []
      const onFlaw = (flaw: DatabaseFlaw): void => {
        if (shown.length >= MAX_SHOWN) return
        shown.push(plain(flaw))
        if (!options.json) output.line(`flaw: ${toJson(plain(flaw))}`)
      }
      const onProgress = (progress: CheckProgress): void => {
        if (!options.json) output.error(describe(progress))
      }
      const checked = await onTarget(options, ({ directory }) =>
        checkDatabase(directory, { crypto: native, onFlaw, onProgress }),
      )
      const { blocks, values, flaws } = checked
      if (options.json) output.line(toJson({ blocks, values, flaws, shown }))
      else output.line(`${blocks} blocks, ${values} values, ${flaws} flaws`)
      if (flaws > 0) process.exitCode = EXIT.rejected
    })
}

function describe({ step, done, of }: CheckProgress): string {
  return `${step} ${done} of ${of}`
}
