import type { Worker } from 'node:worker_threads'
import type { JustifiedBlock } from '../../chain.ts'
import { NodeError } from '../../errors.ts'
import { openSession, type RpcSession, type SessionParts } from './session.ts'

/** Restarts within the window behind which the node gives up, and the first pause before one. */
export const MAX_RESTARTS = 5
const WINDOW_MS = 600_000
const FIRST_PAUSE_MS = 100
/** Justifications that may not be on the disk when the thread is started again. */
const KEPT_JUSTIFICATIONS = 64

export type SupervisorOptions = Omit<SessionParts, 'isHalted' | 'justifications'> & {
  /** Makes a thread that loads the RPC's code. */
  readonly createWorker: () => Worker
  /** The thread died too often. */
  readonly onFault: (fault: NodeError) => void
}

/** JSON-RPC in a thread of its own, which is started again when it dies. */
export class RpcSupervisor {
  readonly #options: SupervisorOptions
  readonly #justifications: JustifiedBlock[] = []
  readonly #stopListening: () => void
  #session: RpcSession | undefined
  #port: number
  #restarts: number[] = []
  #timer: NodeJS.Timeout | undefined
  #isHalted = false
  #isStopping = false

  constructor(options: SupervisorOptions) {
    this.#options = options
    this.#port = options.settings.port
    this.#stopListening = options.chain.onJustified((block) => {
      this.#justifications.push(block)
      if (this.#justifications.length > KEPT_JUSTIFICATIONS) this.#justifications.shift()
    })
  }

  /** Where it listens, also behind a restart. */
  get port(): number {
    return this.#port
  }

  /** Throws what keeps it from listening the first time: `port_taken` or `rpc_failed`. */
  async start(): Promise<void> {
    const session = this.#open()
    try {
      this.#port = await session.listening
    } catch (cause) {
      await this.stop()
      throw cause instanceof NodeError ? cause : rpcFailed(0, String(cause), cause)
    }
    this.#watch(session)
  }

  /** Nothing is sealed any more: health says so. */
  halted(): void {
    this.#isHalted = true
    this.#session?.halted()
  }

  async drain(): Promise<void> {
    this.#isStopping = true
    clearTimeout(this.#timer)
    await this.#session?.drain()
  }

  async stop(): Promise<void> {
    this.#isStopping = true
    clearTimeout(this.#timer)
    this.#stopListening()
    await this.#session?.stop()
  }

  #open(): RpcSession {
    const { createWorker, settings, chain, pool, log } = this.#options
    this.#session = openSession(createWorker(), {
      chain,
      pool,
      log,
      settings: { ...settings, port: this.#port },
      justifications: [...this.#justifications],
      isHalted: this.#isHalted,
    })
    return this.#session
  }

  #watch(session: RpcSession): void {
    void session.ended.then((reason) => this.#onEnd(reason))
  }

  #onEnd(reason: string): void {
    this.#session = undefined
    if (this.#isStopping) return
    const { log, onFault } = this.#options
    const nowMs = performance.now()
    this.#restarts = this.#restarts.filter((atMs) => atMs > nowMs - WINDOW_MS)
    const restarts = this.#restarts.length
    log('error', 'the RPC thread died', { code: 'rpc_thread_died', reason, restarts })
    if (restarts >= MAX_RESTARTS) return onFault(rpcFailed(restarts, reason))
    this.#restarts.push(nowMs)
    this.#timer = setTimeout(() => this.#restart(), FIRST_PAUSE_MS * 2 ** restarts)
  }

  #restart(): void {
    const session = this.#open()
    this.#watch(session)
    session.listening.then(
      (port) => this.#options.log('info', 'the RPC thread is back', { port }),
      // It did not come to listening: it ends, which counts as another death.
      () => void session.stop(),
    )
  }
}

function rpcFailed(restarts: number, reason: string, cause?: unknown): NodeError {
  return new NodeError({ code: 'rpc_failed', restarts, reason }, { cause })
}
