import type { Worker } from 'node:worker_threads'
import { toHex } from '@tacit/base'
import { servePage, type PageServer } from '@tacit/console'
import { NodeError } from '@tacit/node'
import { TacitError } from '@tacit/sdk'
import { toJson, usageError, type Output } from '../output.ts'
import { startDevNetwork, type DevNetwork } from './network.ts'
import { createNarrator, type StoryResult } from './story-format.ts'
import { tellStory } from './story.ts'

/** Options of `tacit dev` as the command line gives them. */
export type DevOptions = {
  readonly rpcPort: string
  readonly pagePort: string
  readonly data?: string
  readonly once?: boolean
  readonly json?: boolean
  readonly verbose?: boolean
}

/** Log lines that an error shows when something takes too long. */
const KEPT_LOG_LINES = 5
/** Far more than either step takes on a slow machine. */
const STEP_TIMEOUT_MS = 60_000

/**
 * Runs the local network until the story is told or somebody interrupts.
 * @param rpcThread of the network's node, already loading.
 */
export async function runDev(
  options: DevOptions,
  output: Output,
  rpcThread: Worker,
): Promise<void> {
  const rpcPort = parsePort(options.rpcPort, '--rpc-port')
  const pagePort = parsePort(options.pagePort, '--page-port')
  const recent: string[] = []
  const log = (message: string): void => {
    recent.push(message)
    recent.splice(0, recent.length - KEPT_LOG_LINES)
    if (options.verbose) output.error(message)
  }
  const narrator = createNarrator(options.json ? () => {} : (line) => output.line(line))
  const directory = options.data === undefined ? {} : { directory: options.data }
  const starting = startDevNetwork({ rpcPort, rpcThread, log, ...directory }, narrator)
  const network = await inTime(starting, 'starting the network', recent).catch(coded)
  const interrupted = onceInterrupted()
  let page: PageServer | undefined
  try {
    const config = { rpcUrl: network.node.rpcUrl, genesisHash: toHex(network.chain.genesisHash) }
    page = await servePage(config, pagePort).catch((error: unknown) => portTaken(error, pagePort))
    const story = inTime(tellStory(network, narrator), 'the story', recent)
    const result = await Promise.race([story, interrupted])
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

/** @throws TacitError `step_timeout` with the last log lines, so that nobody waits for ever. */
async function inTime<T>(step: Promise<T>, what: string, recent: readonly string[]): Promise<T> {
  const late = Promise.withResolvers<never>()
  const timer = setTimeout(() => {
    const log = recent.length === 0 ? 'nothing was logged' : `last log lines:\n${recent.join('\n')}`
    late.reject(
      new TacitError({
        code: 'step_timeout',
        shortMessage: `${what} took longer than ${STEP_TIMEOUT_MS / 1_000} s; ${log}`,
        fix: 'Run it again with --verbose; if it happens twice, report the output.',
      }),
    )
  }, STEP_TIMEOUT_MS)
  try {
    return await Promise.race([step, late.promise])
  } finally {
    clearTimeout(timer)
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
