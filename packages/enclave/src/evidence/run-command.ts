import { spawn } from 'node:child_process'
import { concatBytes, ok, type Result } from '@tacit/base'
import { unavailable, type EvidenceError } from './evidence-source.ts'

/**
 * Runs a helper program and gives its standard output. No shell, no environment but a plain
 * locale, no standard input; its standard error is dropped. It and what it started are killed
 * when the signal aborts or the output is too long.
 * @param file an absolute path: nothing is searched for.
 */
export function runCommand(
  file: string,
  args: readonly string[],
  maxBytes: number,
  signal: AbortSignal,
): Promise<Result<Uint8Array, EvidenceError>> {
  return new Promise((resolve) => {
    const child = spawn(file, args, {
      stdio: ['ignore', 'pipe', 'ignore'],
      env: { LC_ALL: 'C' },
      detached: true,
    })
    const chunks: Uint8Array[] = []
    let length = 0
    const finish = (result: Result<Uint8Array, EvidenceError>): void => {
      signal.removeEventListener('abort', stop)
      resolve(result)
    }
    const kill = (): void => {
      if (child.pid !== undefined) killGroup(child.pid)
      child.stdout.destroy()
    }
    const stop = (): void => {
      kill()
      finish(unavailable('timeout'))
    }
    signal.addEventListener('abort', stop)
    child.once('error', () => finish(unavailable('command_missing')))
    child.stdout.on('data', (chunk: Uint8Array) => {
      length += chunk.length
      chunks.push(chunk)
      if (length <= maxBytes) return
      kill()
      finish(unavailable('answer_too_large'))
    })
    child.once('close', (code, by) => {
      if (by !== null) finish(unavailable('command_killed'))
      else if (code !== 0) finish(unavailable('command_failed'))
      else finish(ok(concatBytes(...chunks)))
    })
  })
}

/** Helpers of the helper too; a group that is gone already is no fault. */
function killGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL')
  } catch {
    // It ended in the meantime.
  }
}
