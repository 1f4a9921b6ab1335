import { InvariantError, toHex, unwrap, type Hash } from '@tacit/base'
import type { CryptoProvider } from '@tacit/crypto'
import { consensusStorage, type Head } from '@tacit/runtime'
import type { Application } from '../application.ts'
import type { PublishingChain } from '../chain.ts'
import { NodeError } from '../errors.ts'
import type { ExecutedBlock } from '../executor.ts'
import type { Log } from '../log.ts'
import type { Pool } from '../pool/pool.ts'
import type { Store } from '../storage/store.ts'
import { nextTimestamp } from './next-timestamp.ts'
import { checkConflict, signJustification, type AuthorityKey } from './signer.ts'

/** What the engine needs of the store beside what the application does with it. */
export type EngineStore = Pick<
  Store,
  'flushed' | 'header' | 'justification' | 'lastSigned' | 'putJustification' | 'stateAt'
>

export type EmbeddedEngineOptions = {
  readonly app: Application
  readonly store: EngineStore
  readonly chain: PublishingChain
  readonly pool: Pool
  readonly key: AuthorityKey
  readonly crypto: CryptoProvider
  readonly log: Log
  /** Unix milliseconds. */
  readonly now: () => number
  /** Without work a block is sealed every so many milliseconds. */
  readonly heartbeatMs: number
  /** Least milliseconds between two blocks; work that comes sooner is gathered. */
  readonly minBlockMs: number
  /** Called once, with the fault for which nothing is sealed any more. */
  readonly onHalt: (fault: NodeError) => void
}

const CLOCK_RETRY_MS = 1_000

/**
 * Seals blocks in one process, at once when there is work. Per block, in this order: commit (block,
 * state and the promise to sign, one transaction), flush, sign, publish.
 */
export class EmbeddedEngine {
  readonly #options: EmbeddedEngineOptions
  #stopWatching: () => void = () => {}
  #timer: NodeJS.Timeout | undefined
  #sealing: Promise<void> | undefined
  /** Of the monotone clock. */
  #lastSealMs = 0
  #waitUntilMs = 0
  #stopped = false

  constructor(options: EmbeddedEngineOptions) {
    this.#options = options
  }

  /** Justifies what a crash left unjustified, then begins to seal. */
  start(): void {
    this.#justifyTail()
    this.#stopWatching = this.#options.pool.onReady(() => this.#schedule())
    this.#lastSealMs = performance.now()
    this.#schedule()
  }

  /** Finishes the block that is being sealed and seals no other. */
  async stop(): Promise<void> {
    this.#stopped = true
    this.#stopWatching()
    clearTimeout(this.#timer)
    await this.#sealing
  }

  /** Seals one block now; blocks are made one after the other. */
  async seal(): Promise<void> {
    const { app, store, chain, pool, now } = this.#options
    const nowMs = BigInt(now())
    const info = app.info()
    if (!info) throw new InvariantError('genesis is not written')
    const timestamp = nextTimestamp(nowMs, info.timeMs)
    if (!timestamp.ok) return this.#waitForClock(timestamp.error.byMs)
    const block = this.#prepare(timestamp.value, info.best.number + 1)
    const head: Head = { number: block.number, hash: block.hash }
    checkConflict(store.lastSigned, head)
    await app.commit(block, { lastSigned: head })
    await store.flushed()
    const justification = this.#justify(head)
    pool.onBlock(head, block.extrinsics)
    chain.publish(block)
    chain.justify({ ...head, justification })
  }

  #waitForClock(byMs: bigint): void {
    this.#waitUntilMs = performance.now() + CLOCK_RETRY_MS
    const fields = { byMs: Number(byMs) }
    this.#options.log(
      'warn',
      'the clock was set back: nothing is sealed until it catches up',
      fields,
    )
  }

  #prepare(nowMs: bigint, height: number): ExecutedBlock {
    const { app, pool, key } = this.#options
    try {
      const candidates = pool.candidates()
      const { block, refused } = app.prepare({ nowMs, proposer: key.publicKey, candidates })
      for (const { bytes, error } of refused) pool.onRefused(bytes, error)
      return block
    } catch (cause) {
      throw runtimeFailed(cause, height)
    }
  }

  #justify(head: Head): Uint8Array {
    const { store, key } = this.#options
    const justification = signJustification(key, store.lastSigned, head, this.#setId(head.number))
    store.putJustification(head.number, justification)
    return justification
  }

  /** The set that signs a block is the one in the state of its parent. */
  #setId(height: number): bigint {
    const { store, crypto } = this.#options
    const { values } = unwrap(store.stateAt(height - 1), 'state of the parent')
    const raw = values.get(consensusStorage.CurrentSetId.key(crypto.hashes))
    return raw ? unwrap(consensusStorage.CurrentSetId.decode(raw), 'CurrentSetId') : 0n
  }

  #justifyTail(): void {
    const { store, chain, crypto, log } = this.#options
    const best = chain.head.number
    let first = best + 1
    while (first > 1 && !store.justification(first - 1)) first--
    for (let number = first; number <= best; number++) {
      const header = store.header(number) ?? new Uint8Array()
      const hash = crypto.hashes.blake2b256(header) as Hash
      const justification = this.#justify({ number, hash })
      log('info', 'justified a block that was committed before the node stopped', {
        number,
        hash: toHex(hash),
      })
      chain.justify({ number, hash, justification })
    }
  }

  #schedule(): void {
    if (this.#stopped || this.#sealing) return
    const { pool, heartbeatMs, minBlockMs } = this.#options
    const dueMs = this.#lastSealMs + (pool.hasReady() ? minBlockMs : heartbeatMs)
    clearTimeout(this.#timer)
    const waitMs = Math.max(dueMs, this.#waitUntilMs) - performance.now()
    this.#timer = setTimeout(() => this.#run(), Math.max(0, waitMs))
  }

  #run(): void {
    this.#sealing = this.seal()
      .then(
        () => undefined,
        (fault: unknown) => this.#halt(fault),
      )
      .then(() => {
        this.#sealing = undefined
        this.#lastSealMs = performance.now()
        this.#schedule()
      })
  }

  #halt(fault: unknown): void {
    this.#stopped = true
    const { app, log, onHalt } = this.#options
    const height = (app.info()?.best.number ?? 0) + 1
    const known = fault instanceof NodeError ? fault : runtimeFailed(fault, height)
    log('error', known.message, { code: known.code })
    onHalt(known)
  }
}

function runtimeFailed(cause: unknown, height: number): NodeError {
  const reason = cause instanceof Error ? (cause.stack ?? cause.message) : String(cause)
  return new NodeError({ code: 'runtime_failed', height, reason }, { cause })
}
