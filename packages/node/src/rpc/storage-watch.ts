import { setImmediate as nextTick } from 'node:timers/promises'
import { bytesToHex, equalBytes } from '@tacit/base'
import type { Head } from '@tacit/runtime'
import { toHex } from './hex.ts'
import type { RpcServices } from './services.ts'

/** Keys that are read between two turns of the event loop. */
const CHUNK = 256
/** Blocks by which the watch may be behind before it skips to the newest. */
const MAX_BEHIND = 64

/** Values of keys behind one block, as state_subscribeStorage tells them. */
export type StorageChanges = {
  readonly block: string
  readonly changes: readonly Change[]
}

type Change = readonly [key: string, value: string | null]

type Subscriber = {
  readonly notify: (changes: StorageChanges) => void
  /** The block whose values it knows. */
  readonly since: number
  ended: boolean
}

type Watched = {
  readonly key: Uint8Array
  readonly subscribers: Set<Subscriber>
  /** What stands for the value behind the block that was looked at last. */
  known: Uint8Array | undefined
  since: number
}

/**
 * Tells subscribers what becomes of storage keys. Each key is read once for each block, however
 * many watch it.
 */
export class StorageWatch {
  readonly #services: RpcServices
  readonly #watched = new Map<string, Watched>()
  readonly #waiting: Head[] = []
  #running = false
  #stopListening: (() => void) | undefined

  constructor(services: RpcServices) {
    this.#services = services
  }

  /**
   * Tells the values behind the newest block at once, and then what changes, block by block.
   * @param keys each once.
   * @returns what ends it.
   */
  subscribe(keys: readonly Uint8Array[], notify: Subscriber['notify']): () => void {
    const { chain } = this.#services
    const { number, hash } = chain.head
    const subscriber: Subscriber = { notify, since: number, ended: false }
    const read = this.#reader(number)
    const values = keys.map((key) => [key, read?.(key)] as const)
    for (const [key, value] of values) this.#add(key, value, subscriber)
    this.#stopListening ??= chain.onBlock((block) => this.#onBlock(block))
    notify({ block: toHex(hash), changes: values.map(([key, value]) => toChange(key, value)) })
    return () => {
      subscriber.ended = true
      for (const key of keys) this.#remove(key, subscriber)
    }
  }

  #onBlock({ number, hash }: Head): void {
    if (this.#waiting.length >= MAX_BEHIND) this.#waiting.length = 0
    this.#waiting.push({ number, hash })
    if (!this.#running) void this.#run()
  }

  async #run(): Promise<void> {
    this.#running = true
    for (let next = this.#waiting.shift(); next; next = this.#waiting.shift())
      await this.#compare(next)
    this.#running = false
  }

  /** Looks at one block. Whoever ends meanwhile hears nothing of it. */
  async #compare({ number, hash }: Head): Promise<void> {
    const changes = new Map<Subscriber, Change[]>()
    const entries = [...this.#watched.values()]
    for (let from = 0; from < entries.length; from += CHUNK) {
      const read = this.#reader(number)
      if (!read) break
      for (const entry of entries.slice(from, from + CHUNK)) {
        if (entry.since >= number) continue
        entry.since = number
        const value = read(entry.key)
        const mark = this.#mark(value)
        if (isSame(entry.known, mark)) continue
        entry.known = mark
        tellAll(entry, value, number, changes)
      }
      await nextTick()
    }
    const block = toHex(hash)
    for (const [subscriber, list] of changes)
      if (!subscriber.ended) subscriber.notify({ block, changes: list })
  }

  /** Long values are kept as their hash; a short one is never as long as that. */
  #mark(value: Uint8Array | undefined): Uint8Array | undefined {
    return value && value.length >= 32 ? this.#services.crypto.hashes.blake2b256(value) : value
  }

  /** Undefined where the state behind the block is gone. */
  #reader(number: number): ((key: Uint8Array) => Uint8Array | undefined) | undefined {
    const state = this.#services.store.stateAt(number)
    return state.ok ? (key) => state.value.values.get(key) : undefined
  }

  #add(key: Uint8Array, value: Uint8Array | undefined, subscriber: Subscriber): void {
    const name = bytesToHex(key)
    const { since } = subscriber
    const known = this.#watched.get(name)
    const entry = known ?? { key, subscribers: new Set(), known: this.#mark(value), since }
    entry.subscribers.add(subscriber)
    this.#watched.set(name, entry)
  }

  #remove(key: Uint8Array, subscriber: Subscriber): void {
    const name = bytesToHex(key)
    const entry = this.#watched.get(name)
    if (entry?.subscribers.delete(subscriber) && entry.subscribers.size === 0)
      this.#watched.delete(name)
    if (this.#watched.size > 0) return
    this.#stopListening?.()
    this.#stopListening = undefined
  }
}

function tellAll(
  { key, subscribers }: Watched,
  value: Uint8Array | undefined,
  number: number,
  changes: Map<Subscriber, Change[]>,
): void {
  const change = toChange(key, value)
  for (const subscriber of subscribers) {
    if (subscriber.since >= number) continue
    const list = changes.get(subscriber)
    if (list) list.push(change)
    else changes.set(subscriber, [change])
  }
}

function toChange(key: Uint8Array, value: Uint8Array | undefined): Change {
  return [toHex(key), value ? toHex(value) : null]
}

function isSame(a: Uint8Array | undefined, b: Uint8Array | undefined): boolean {
  return a && b ? equalBytes(a, b) : a === b
}
