import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

/** A node process with a fresh development chain, on a free port. */
export async function startNode(): Promise<{ url: string; stop(): Promise<void> }> {
  const basePath = mkdtempSync(join(tmpdir(), 'tacit-clients-'))
  const main = join(import.meta.dirname, '../../../packages/node/src/main.ts')
  const flags = ['--dev', '--base-path', basePath, '--rpc-port', '0', '--log', 'warn']
  const child = spawn(process.execPath, [main, ...flags], { stdio: ['ignore', 'pipe', 'inherit'] })
  const ended = once(child, 'exit')
  const stop = async (): Promise<void> => {
    child.kill('SIGTERM')
    await ended
    rmSync(basePath, { recursive: true })
  }
  for await (const line of createInterface(child.stdout)) {
    const { rpcUrl } = JSON.parse(line) as { rpcUrl: string }
    return { url: rpcUrl, stop }
  }
  throw new Error('the node did not start')
}
