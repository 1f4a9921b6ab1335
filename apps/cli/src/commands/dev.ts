import type { Command } from 'commander'
import { servePage, type PageServer } from '@tacit/console'
import { NodeError } from '@tacit/node'
import { TacitError } from '@tacit/sdk'
import { startDevNetwork, type DevNetwork } from '../dev/network.ts'
import { createNarrator, type StoryResult } from '../dev/story-format.ts'
import { tellStory } from '../dev/story.ts'
import { toJson, usageError, type Output } from '../output.ts'

type DevOptions = {
  readonly rpcPort: string
  readonly pagePort: string
  readonly data?: string
  readonly once?: boolean
  readonly json?: boolean
  readonly verbose?: boolean
}

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
    .action(async (options: DevOptions) => runDev(options, output))
}

async function runDev(options: DevOptions, output: Output): Promise<void> {
  const rpcPort = parsePort(options.rpcPort, '--rpc-port')
  const pagePort = parsePort(options.pagePort, '--page-port')
  const log = options.verbose ? (message: string): void => output.error(message) : () => {}
  const narrator = createNarrator(options.json ? () => {} : (line) => output.line(line))
  const directory = options.data === undefined ? {} : { directory: options.data }
  const network = await startDevNetwork({ rpcPort, log, ...directory }, narrator).catch(coded)
  const interrupted = onceInterrupted()
  let page: PageServer | undefined
  try {
    const config = { rpcUrl: network.node.rpcUrl, genesisHash: hexOf(network) }
    page = await servePage(config, pagePort).catch((error: unknown) => portTaken(error, pagePort))
    const result = await Promise.race([tellStory(network, narrator), interrupted])
    if (result === undefined) return
    if (options.json) output.line(toJson(result))
    if (options.once) return
    if (!options.json) for (const line of closing(network, page, result)) output.line(line)
    await interrupted
  } finally {
    await page?.close()
    await network.stop()
  }
}

function closing(network: DevNetwork, page: PageServer, result: StoryResult): readonly string[] {
  const { id } = result.contract
  return [
    `   done after ${(result.elapsedMs / 1_000).toFixed(1)} s`,
    '',
    `RPC   ${network.node.rpcUrl}   (polkadot-api connects here)`,
    `Page  ${page.url}`,
    'Try, in another terminal:',
    `  npx tacit contract query ${id} fill --as //Bob --rpc ${network.node.rpcUrl}`,
    `  npx tacit account show //Worker --rpc ${network.node.rpcUrl}`,
    `  npx tacit verify ${result.receipt.file} --checkpoint ${result.genesisHash}`,
    'Ctrl-C stops the network.',
  ]
}

function hexOf({ chain }: DevNetwork): string {
  return `0x${Buffer.from(chain.genesisHash).toString('hex')}`
}

/** Resolves at the first SIGINT or SIGTERM; a second one ends the process at once. */
function onceInterrupted(): Promise<undefined> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      process.once(signal, () => resolve(undefined))
    }
  })
}

function parsePort(text: string, flag: string): number {
  if (/^\d{1,5}$/.test(text) && Number(text) < 65_536) return Number(text)
  throw usageError(`${flag} ${text} is no port`, 'Give a number from 0 to 65535.')
}

/** A node's fault has its fix in its message. */
function coded(error: unknown): never {
  if (!(error instanceof NodeError)) throw error
  if (error.fault.code === 'port_taken') throw taken(error.fault.port, '--rpc-port')
  throw new TacitError({
    code: error.code,
    shortMessage: error.message,
    fix: 'Correct what is named and start again.',
    cause: error,
  })
}

function portTaken(error: unknown, port: number): never {
  const isTaken = error instanceof Error && 'code' in error && error.code === 'EADDRINUSE'
  throw isTaken ? taken(port, '--page-port') : error
}

function taken(port: number, flag: string): TacitError {
  return new TacitError({
    code: 'port_taken',
    shortMessage: `Port ${port} on 127.0.0.1 is taken by another program`,
    fix: `Stop that program, or choose another port: npm start -- ${flag} ${port + 10}`,
  })
}
