import type { Hash } from '@tacit/base'
import type { PoolAccess } from '../../pool/access.ts'
import type { PoolStatus, StatusListener } from '../../pool/transaction.ts'
import type { Outbox } from './outbox.ts'
import { packBytes, unpackBytes, unpackFlags, type FromPool, type ToPool } from './protocol.ts'
import { createSlices } from './slices.ts'
import { createRuns, type StatusRuns } from './status-runs.ts'

/** Milliseconds of the RPC thread's requests between two turns of the consensus thread. */
export const SLICE_MS = 4

/**
 * The consensus thread's end of what the RPC thread does with the pool. It works a few milliseconds
 * at a time: however much the thread asks for, a block that is due is sealed in between.
 */
export class PoolServer {
  readonly #pool: PoolAccess
  readonly #outbox: Outbox<FromPool>
  readonly #slices = createSlices(SLICE_MS)
  readonly #runs: StatusRuns
  readonly #watched = new Map<number, { readonly hash: Hash; readonly listener: StatusListener }>()
  #isClosed = false

  constructor(pool: PoolAccess, outbox: Outbox<FromPool>) {
    this.#pool = pool
    this.#outbox = outbox
    this.#runs = createRuns(outbox)
  }

  receive(request: ToPool): void {
    switch (request.type) {
      case 'submit':
        return this.#planAll(request)
      case 'nonce':
        return this.#slices.add(() => void this.#answerNonce(request))
      case 'pending':
        return this.#slices.add(() => void this.#answerPending())
      case 'state':
        return void this.#answerState()
      case 'unwatch':
        return this.#unwatch(request.id)
    }
  }

  /** The RPC thread is gone: nothing more is told, what still waits is left undone. */
  close(): void {
    this.#isClosed = true
    this.#slices.clear()
    for (const id of this.#watched.keys()) this.#unwatch(id)
  }

  #planAll({ firstId, flags, extrinsics }: Extract<ToPool, { type: 'submit' }>): void {
    for (const [index, bytes] of unpackBytes(extrinsics).entries()) {
      const id = (firstId + index) >>> 0
      this.#slices.add(() => void this.#submit(id, bytes, unpackFlags(flags[index] ?? 0)))
    }
  }

  async #submit(
    id: number,
    bytes: Uint8Array,
    { source, isWatched }: ReturnType<typeof unpackFlags>,
  ): Promise<void> {
    const listener = isWatched ? (status: PoolStatus) => this.#onStatus(id, status) : undefined
    const submitted = await this.#pool.submit(bytes, source, listener)
    if (this.#isClosed) {
      if (submitted.ok && listener) this.#pool.unwatch(submitted.value, listener)
    } else if (submitted.ok) {
      if (listener) this.#watched.set(id, { hash: submitted.value, listener })
      this.#runs.submitted(id, submitted.value)
    } else this.#outbox.send({ type: 'refused', id, error: submitted.error })
  }

  #onStatus(id: number, status: PoolStatus): void {
    if (status.type !== 'ready' && status.type !== 'future') this.#watched.delete(id)
    this.#runs.status(id, status)
  }

  #unwatch(id: number): void {
    const found = this.#watched.get(id)
    if (found && this.#watched.delete(id)) this.#pool.unwatch(found.hash, found.listener)
  }

  async #answerNonce({
    id,
    account,
    stateNonce,
  }: Extract<ToPool, { type: 'nonce' }>): Promise<void> {
    this.#send({ type: 'nonce', id, nonce: await this.#pool.nextNonce(account, stateNonce) })
  }

  async #answerPending(): Promise<void> {
    this.#send({ type: 'pending', extrinsics: packBytes(await this.#pool.pending()) })
  }

  async #answerState(): Promise<void> {
    this.#send({ type: 'state', state: await this.#pool.status() })
  }

  #send(message: FromPool): void {
    if (!this.#isClosed) this.#outbox.send(message)
  }
}
