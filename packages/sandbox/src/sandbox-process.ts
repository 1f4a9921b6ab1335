import { spawn, type ChildProcess } from 'node:child_process'
import { join } from 'node:path'

import { encodeFrame, FrameReader } from './frame.ts'
import { confinementFlags, quickJsPath, SOURCES } from './confinement.ts'

/** How one exchange with the process ended. */
export type Exchange =
  | { readonly type: 'reply'; readonly body: Uint8Array }
  | { readonly type: 'deadline' }
  /** The process is gone, or sent what no frame can be. */
  | { readonly type: 'gone' }

export interface ProcessOptions {
  readonly memoryBytes: number
  readonly stackBytes: number
}

/** Far beyond what a start takes, even on a loaded machine. */
const START_DEADLINE_MS = 20_000

/**
 * A child process that answers one frame at a time. After a deadline or a fault it is dead and
 * stays dead; its owner starts another.
 */
export class SandboxProcess {
  readonly #child: ChildProcess
  readonly #exited: Promise<void>
  #waiting: ((exchange: Exchange) => void) | undefined
  #alive = true

  private constructor(options: ProcessOptions) {
    this.#child = spawn(process.execPath, commandLine(options), {
      env: {},
      stdio: ['pipe', 'pipe', 'ignore'],
      windowsHide: true,
    })
    this.#exited = new Promise((resolve) => {
      const gone = (): void => {
        this.#alive = false
        this.#settle({ type: 'gone' })
        process.off('exit', this.#kill)
        resolve()
      }
      this.#child.once('exit', gone)
      this.#child.once('error', gone)
    })
    const reader = new FrameReader((body) => this.#settle({ type: 'reply', body }), this.#kill)
    this.#child.stdout?.on('data', (chunk: Uint8Array) => reader.push(chunk))
    // A write to a process that has just died fails; its exit tells the same.
    this.#child.stdin?.on('error', () => {})
    process.on('exit', this.#kill)
  }

  /** Undefined where the process does not come up. */
  static async start(options: ProcessOptions): Promise<SandboxProcess | undefined> {
    const started = new SandboxProcess(options)
    const ready = await started.#await(START_DEADLINE_MS)
    if (ready.type === 'reply') return started
    await started.stop()
    return undefined
  }

  get alive(): boolean {
    return this.#alive
  }

  /** The process's id, for a test or a log. */
  get pid(): number | undefined {
    return this.#child.pid
  }

  /** Sends a frame and waits for one; kills the process at the deadline. */
  async exchange(body: Uint8Array, deadlineMs: number): Promise<Exchange> {
    if (!this.#alive) return { type: 'gone' }
    this.#child.stdin?.write(encodeFrame(body))
    return this.#await(deadlineMs)
  }

  /** Kills the process and waits until it is gone. */
  async stop(): Promise<void> {
    this.#kill()
    await this.#exited
  }

  readonly #kill = (): void => {
    this.#alive = false
    this.#child.kill('SIGKILL')
  }

  #await(deadlineMs: number): Promise<Exchange> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => {
        this.#kill()
        this.#settle({ type: 'deadline' })
      }, deadlineMs)
      this.#waiting = (exchange) => {
        clearTimeout(timer)
        resolve(exchange)
      }
    })
  }

  #settle(exchange: Exchange): void {
    const waiting = this.#waiting
    this.#waiting = undefined
    waiting?.(exchange)
  }
}

function commandLine({ memoryBytes, stackBytes }: ProcessOptions): string[] {
  return [
    ...confinementFlags(),
    // V8's stack must outlast QuickJS's own, or the outcome of deep recursion would depend on how
    // V8 compiled it (research/sandbox-ai.md, section 4). Below the 8 MiB that systems give.
    '--stack-size=4000',
    '--max-old-space-size=128',
    '--disallow-code-generation-from-strings',
    '--no-warnings',
    join(SOURCES, 'child.ts'),
    quickJsPath(),
    String(memoryBytes),
    String(stackBytes),
  ]
}
