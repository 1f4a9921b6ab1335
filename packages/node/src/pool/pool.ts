import {
  bytesToHex,
  concatBytes,
  encode,
  err,
  ok,
  u32,
  type AccountId,
  type Hash,
  type Result,
} from '@tacit/base'
import type { Hashes } from '@tacit/crypto'
import {
  lookup,
  type ExtrinsicError,
  type Head,
  type TransactionSource,
  type ValidTransaction,
} from '@tacit/runtime'
import type { Runtime } from '@tacit/runtime/runtime'
import type { Application } from '../application.ts'
import type { PoolAccess, PoolState } from './access.ts'
import { createBanList, type BanList } from './ban-list.ts'
import type { PoolError } from './errors.ts'
import { createHeap } from './heap.ts'
import { createNotices } from './notices.ts'
import {
  isBefore,
  type PoolStatus,
  type PoolTransaction,
  type StatusListener,
} from './transaction.ts'

export type PoolLimits = {
  readonly transactions: number
  readonly bytes: number
  /** Of one signer; of all unsigned extrinsics together. */
  readonly perSender: number
}

export const POOL_LIMITS: PoolLimits = {
  transactions: 16_384,
  bytes: 64 * 1024 * 1024,
  perSender: 2_048,
}

export type PoolOptions = {
  readonly app: Pick<Application, 'checkTx' | 'info'>
  readonly runtime: Pick<Runtime, 'parseExtrinsic'>
  readonly hashes: Hashes
  readonly limits?: PoolLimits
}

/** Waiting transactions that are judged again behind each block. */
const REVALIDATED_PER_BLOCK = 64
/** Share of the pool, as a divisor, that goes at once when it is full. */
const EVICTED_SHARE = 16
const MAX_BANNED = 4_096
const BANNED_BLOCKS = 64
/** Verdicts that no later block can change. */
const FINAL_VERDICTS: ReadonlySet<string> = new Set([
  'stale',
  'bad_proof',
  'ancient_birth_block',
  'bad_signer',
  'mandatory_validation',
  'no_unsigned_validator',
  'extrinsic_malformed',
])

/**
 * Extrinsics that wait for a block. One is ready when all tags that it requires are provided by
 * ready ones or by the chain, else it is a future one.
 */
export class Pool implements PoolAccess {
  readonly #options: PoolOptions
  readonly #limits: PoolLimits
  readonly #byHash = new Map<string, PoolTransaction>()
  /** Who provides a tag, ready or not. */
  readonly #providers = new Map<string, PoolTransaction>()
  /** Who requires a tag. */
  readonly #dependants = new Map<string, Set<PoolTransaction>>()
  readonly #perSender = new Map<string, number>()
  readonly #banned: BanList = createBanList(MAX_BANNED, BANNED_BLOCKS)
  readonly #readyListeners = new Set<() => void>()
  readonly #notices = createNotices()
  #offered: PoolTransaction[] = []
  #bytes = 0
  #ready = 0
  #sequence = 0

  constructor(options: PoolOptions) {
    this.#options = options
    this.#limits = options.limits ?? POOL_LIMITS
  }

  get size(): number {
    return this.#byHash.size
  }

  hasReady(): boolean {
    return this.#ready > 0
  }

  async nextNonce(account: AccountId, stateNonce: number): Promise<number> {
    let nonce = stateNonce
    while (this.#providers.has(bytesToHex(concatBytes(account, encode(u32, nonce))))) nonce++
    return await Promise.resolve(nonce)
  }

  async status(): Promise<PoolState> {
    const future = this.#byHash.size - this.#ready
    return await Promise.resolve({ ready: this.#ready, future, bytes: this.#bytes })
  }

  /** Called whenever a transaction becomes ready; returns what ends it. */
  onReady(listener: () => void): () => void {
    this.#readyListeners.add(listener)
    return () => void this.#readyListeners.delete(listener)
  }

  async pending(): Promise<Uint8Array[]> {
    const all = [...this.#byHash.values()]
    all.sort((a, b) => a.missing.size - b.missing.size)
    return await Promise.resolve(all.map(({ bytes }) => bytes))
  }

  async submit(
    bytes: Uint8Array,
    source: TransactionSource,
    listener?: StatusListener,
  ): Promise<Result<Hash, PoolError>> {
    return await Promise.resolve(this.#submit(bytes, source, listener))
  }

  #submit(
    bytes: Uint8Array,
    source: TransactionSource,
    listener: StatusListener | undefined,
  ): Result<Hash, PoolError> {
    const { app, hashes } = this.#options
    const hash = hashes.blake2b256(bytes) as Hash
    const name = bytesToHex(hash)
    if (this.#byHash.has(name)) return err({ code: 'already_imported' })
    if (this.#banned.has(name, this.#height())) return err({ code: 'temporarily_banned' })
    const valid = app.checkTx(bytes, source)
    if (!valid.ok) {
      this.#ban(name, valid.error)
      return valid
    }
    const sender = this.#senderOf(bytes)
    const transaction = this.#describe(hash, bytes, sender, valid.value)
    const room = this.#makeRoom(transaction)
    if (!room.ok) return room
    if (listener) transaction.listeners.add(listener)
    this.#insert(name, transaction)
    return ok(hash)
  }

  unwatch(hash: Hash, listener: StatusListener): void {
    this.#byHash.get(bytesToHex(hash))?.listeners.delete(listener)
    this.#notices.cancel(listener)
  }

  /** Ready extrinsics in the order in which a block takes them: by priority, after their providers. */
  *candidates(): Generator<Uint8Array> {
    this.#offered = []
    const open = new Map<PoolTransaction, number>()
    const heap = createHeap(isBefore)
    for (const transaction of this.#byHash.values()) {
      if (transaction.missing.size > 0) continue
      open.set(transaction, transaction.requires.size)
      if (transaction.requires.size === 0) heap.push(transaction)
    }
    for (let next = heap.pop(); next; next = heap.pop()) {
      this.#offered.push(next)
      yield next.bytes
      for (const tag of next.provides) {
        for (const dependant of this.#dependants.get(tag) ?? []) {
          const left = (open.get(dependant) ?? 0) - 1
          open.set(dependant, left)
          if (left === 0) heap.push(dependant)
        }
      }
    }
  }

  /** A candidate was refused by the block; one that only came too early is judged again. */
  onRefused(bytes: Uint8Array, error: ExtrinsicError): void {
    const transaction = this.#find(bytes)
    if (!transaction) return
    if (error.code === 'future') this.#revalidate(transaction)
    else this.#reject(transaction, error)
  }

  /** Takes out what a block includes and what it makes invalid. */
  onBlock(block: Head, extrinsics: readonly Uint8Array[]): void {
    let included = 0
    for (const [index, bytes] of extrinsics.entries()) {
      const transaction = this.#find(bytes)
      if (!transaction) continue
      included++
      for (const tag of transaction.provides) this.#satisfy(tag)
      this.#remove(transaction, { type: 'inBlock', block, index })
    }
    if (included === 0) this.#rejectMisfits()
    this.#offered = []
    this.#revalidateOldest()
  }

  #height(): number {
    return this.#options.app.info()?.best.number ?? 0
  }

  #find(bytes: Uint8Array): PoolTransaction | undefined {
    return this.#byHash.get(bytesToHex(this.#options.hashes.blake2b256(bytes)))
  }

  #senderOf(bytes: Uint8Array): string {
    const parsed = this.#options.runtime.parseExtrinsic(bytes)
    const account = parsed.ok && parsed.value.signed && lookup(parsed.value.signed.address)
    return account && account.ok ? bytesToHex(account.value) : ''
  }

  #describe(
    hash: Hash,
    bytes: Uint8Array,
    sender: string,
    valid: ValidTransaction,
  ): PoolTransaction {
    const requires = new Set(valid.requires.map(bytesToHex))
    return {
      hash,
      bytes,
      sender,
      sequence: this.#sequence++,
      provides: valid.provides.map(bytesToHex),
      listeners: new Set(),
      priority: valid.priority,
      requires,
      missing: new Set([...requires].filter((tag) => !this.#isProvided(tag))),
    }
  }

  #isProvided(tag: string): boolean {
    return this.#providers.get(tag)?.missing.size === 0
  }

  /** Makes the transactions go that this one replaces, or that are worse when the pool is full. */
  #makeRoom(transaction: PoolTransaction): Result<void, PoolError> {
    const { provides, priority, sender, bytes, hash } = transaction
    if (provides.length === 0) return err({ code: 'no_tags' })
    const found = provides.map((tag) => this.#providers.get(tag))
    const rivals = new Set(found.filter((rival) => rival !== undefined))
    for (const rival of rivals)
      if (rival.priority >= priority)
        return err({ code: 'priority_too_low', old: rival.priority, new: priority })
    const { perSender } = this.#limits
    if (rivals.size === 0 && (this.#perSender.get(sender) ?? 0) >= perSender)
      return err({ code: 'sender_limit', limit: perSender })
    if (rivals.size === 0 && this.#isFull(bytes.length)) this.#evictBelow(priority)
    if (rivals.size === 0 && this.#isFull(bytes.length)) return err({ code: 'pool_full' })
    for (const rival of rivals) this.#remove(rival, { type: 'usurped', by: hash })
    return ok()
  }

  #isFull(extraBytes: number): boolean {
    const { transactions, bytes } = this.#limits
    return this.#byHash.size >= transactions || this.#bytes + extraBytes > bytes
  }

  /** Many at once, so that a full pool is not sorted for each newcomer. */
  #evictBelow(priority: bigint): void {
    const worse = [...this.#byHash.values()].filter((waiting) => waiting.priority < priority)
    worse.sort((a, b) => (isBefore(a, b) ? 1 : -1))
    const share = Math.ceil(this.#byHash.size / EVICTED_SHARE)
    for (const waiting of worse.slice(0, share)) this.#remove(waiting, { type: 'dropped' })
  }

  #insert(name: string, transaction: PoolTransaction): void {
    const { bytes, sender, provides, requires } = transaction
    // A rival that went may have been what the transaction waits for, or the other way round.
    transaction.missing = new Set([...requires].filter((tag) => !this.#isProvided(tag)))
    this.#byHash.set(name, transaction)
    this.#bytes += bytes.length
    this.#perSender.set(sender, (this.#perSender.get(sender) ?? 0) + 1)
    for (const tag of provides) this.#providers.set(tag, transaction)
    this.#listDependant(transaction)
    if (transaction.missing.size === 0) this.#becomeReady(transaction)
    else this.#tell(transaction, { type: 'future' })
  }

  #listDependant(transaction: PoolTransaction): void {
    for (const tag of transaction.requires) {
      const dependants = this.#dependants.get(tag) ?? new Set()
      this.#dependants.set(tag, dependants.add(transaction))
    }
  }

  #unlistDependant(transaction: PoolTransaction): void {
    for (const tag of transaction.requires) {
      const dependants = this.#dependants.get(tag)
      dependants?.delete(transaction)
      if (dependants?.size === 0) this.#dependants.delete(tag)
    }
  }

  /** A chain of dependants becomes ready with its first one, hence no recursion. */
  #becomeReady(first: PoolTransaction): void {
    const queue = [first]
    for (let next = queue.pop(); next; next = queue.pop()) {
      this.#ready++
      this.#tell(next, { type: 'ready' })
      for (const tag of next.provides) {
        for (const dependant of this.#dependants.get(tag) ?? [])
          if (dependant.missing.delete(tag) && dependant.missing.size === 0) queue.push(dependant)
      }
    }
    for (const listener of this.#readyListeners) listener()
  }

  /** What depended on a transaction that is ready no more waits again. */
  #becomeFuture(first: PoolTransaction): void {
    const queue = [first]
    for (let next = queue.pop(); next; next = queue.pop()) {
      this.#ready--
      for (const tag of next.provides) {
        for (const dependant of this.#dependants.get(tag) ?? []) {
          const wasReady = dependant.missing.size === 0
          dependant.missing.add(tag)
          if (wasReady) queue.push(dependant)
        }
      }
    }
  }

  #remove(transaction: PoolTransaction, status: PoolStatus): void {
    const { bytes, hash, sender, provides, missing } = transaction
    if (!this.#byHash.delete(bytesToHex(hash))) return
    this.#bytes -= bytes.length
    const left = (this.#perSender.get(sender) ?? 1) - 1
    if (left > 0) this.#perSender.set(sender, left)
    else this.#perSender.delete(sender)
    for (const tag of provides)
      if (this.#providers.get(tag) === transaction) this.#providers.delete(tag)
    this.#unlistDependant(transaction)
    if (missing.size === 0) this.#becomeFuture(transaction)
    this.#tell(transaction, status)
    transaction.listeners.clear()
  }

  /** A tag is in the chain: nobody has to wait for it. */
  #satisfy(tag: string): void {
    const dependants = [...(this.#dependants.get(tag) ?? [])]
    this.#dependants.delete(tag)
    for (const dependant of dependants) {
      dependant.requires.delete(tag)
      if (dependant.missing.delete(tag) && dependant.missing.size === 0)
        this.#becomeReady(dependant)
    }
  }

  #reject(transaction: PoolTransaction, error: ExtrinsicError): void {
    this.#ban(bytesToHex(transaction.hash), error)
    this.#remove(transaction, { type: 'invalid', error })
  }

  #ban(name: string, error: ExtrinsicError): void {
    if (FINAL_VERDICTS.has(error.code)) this.#banned.add(name, this.#height())
  }

  /** What was offered to a block that took nothing fits into no block. */
  #rejectMisfits(): void {
    for (const transaction of this.#offered)
      this.#remove(transaction, { type: 'invalid', error: { code: 'exhausts_resources' } })
  }

  /** Those judged longest ago; they go to the back of the line. */
  #revalidateOldest(): void {
    const oldest: PoolTransaction[] = []
    for (const transaction of this.#byHash.values()) {
      if (oldest.length >= REVALIDATED_PER_BLOCK) break
      oldest.push(transaction)
    }
    for (const transaction of oldest) this.#revalidate(transaction)
  }

  #revalidate(transaction: PoolTransaction): void {
    const name = bytesToHex(transaction.hash)
    if (!this.#byHash.delete(name)) return
    this.#byHash.set(name, transaction)
    const valid = this.#options.app.checkTx(transaction.bytes, 'External')
    if (!valid.ok) return this.#reject(transaction, valid.error)
    transaction.priority = valid.value.priority
    const requires = new Set(valid.value.requires.map(bytesToHex))
    if (isSame(requires, transaction.requires)) return
    if (transaction.missing.size === 0) this.#becomeFuture(transaction)
    this.#unlistDependant(transaction)
    transaction.requires = requires
    transaction.missing = new Set([...transaction.requires].filter((tag) => !this.#isProvided(tag)))
    this.#listDependant(transaction)
    if (transaction.missing.size === 0) this.#becomeReady(transaction)
  }

  #tell(transaction: PoolTransaction, status: PoolStatus): void {
    for (const listener of transaction.listeners) this.#notices.send(listener, status)
  }
}

function isSame(a: ReadonlySet<string>, b: ReadonlySet<string>): boolean {
  return a.size === b.size && [...a].every((tag) => b.has(tag))
}
