import { availableParallelism } from 'node:os'
import { err, ok, type Result } from '@tacit/base'
import type { CryptoProvider, SignatureCheck } from '@tacit/crypto'
import type { Log } from '../../log.ts'
import { startThread, type SignatureThread, type StartThread } from './thread.ts'
import {
  createWaitingQueue,
  type SignatureFault,
  type Waiting,
  type WaitingLimits,
  type WaitingQueue,
} from './waiting.ts'

export type SignatureCounts = {
  /** Checks that threads decided. */
  readonly onThreads: number
  /** Checks that the calling thread decided while no other was ready. */
  readonly onCaller: number
  readonly waiting: number
  readonly threads: number
  /** Threads that died. */
  readonly faults: number
}

export type CheckerOptions = {
  readonly crypto: Pick<CryptoProvider, 'verify'>
  readonly log: Log
  /** Most threads; 0 leaves all to the calling thread. Default one less than the cores, at least 1. */
  readonly threads?: number
  /** Checks that may wait, and bytes of them. */
  readonly limits?: WaitingLimits
  readonly start?: StartThread
}

const LIMITS: WaitingLimits = { checks: 8_192, bytes: 16 * 1024 * 1024 }
/** Checks of one batch: about ten milliseconds of sr25519. */
const BATCH = 32
/** Batches with a thread at which it is busy: it has the next when it ends one, and another starts. */
const BUSY_BATCHES = 2
/** Batches with a thread at most: it goes on while the calling thread makes a block. */
const OPEN_BATCHES = 8
/** What the calling thread checks in one turn while no other is ready: about three milliseconds. */
const CALLER_BATCH = 8
/** Threads that died in a row without an answer, behind which no other is started. */
const MAX_VAIN_STARTS = 3

/**
 * Decides signatures away from the thread that makes blocks. Checks go to threads in batches,
 * gathered per turn of the event loop. The first check starts the first thread, and a further one
 * starts when all are busy; until one is ready, the caller's thread checks a few per turn, so that
 * nobody waits for a start.
 */
export class SignatureChecker {
  readonly #options: CheckerOptions
  readonly #mostThreads: number
  readonly #threads = new Set<SignatureThread>()
  readonly #queue: WaitingQueue
  #isDue = false
  #isStopped = false
  #vainStarts = 0
  #onThreads = 0
  #onCaller = 0
  #faults = 0

  constructor(options: CheckerOptions) {
    this.#options = options
    this.#mostThreads = options.threads ?? Math.max(1, availableParallelism() - 1)
    this.#queue = createWaitingQueue(options.limits ?? LIMITS)
  }

  get counts(): SignatureCounts {
    return {
      onThreads: this.#onThreads,
      onCaller: this.#onCaller,
      waiting: this.#queue.size,
      threads: this.#threads.size,
      faults: this.#faults,
    }
  }

  /** Asks for an answer; `signatures_busy` at once where too many wait. */
  async check(check: SignatureCheck): Promise<Result<boolean, SignatureFault>> {
    if (this.#isStopped) return err({ code: 'signatures_unavailable' })
    const { promise, resolve } = Promise.withResolvers<Result<boolean, SignatureFault>>()
    const isTaken = this.#queue.offer({ check, settle: resolve, isRetried: false })
    if (!isTaken) return err({ code: 'signatures_busy' })
    this.#schedule()
    return await promise
  }

  /** Ends the threads; whoever waits gets `signatures_unavailable`. */
  async stop(): Promise<void> {
    this.#isStopped = true
    giveUp(this.#queue.take(this.#queue.size))
    for (const thread of this.#threads) giveUp(await thread.end())
    this.#threads.clear()
  }

  #schedule(): void {
    if (this.#isDue || this.#isStopped) return
    this.#isDue = true
    setImmediate(() => this.#run())
  }

  #run(): void {
    this.#isDue = false
    const queue = this.#queue
    const ready = [...this.#threads].filter(({ isReady }) => isReady)
    this.#give(ready, BUSY_BATCHES)
    if (queue.size === 0 || this.#isStopped) return
    const isStarting = this.#threads.size > ready.length
    const areBusy = ready.length === 0 || queue.size >= BATCH
    if (areBusy && !isStarting && this.#threads.size < this.#mostThreads) this.#startOne()
    this.#give(ready, OPEN_BATCHES)
    if (ready.length === 0) this.#checkHere()
  }

  #give(threads: readonly SignatureThread[], most: number): void {
    const queue = this.#queue
    for (let round = 0; round < most; round++) {
      // Who is at work already gets whole batches: each wakes two threads.
      const least = round === 0 ? 1 : BATCH
      for (const thread of threads)
        if (queue.size >= least && thread.openBatches <= round) thread.give(queue.take(BATCH))
    }
  }

  #checkHere(): void {
    for (const { check, settle } of this.#queue.take(CALLER_BATCH)) {
      this.#onCaller++
      settle(ok(this.#options.crypto.verify(check)))
    }
    if (this.#queue.size > 0) this.#schedule()
  }

  #startOne(): void {
    if (this.#vainStarts >= MAX_VAIN_STARTS) return
    const { start = startThread } = this.#options
    const thread = start({
      onFree: () => this.#schedule(),
      onAnswers: (batch, answers) => this.#onAnswers(batch, answers),
      onDeath: (left, reason, dead) => this.#onDeath(left, reason, dead),
    })
    this.#threads.add(thread)
  }

  #onAnswers(batch: readonly Waiting[], answers: Uint8Array): void {
    this.#vainStarts = 0
    this.#onThreads += batch.length
    for (const [at, { settle }] of batch.entries()) settle(ok(answers[at] === 1))
  }

  #onDeath(left: readonly Waiting[], reason: string, thread: SignatureThread): void {
    this.#threads.delete(thread)
    this.#faults++
    this.#vainStarts++
    this.#options.log('error', 'a signature thread died', { reason, unanswered: left.length })
    giveUp(left.filter(({ isRetried }) => isRetried))
    for (const one of left) if (!one.isRetried) this.#queue.putFirst({ ...one, isRetried: true })
    this.#schedule()
  }
}

function giveUp(waiting: readonly Waiting[]): void {
  for (const { settle } of waiting) settle(err({ code: 'signatures_unavailable' }))
}
