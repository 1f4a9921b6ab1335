import { createRpcWorker } from '@tacit/node/rpc-worker'
import type { Command } from 'commander'
import type { DevOptions } from '../dev/run-dev.ts'
import type { Output } from '../output.ts'

const HELP = `
Examples:
  npm start
  npm start -- --once --json

Every start makes a fresh chain under a fresh development root; its receipts are worth nothing
elsewhere. --once ends with 0 after the story. A failed step ends with 1 and says why.

Errors: port_taken (choose another with --rpc-port or --page-port), story_broken, and the code of
whatever step failed. Not yet: several validators, keeping a network over restarts.
`

export function addDevCommand(program: Command, output: Output): void {
  program
    .command('dev')
    .description('Start a local network, show one confidential call, paid and proved, and stay up.')
    .option('--rpc-port <port>', 'JSON-RPC port, 0 for any free one', '9944')
    .option('--page-port <port>', 'port of the page, 0 for any free one', '9945')
    .option('--data <folder>', 'keep chain and receipt there (default: a temporary folder)')
    .option('--once', 'end after the story')
    .option('--json', 'print one JSON object instead of the story')
    .option('--verbose', 'log what node and workers do to standard error')
    .addHelpText('after', HELP)
    .action(async (options: DevOptions) => {
      // It loads beside the rest, on the other core.
      const rpcThread = createRpcWorker()
      const { runDev } = await import('../dev/run-dev.ts')
      await runDev(options, output, rpcThread)
    })
}
