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
  readonly changes: readonly (readonly [key: string, value: string | null])[]
}

/** Tells subscribers what becomes of storage keys. */
export interface StorageWatch {
  /**
   * Tells the values behind the newest block at once, and then what changes, block by block.
   * @param keys each once.
   * @returns what ends it.
   */
  subscribe(keys: readonly Uint8Array[], notify: (changes: StorageChanges) => void): () => void
}

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

/** Each key is read once for each block, however many watch it. */
export function createStorageWatch(services: RpcServices): StorageWatch {
  const { chain, store, crypto } = services
  const { blake2b256 } = crypto.hashes
  const watched = new Map<string, Watched>()
  const waiting: Head[] = []
  let running = false
  let stopListening: (() => void) | undefined

  /** Long values are kept as their hash; a short one is never as long as that. */
  function mark(value: Uint8Array | undefined): Uint8Array | undefined {
    return value && value.length >= 32 ? blake2b256(value) : value
  }

  /** Undefined where the state behind the block is gone. */
  function reader(number: number): ((key: Uint8Array) => Uint8Array | undefined) | undefined {
    const state = store.stateAt(number)
    return state.ok ? (key) => state.value.values.get(key) : undefined
  }

  /** Looks at one block. Whoever ends meanwhile hears nothing of it. */
  async function compare({ number, hash }: Head): Promise<void> {
    const changes = new Map<Subscriber, [string, string | null][]>()
    const entries = [...watched.values()]
    for (let from = 0; from < entries.length; from += CHUNK) {
      const read = reader(number)
      if (!read) return
      for (const entry of entries.slice(from, from + CHUNK)) {
        if (entry.since >= number) continue
        const value = read(entry.key)
        const isSame = same(entry.known, mark(value))
        entry.since = number
        if (isSame) continue
        entry.known = mark(value)
        const change: [string, string | null] = [toHex(entry.key), value ? toHex(value) : null]
        for (const subscriber of entry.subscribers) {
          if (subscriber.since >= number) continue
          const list = changes.get(subscriber)
          if (list) list.push(change)
          else changes.set(subscriber, [change])
        }
      }
      await nextTick()
    }
    const block = toHex(hash)
    for (const [subscriber, list] of changes)
      if (!subscriber.ended) subscriber.notify({ block, changes: list })
  }

  async function run(): Promise<void> {
    running = true
    for (let next = waiting.shift(); next; next = waiting.shift()) await compare(next)
    running = false
  }

  function onBlock({ number, hash }: Head): void {
    if (waiting.length >= MAX_BEHIND) waiting.length = 0
    waiting.push({ number, hash })
    if (!running) void run()
  }

  function add(key: Uint8Array, value: Uint8Array | undefined, subscriber: Subscriber): void {
    const name = bytesToHex(key)
    const entry = watched.get(name) ?? {
      key,
      subscribers: new Set(),
      known: mark(value),
      since: subscriber.since,
    }
    entry.subscribers.add(subscriber)
    watched.set(name, entry)
  }

  function remove(key: Uint8Array, subscriber: Subscriber): void {
    const name = bytesToHex(key)
    const entry = watched.get(name)
    if (entry?.subscribers.delete(subscriber) && entry.subscribers.size === 0) watched.delete(name)
    if (watched.size > 0) return
    stopListening?.()
    stopListening = undefined
  }

  return {
    subscribe: (keys, notify) => {
      const { number, hash } = chain.head
      const subscriber: Subscriber = { notify, since: number, ended: false }
      const read = reader(number)
      const values = keys.map((key) => [key, read?.(key)] as const)
      for (const [key, value] of values) add(key, value, subscriber)
      stopListening ??= chain.onBlock(onBlock)
      const changes = values.map(
        ([key, value]) => [toHex(key), value ? toHex(value) : null] as const,
      )
      notify({ block: toHex(hash), changes })
      return () => {
        subscriber.ended = true
        for (const key of keys) remove(key, subscriber)
      }
    },
  }
}

function same(a: Uint8Array | undefined, b: Uint8Array | undefined): boolean {
  return a && b ? equalBytes(a, b) : a === b
}
