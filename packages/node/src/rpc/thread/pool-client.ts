import { ok, err, type AccountId, type Hash, type Result } from '@tacit/base'
import type { TransactionSource } from '@tacit/runtime'
import type { PoolAccess, PoolState } from '../../pool/access.ts'
import type { PoolError } from '../../pool/errors.ts'
import { createNotices } from '../../pool/notices.ts'
import type { PoolStatus, StatusListener } from '../../pool/transaction.ts'
import { RPC_CODE, RpcError } from '../rpc-error.ts'
import type { Outbox } from './outbox.ts'
import { packBytes, packFlags, unpackBytes, type FromPool, type ToPool } from './protocol.ts'

export type PoolClientLimits = {
  /** Extrinsics that the consensus thread has and has not answered. */
  readonly inFlight: number
  readonly inFlightBytes: number
  /** Extrinsics that wait for that; also the other questions that may be open. */
  readonly waiting: number
  readonly waitingBytes: number
}

export const POOL_CLIENT_LIMITS: PoolClientLimits = {
  inFlight: 1_024,
  inFlightBytes: 8 * 1024 * 1024,
  waiting: 16_384,
  waitingBytes: 64 * 1024 * 1024,
}

/** Least milliseconds between two lists of all that waits, which cost the consensus thread most. */
export const PENDING_INTERVAL_MS = 100

type Submission = {
  readonly bytes: Uint8Array
  readonly source: TransactionSource
  readonly listener: StatusListener | undefined
  readonly resolve: (result: Result<Hash, PoolError>) => void
}

/** The RPC thread's end of the pool. */
export class PoolClient implements PoolAccess {
  readonly #outbox: Outbox<ToPool>
  readonly #limits: PoolClientLimits
  readonly #notices = createNotices()
  readonly #waiting = new Set<Submission>()
  readonly #inFlight = new Map<number, Submission>()
  readonly #nonces = new Map<number, (nonce: number) => void>()
  readonly #watches = new Map<number, StatusListener>()
  readonly #watchIds = new Map<StatusListener, number>()
  #due: Submission[] = []
  #nextId = 0
  #waitingBytes = 0
  #inFlightBytes = 0
  #pending: Question<readonly Uint8Array[]> | undefined
  #lastPendingMs = -PENDING_INTERVAL_MS
  #state: Question<PoolState> | undefined

  constructor(outbox: Outbox<ToPool>, limits: PoolClientLimits = POOL_CLIENT_LIMITS) {
    this.#outbox = outbox
    this.#limits = limits
  }

  submit(
    bytes: Uint8Array,
    source: TransactionSource,
    listener?: StatusListener,
  ): Promise<Result<Hash, PoolError>> {
    const { waiting, waitingBytes } = this.#limits
    if (this.#waiting.size >= waiting || this.#waitingBytes + bytes.length > waitingBytes)
      return Promise.resolve(err({ code: 'pool_busy' }))
    return new Promise((resolve) => {
      this.#waiting.add({ bytes, source, listener, resolve })
      this.#waitingBytes += bytes.length
      this.#handOver()
    })
  }

  unwatch(_: Hash, listener: StatusListener): void {
    this.#notices.cancel(listener)
    const id = this.#watchIds.get(listener)
    if (id === undefined) return
    this.#endWatch(id)
    this.#outbox.send({ type: 'unwatch', id })
  }

  pending(): Promise<readonly Uint8Array[]> {
    this.#pending ??= createQuestion(() => {
      const waitMs = this.#lastPendingMs + PENDING_INTERVAL_MS - performance.now()
      setTimeout(() => this.#outbox.send({ type: 'pending' }), Math.max(0, waitMs))
    })
    return this.#pending.answer
  }

  nextNonce(account: AccountId, stateNonce: number): Promise<number> {
    if (this.#nonces.size >= this.#limits.waiting)
      throw new RpcError(RPC_CODE.busy, 'Server is busy, try again later')
    const id = this.#takeId()
    return new Promise((resolve) => {
      this.#nonces.set(id, resolve)
      this.#outbox.send({ type: 'nonce', id, account, stateNonce })
    })
  }

  status(): Promise<PoolState> {
    this.#state ??= createQuestion(() => this.#outbox.send({ type: 'state' }))
    return this.#state.answer
  }

  /** Takes what the consensus thread says of the pool. */
  receive(message: FromPool): void {
    switch (message.type) {
      case 'submitted':
        for (const [index, id] of message.ids.entries())
          this.#accept(id, message.hashes.slice(32 * index, 32 * index + 32) as Hash)
        break
      case 'refused':
        this.#take(message.id)?.resolve(err(message.error))
        break
      case 'statuses':
        for (const id of message.ids) this.#tell(id, message.status)
        break
      case 'included': {
        const { block, ids, indexes } = message
        for (const [at, id] of ids.entries())
          this.#tell(id, { type: 'inBlock', block, index: indexes[at] ?? 0 })
        break
      }
      case 'nonce':
        this.#nonces.get(message.id)?.(message.nonce)
        this.#nonces.delete(message.id)
        break
      case 'pending':
        this.#lastPendingMs = performance.now()
        this.#pending?.resolve(unpackBytes(message.extrinsics))
        this.#pending = undefined
        break
      case 'state':
        this.#state?.resolve(message.state)
        this.#state = undefined
        break
    }
    this.#handOver()
  }

  /** Hands over what there is room for; what one turn gathers goes as one message. */
  #handOver(): void {
    for (const submission of this.#waiting) {
      const { length } = submission.bytes
      const open = this.#inFlight.size + this.#due.length
      const isFull = open > 0 && this.#inFlightBytes + length > this.#limits.inFlightBytes
      if (open >= this.#limits.inFlight || isFull) return
      this.#waiting.delete(submission)
      this.#waitingBytes -= length
      this.#inFlightBytes += length
      if (this.#due.push(submission) === 1) this.#outbox.sendLate(() => this.#pack())
    }
  }

  #pack(): ToPool {
    const due = this.#due
    this.#due = []
    const ids = due.map(() => this.#takeId())
    for (const [index, submission] of due.entries()) this.#inFlight.set(ids[index] ?? 0, submission)
    return {
      type: 'submit',
      firstId: ids[0] ?? 0,
      flags: Uint8Array.from(due, ({ source, listener }) => packFlags(source, Boolean(listener))),
      extrinsics: packBytes(due.map(({ bytes }) => bytes)),
    }
  }

  #takeId(): number {
    const id = this.#nextId
    this.#nextId = (id + 1) >>> 0
    return id
  }

  #take(id: number): Submission | undefined {
    const submission = this.#inFlight.get(id)
    this.#inFlight.delete(id)
    this.#inFlightBytes -= submission?.bytes.length ?? 0
    return submission
  }

  #accept(id: number, hash: Hash): void {
    const submission = this.#take(id)
    const listener = submission?.listener
    if (listener) {
      this.#watches.set(id, listener)
      this.#watchIds.set(listener, id)
    }
    submission?.resolve(ok(hash))
  }

  #tell(id: number, status: PoolStatus): void {
    const listener = this.#watches.get(id)
    if (!listener) return
    if (status.type !== 'ready' && status.type !== 'future') this.#endWatch(id)
    this.#notices.send(listener, status)
  }

  #endWatch(id: number): void {
    const listener = this.#watches.get(id)
    this.#watches.delete(id)
    if (listener) this.#watchIds.delete(listener)
  }
}

/** One question that all who ask meanwhile have the answer of. */
type Question<T> = { readonly answer: Promise<T>; readonly resolve: (answer: T) => void }

function createQuestion<T>(ask: () => void): Question<T> {
  const { promise, resolve } = Promise.withResolvers<T>()
  ask()
  return { answer: promise, resolve }
}
