import { type Hash } from '@tacit/base'
import type { Head } from '@tacit/runtime'
import { toHex } from './hex.ts'
import type { BlockNotice } from '../chain.ts'
import { hashOf, readHeader, type RpcServices } from './services.ts'
import { versionToSpec } from './version-json.ts'

/** Finalised blocks that a new follower is told of; some clients need two. */
const INITIAL_FINALIZED = 4
/** Blocks that a follower may keep pinned before it is stopped. */
export const MAX_PINNED = 512
/** Units of work of one follower at a time: a body, a call, or one item of storage each. */
export const MAX_OPERATIONS = 64

export type FollowEvent = { readonly event: string; readonly [field: string]: unknown }

/** An operation that was started and has not ended. */
export type Operation = {
  /** Runs when the client asks for more. */
  resume: (() => void) | undefined
  stopped: boolean
  /** How many units it takes up. */
  readonly units: number
}

export type FollowOptions = {
  readonly services: RpcServices
  readonly withRuntime: boolean
  readonly notify: (event: FollowEvent) => void
  /** Called once, when the follower is stopped without the client having asked for it. */
  readonly onStop: () => void
}

/** One chainHead_v1_follow: the blocks that it pins and the operations that run for it. */
export class ChainHeadFollow {
  readonly #options: FollowOptions
  readonly #pinned = new Map<string, number>()
  readonly #operations = new Map<string, Operation>()
  readonly #ends: (() => void)[] = []
  #nextOperation = 0
  #units = 0
  #stopped = false

  constructor(options: FollowOptions) {
    this.#options = options
  }

  get isStopped(): boolean {
    return this.#stopped
  }

  get withRuntime(): boolean {
    return this.#options.withRuntime
  }

  /** Tells where the chain stands and then what happens. */
  begin(): void {
    const { services, withRuntime } = this.#options
    const { chain, feed } = services
    const { finalized } = feed
    const first = Math.max(0, finalized.number - INITIAL_FINALIZED + 1)
    const finalizedBlockHashes = this.#pinRange(first, finalized.number)
    const spec = versionToSpec(services.runtime.version)
    const runtime = withRuntime ? { finalizedBlockRuntime: { type: 'valid', spec } } : {}
    this.emit({ event: 'initialized', finalizedBlockHashes, ...runtime })
    for (let number = finalized.number + 1; number <= chain.head.number; number++) {
      const hash = hashOf(services, number)
      const header = readHeader(services, number)
      if (hash && header) this.#announce({ number, hash }, header.parentHash)
    }
    this.emit({ event: 'bestBlockChanged', bestBlockHash: toHex(chain.head.hash) })
    if (this.#stopped) return
    this.#ends.push(
      chain.onBlock((block) => this.#onBlock(block)),
      feed.onFinalized((block) => this.#onFinalized(block)),
    )
  }

  /** Ends without a word: the client asked for it or has gone. */
  end(): void {
    this.#stopped = true
    for (const end of this.#ends) end()
    for (const operation of this.#operations.values()) {
      operation.stopped = true
      operation.resume?.()
    }
    this.#operations.clear()
    this.#pinned.clear()
  }

  pinned(hash: Hash): Head | undefined {
    const number = this.#pinned.get(toHex(hash))
    return number === undefined ? undefined : { number, hash }
  }

  unpin(hash: Hash): void {
    this.#pinned.delete(toHex(hash))
  }

  emit(event: FollowEvent): void {
    if (!this.#stopped) this.#options.notify(event)
  }

  /**
   * Begins an operation of at most so many units, which are at least one.
   * @returns undefined if the follower runs as many as it may.
   */
  startOperation(
    wanted: number,
  ): { readonly id: string; readonly operation: Operation } | undefined {
    const units = Math.min(wanted, MAX_OPERATIONS - this.#units)
    if (units < 1) return undefined
    const id = `o${(this.#nextOperation++).toString(36)}`
    const operation: Operation = { resume: undefined, stopped: false, units }
    this.#operations.set(id, operation)
    this.#units += units
    return { id, operation }
  }

  operation(id: string): Operation | undefined {
    return this.#operations.get(id)
  }

  endOperation(id: string): void {
    this.#units -= this.#operations.get(id)?.units ?? 0
    this.#operations.delete(id)
  }

  #onBlock({ number, hash, header }: BlockNotice): void {
    this.#announce({ number, hash }, header.parentHash)
    this.emit({ event: 'bestBlockChanged', bestBlockHash: toHex(hash) })
  }

  #onFinalized({ hash }: BlockNotice): void {
    const finalizedBlockHashes = [toHex(hash)]
    this.emit({ event: 'finalized', finalizedBlockHashes, prunedBlockHashes: [] })
  }

  #announce(block: Head, parentHash: Hash): void {
    if (this.#stopped) return
    if (this.#pinned.size >= MAX_PINNED) {
      this.emit({ event: 'stop' })
      this.end()
      this.#options.onStop()
      return
    }
    const blockHash = toHex(block.hash)
    this.#pinned.set(blockHash, block.number)
    const newRuntime = this.withRuntime ? { newRuntime: null } : {}
    const parentBlockHash = toHex(parentHash)
    this.emit({ event: 'newBlock', blockHash, parentBlockHash, ...newRuntime })
  }

  #pinRange(first: number, last: number): string[] {
    const hashes: string[] = []
    for (let number = first; number <= last; number++) {
      const hash = hashOf(this.#options.services, number)
      if (!hash) continue
      this.#pinned.set(toHex(hash), number)
      hashes.push(toHex(hash))
    }
    return hashes
  }
}
