import { spawn, type ChildProcess } from 'node:child_process'
import { join } from 'node:path'

/** How a process of the command line ended. */
export type Ended = { readonly code: number; readonly stdout: string; readonly stderr: string }

const MAIN = join(import.meta.dirname, '../src/main.ts')

/** Starts the command line with the Node that runs the tests. */
export function startCli(args: readonly string[]): ChildProcess {
  return spawn(process.execPath, [MAIN, ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
}

/** Runs the command line to its end. */
export function runCli(...args: readonly string[]): Promise<Ended> {
  const child = startCli(args)
  const out = { stdout: '', stderr: '' }
  child.stdout?.on('data', (chunk: Buffer) => (out.stdout += chunk.toString()))
  child.stderr?.on('data', (chunk: Buffer) => (out.stderr += chunk.toString()))
  return new Promise((resolve) =>
    child.once('close', (code) => resolve({ code: code ?? -1, ...out })),
  )
}

/** Resolves with all lines of output once one of them fits. */
export function untilLine(child: ChildProcess, fits: (line: string) => boolean): Promise<string[]> {
  return new Promise((resolve, reject) => {
    let text = ''
    child.stdout?.on('data', (chunk: Buffer) => {
      text += chunk.toString()
      const lines = text.trimEnd().split('\n')
      if (lines.some(fits)) resolve(lines)
    })
    child.once('close', () => reject(new Error(`ended before the line came:\n${text}`)))
  })
}
