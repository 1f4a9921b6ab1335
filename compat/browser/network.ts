import { spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

/** A network whose story is told, and its page. */
export type Network = {
  readonly pageUrl: string
  /** Path of a receipt; undefined where none was named. */
  readonly receipt: string | undefined
  /** Whether stop() takes the node away. */
  readonly isOwn: boolean
  stop(): Promise<void>
}

/** The network that the environment names, or a fresh one on free ports. */
export async function startNetwork(): Promise<Network> {
  const pageUrl = process.env['TACIT_PAGE_URL']
  if (pageUrl === undefined) return startOwn()
  const receipt = process.env['TACIT_RECEIPT']
  return { pageUrl, receipt, isOwn: false, stop: async () => {} }
}

async function startOwn(): Promise<Network> {
  const data = await mkdtemp(join(tmpdir(), 'tacit-page-'))
  const main = join(import.meta.dirname, '../../apps/cli/src/main.ts')
  const args = [main, 'dev', '--rpc-port', '0', '--page-port', '0', '--data', data]
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  const stop = async (): Promise<void> => {
    child.kill('SIGTERM')
    await ended
    await rm(data, { recursive: true, force: true })
  }
  try {
    const pageUrl = await Promise.race([readPageUrl(child.stdout), ended.then(() => undefined)])
    if (pageUrl === undefined) throw new Error('tacit dev ended before it named its page')
    return { pageUrl, receipt: join(data, 'receipt.json'), isOwn: true, stop }
  } catch (error) {
    await stop()
    throw error
  }
}

/** The line `Page  http://...` comes when the story is told. */
async function readPageUrl(output: NodeJS.ReadableStream): Promise<string | undefined> {
  const lines = createInterface({ input: output })
  const found = Promise.withResolvers<string | undefined>()
  lines.on('line', (line) => {
    console.log(`  | ${line}`)
    const url = /^Page\s+(http:\S+)/.exec(line)?.[1]
    if (url !== undefined) found.resolve(url)
  })
  lines.once('close', () => found.resolve(undefined))
  return found.promise
}
