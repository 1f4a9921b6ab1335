import { type Hash } from '@tacit/base'
import type { Head } from '@tacit/runtime'
import { toHex } from './hex.ts'
import type { BlockNotice } from '../chain.ts'
import { hashOf, readHeader, type RpcServices } from './services.ts'
import { versionToSpec } from './version-json.ts'

/** Finalised blocks that a new follower is told of; some clients need two. */
const INITIAL_FINALIZED = 4
/** Blocks that a follower may keep pinned before it is stopped. */
const MAX_PINNED = 512
/** Operations of one follower at a time. */
const MAX_OPERATIONS = 16

export type FollowEvent = { readonly event: string; readonly [field: string]: unknown }

/** An operation that was started and has not ended. */
export type Operation = {
  /** Runs when the client asks for more. */
  resume: (() => void) | undefined
  stopped: boolean
}

/** One chainHead_v1_follow: the blocks that it pins and the operations that run for it. */
export class ChainHeadFollow {
  readonly id: string
  readonly #services: RpcServices
  readonly #notify: (event: FollowEvent) => void
  readonly #withRuntime: boolean
  readonly #pinned = new Map<string, Head>()
  readonly #operations = new Map<string, Operation>()
  readonly #ends: (() => void)[] = []
  #nextOperation = 0
  #stopped = false

  constructor(
    id: string,
    services: RpcServices,
    withRuntime: boolean,
    notify: (event: FollowEvent) => void,
  ) {
    this.id = id
    this.#services = services
    this.#withRuntime = withRuntime
    this.#notify = (event) => {
      if (!this.#stopped) notify(event)
    }
  }

  get isStopped(): boolean {
    return this.#stopped
  }

  /** Tells where the chain stands and then what happens. */
  begin(): void {
    const { chain, feed } = this.#services
    const { finalized } = feed
    const first = Math.max(0, finalized.number - INITIAL_FINALIZED + 1)
    const finalizedBlockHashes = this.#pinRange(first, finalized.number)
    const spec = versionToSpec(this.#services.runtime.version)
    const runtime = this.#withRuntime ? { finalizedBlockRuntime: { type: 'valid', spec } } : {}
    this.#notify({ event: 'initialized', finalizedBlockHashes, ...runtime })
    for (let number = finalized.number + 1; number <= chain.head.number; number++) {
      const hash = hashOf(this.#services, number)
      const header = readHeader(this.#services, number)
      if (hash && header) this.#announce({ number, hash }, header.parentHash)
    }
    this.#notify({ event: 'bestBlockChanged', bestBlockHash: toHex(chain.head.hash) })
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
    return this.#pinned.get(toHex(hash))
  }

  unpin(hash: Hash): void {
    this.#pinned.delete(toHex(hash))
  }

  emit(event: FollowEvent): void {
    this.#notify(event)
  }

  /** Undefined if the follower runs as many as it may. */
  startOperation(): { readonly id: string; readonly operation: Operation } | undefined {
    if (this.#operations.size >= MAX_OPERATIONS) return undefined
    const id = `o${(this.#nextOperation++).toString(36)}`
    const operation: Operation = { resume: undefined, stopped: false }
    this.#operations.set(id, operation)
    return { id, operation }
  }

  operation(id: string): Operation | undefined {
    return this.#operations.get(id)
  }

  endOperation(id: string): void {
    this.#operations.delete(id)
  }

  #onBlock({ number, hash, header }: BlockNotice): void {
    this.#announce({ number, hash }, header.parentHash)
    this.#notify({ event: 'bestBlockChanged', bestBlockHash: toHex(hash) })
  }

  #onFinalized({ hash }: BlockNotice): void {
    const finalizedBlockHashes = [toHex(hash)]
    this.#notify({ event: 'finalized', finalizedBlockHashes, prunedBlockHashes: [] })
  }

  #announce(block: Head, parentHash: Hash): void {
    if (this.#pinned.size >= MAX_PINNED) {
      this.#notify({ event: 'stop' })
      this.end()
      return
    }
    this.#pinned.set(toHex(block.hash), block)
    const newRuntime = this.#withRuntime ? { newRuntime: null } : {}
    this.#notify({
      event: 'newBlock',
      blockHash: toHex(block.hash),
      parentBlockHash: toHex(parentHash),
      ...newRuntime,
    })
  }

  #pinRange(first: number, last: number): string[] {
    const hashes: string[] = []
    for (let number = first; number <= last; number++) {
      const hash = hashOf(this.#services, number)
      if (!hash) continue
      this.#pinned.set(toHex(hash), { number, hash })
      hashes.push(toHex(hash))
    }
    return hashes
  }
}
