import type { Worker } from 'node:worker_threads'
import type { JustifiedBlock } from '../../chain.ts'
import { NodeError } from '../../errors.ts'
import { openSession, type RpcSession, type SessionParts } from './session.ts'

/** The pause before a restart: it doubles with each death of the last ten minutes, up to a minute. */
const FIRST_PAUSE_MS = 100
const LONGEST_PAUSE_MS = 60_000
const WINDOW_MS = 600_000
/** Justifications that may not be on the disk when the thread is started again. */
const KEPT_JUSTIFICATIONS = 64

export type SupervisorOptions = Omit<SessionParts, 'isHalted' | 'justifications'> & {
  /** Makes a thread that loads the RPC's code. */
  readonly createWorker: () => Worker
}

/**
 * JSON-RPC in a thread of its own, which is started again whenever it dies: whoever finds what kills
 * it takes the RPC down, and not the chain.
 */
export class RpcSupervisor {
  readonly #options: SupervisorOptions
  readonly #justifications: JustifiedBlock[] = []
  readonly #stopListening: () => void
  #session: RpcSession | undefined
  #port: number
  /** When it died lately, of the monotone clock. */
  #deaths: number[] = []
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
      throw cause instanceof NodeError
        ? cause
        : new NodeError({ code: 'rpc_failed', reason: String(cause) }, { cause })
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
    const nowMs = performance.now()
    this.#deaths = this.#deaths.filter((atMs) => atMs > nowMs - WINDOW_MS)
    const againInMs = Math.min(FIRST_PAUSE_MS * 2 ** this.#deaths.length, LONGEST_PAUSE_MS)
    this.#deaths.push(nowMs)
    const fields = { code: 'rpc_thread_died', reason, againInMs }
    this.#options.log('error', 'the RPC thread died', fields)
    this.#timer = setTimeout(() => this.#restart(), againInMs)
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
