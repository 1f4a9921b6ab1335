import { spawn, type ChildProcess, type StdioOptions } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

const MAIN = fileURLToPath(new URL('../main.ts', import.meta.url))

/** A node in a process of its own. */
export type NodeProcess = {
  readonly pid: number
  readonly rpcUrl: string
  /** Milliseconds from the process's start until its RPC listened. */
  readonly readyMs: number
  /** Sends the signal and waits for the end; the exit code, or the signal. */
  end(signal: NodeJS.Signals): Promise<number | NodeJS.Signals>
  /** Waits for an end that the node comes to by itself. */
  ended(): Promise<Pick<Ended, 'code' | 'stderr'>>
}

/** What a process printed and how it ended. */
export type Ended = {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** @param maxFileBytes the node may not make a file larger than this. */
export async function spawnNode(
  flags: readonly string[],
  maxFileBytes?: number,
): Promise<NodeProcess> {
  const child = launch(flags, maxFileBytes)
  const ended = once(child, 'exit') as Promise<[number | null, NodeJS.Signals | null]>
  let errors = ''
  child.stderr?.on('data', (data: Buffer) => (errors += data.toString()))
  const lines = createInterface({ input: child.stdout ?? process.stdin })
  const first = await Promise.race([once(lines, 'line'), ended.then(() => [undefined])])
  const [line] = first as [string | undefined]
  if (line === undefined) throw new Error(`the node did not start: ${errors}`)
  const { rpcUrl, readyMs } = JSON.parse(line) as { rpcUrl: string; readyMs: number }
  return {
    pid: child.pid ?? 0,
    rpcUrl,
    readyMs,
    end: async (signal) => {
      child.kill(signal)
      const [code, by] = await ended
      return code ?? by ?? 'SIGKILL'
    },
    ended: async () => {
      const [code] = await ended
      return { code, stderr: errors }
    },
  }
}

/** Runs a node that ends by itself. */
export async function runNode(flags: readonly string[]): Promise<Ended> {
  const child = launch(flags)
  const out = { stdout: '', stderr: '' }
  child.stdout?.on('data', (data: Buffer) => (out.stdout += data.toString()))
  child.stderr?.on('data', (data: Buffer) => (out.stderr += data.toString()))
  const [code] = (await once(child, 'close')) as [number | null]
  return { code, ...out }
}

/** Kills a node at some moment of its start, ready or not. */
export async function killStart(flags: readonly string[], afterMs: number): Promise<void> {
  const child = launch(flags)
  const ended = once(child, 'exit')
  setTimeout(() => child.kill('SIGKILL'), afterMs)
  await ended
}

function launch(flags: readonly string[], maxFileBytes?: number): ChildProcess {
  const stdio: StdioOptions = ['ignore', 'pipe', 'pipe']
  if (maxFileBytes === undefined) return spawn(process.execPath, [MAIN, ...flags], { stdio })
  const limited = `ulimit -f ${Math.floor(maxFileBytes / 512)}; exec "$0" "$@"`
  return spawn('sh', ['-c', limited, process.execPath, MAIN, ...flags], { stdio })
}
