import { bytesToLatin1, err, ok, type Result } from '@tacit/base'
import type { Head, ValidTransaction } from '@tacit/runtime'
import { BoundedQueue } from './bounded-queue.ts'
import { createTally, type PoolCounters, type Tally } from './counters.ts'
import type { PoolError } from './errors.ts'
import { createHeap, type Heap } from './heap.ts'
import { createLatestTags, type LatestTags } from './latest-tags.ts'
import type { PoolLimits } from './limits.ts'
import { createNotices } from './notices.ts'
import { ReadyQueue } from './ready-queue.ts'
import { TagGraph } from './tag-graph.ts'
import type { Expiry, PoolStatus, PoolTransaction, StatusListener } from './transaction.ts'

/** Who goes when another comes: those whose place it takes, and those whose room it needs. */
type Leaving = {
  readonly rivals: ReadonlySet<PoolTransaction>
  readonly victims: readonly PoolTransaction[]
}

/** Tags of the latest blocks that are known; several blocks' even when they are full. */
const LATEST_TAGS = 16_384

/** The extrinsics that wait, ready or future, within their bounds; judges nothing. */
export class WaitingRoom {
  readonly ready: ReadyQueue
  readonly future: BoundedQueue
  readonly #limits: PoolLimits
  readonly #byName = new Map<string, PoolTransaction>()
  readonly #graph: TagGraph
  readonly #ending: Heap<PoolTransaction> = createHeap(endsBefore)
  readonly #latest: LatestTags = createLatestTags(LATEST_TAGS)
  readonly #notices = createNotices()
  readonly #left: Tally<PoolStatus['type']> = createTally()
  readonly #readyListeners = new Set<() => void>()
  /** What the block under way, or the last one, left out. */
  readonly #leftOut = new Set<PoolTransaction>()
  /** What the block under way took: nothing takes the place, or needs the room, of these. */
  readonly #taken = new Set<PoolTransaction>()
  #hasMoreReady = false

  constructor(limits: PoolLimits) {
    this.#limits = limits
    this.ready = new ReadyQueue(limits.ready)
    this.future = new BoundedQueue(limits.future)
    this.#graph = new TagGraph({
      onMoved: (transaction) => this.#place(transaction),
      onOpened: (transaction) => this.ready.open(transaction),
    })
  }

  get size(): number {
    return this.#byName.size
  }

  /** How many left, by their last status. */
  get left(): PoolCounters['left'] {
    return this.#left.read()
  }

  get(name: string): PoolTransaction | undefined {
    return this.#byName.get(name)
  }

  /** Whether any that waits provides a tag. */
  provides(tag: string): boolean {
    return this.#graph.providerOf(tag) !== undefined
  }

  /** The ready ones first. */
  all(): PoolTransaction[] {
    return [...this.#byName.values()].sort((a, b) => a.missing.size - b.missing.size)
  }

  /** Those that came, or were renewed, longest ago. */
  oldest(count: number): PoolTransaction[] {
    return [...this.#byName.values().take(count)]
  }

  onReady(listener: () => void): () => void {
    this.#readyListeners.add(listener)
    return () => void this.#readyListeners.delete(listener)
  }

  unwatch(name: string, listener: StatusListener): void {
    this.#byName.get(name)?.listeners.delete(listener)
    this.#notices.cancel(listener)
  }

  /** An extrinsic as it would wait here, judged behind the block of that number. */
  describe(
    part: Pick<PoolTransaction, 'hash' | 'name' | 'bytes' | 'sender' | 'sequence'>,
    valid: ValidTransaction,
    number: number,
  ): PoolTransaction {
    const requires = new Set(valid.requires.map(bytesToLatin1))
    return {
      ...part,
      provides: valid.provides.map(bytesToLatin1),
      listeners: new Set(),
      expiry: expiryOf(part.sender, valid.longevity, number, this.#limits.stayBlocks),
      priority: valid.priority,
      requires,
      missing: new Set(requires),
    }
  }

  /**
   * Whether there is a place; changes nothing. Who takes another's place needs a strictly higher
   * priority, which is by tip for each share of a block; who needs room needs one above all that go.
   * Whose place a block under way has used is as stale as it will be behind that block.
   */
  admit(transaction: PoolTransaction): Result<Leaving, PoolError> {
    const { provides, requires, priority } = transaction
    if (provides.length === 0) return err({ code: 'no_tags' })
    const found = provides.map((tag) => this.#graph.providerOf(tag))
    const rivals = new Set(found.filter((rival) => rival !== undefined))
    for (const rival of rivals)
      if (this.#taken.has(rival)) return err({ code: 'stale' })
      else if (rival.priority >= priority)
        return err({ code: 'priority_too_low', old: rival.priority, new: priority })
    const isFuture = this.#graph.missingOf(requires).size > 0
    const limit = rivals.size === 0 ? this.#senderLimit(transaction, isFuture) : undefined
    if (limit !== undefined) return err({ code: 'sender_limit', limit })
    const victims = (isFuture ? this.future : this.ready).roomFor(transaction, rivals)
    return victims ? ok({ rivals, victims }) : err({ code: 'pool_full' })
  }

  /**
   * Makes up for the blocks that came since one was judged behind a block, as far as they concern its tags.
   * @returns whether it may still be included; undefined where that has to be judged.
   */
  catchUp({ provides, requires }: PoolTransaction, judgedBehind: number): boolean | undefined {
    if (!this.#latest.knowsBehind(judgedBehind)) return undefined
    const isThere = (tag: string): boolean => this.#latest.cameBehind(tag, judgedBehind)
    for (const tag of requires) if (isThere(tag)) requires.delete(tag)
    return !provides.some(isThere)
  }

  /** Takes one in if there is a place. */
  enter(transaction: PoolTransaction): Result<void, PoolError> {
    const admitted = this.admit(transaction)
    if (!admitted.ok) return admitted
    const { rivals, victims } = admitted.value
    for (const victim of victims) this.#take(victim, { type: 'dropped' })
    this.#byName.set(transaction.name, transaction)
    this.#ending.push(transaction)
    this.#graph.add(transaction)
    // Behind it, so that what depends on them goes on being ready.
    for (const rival of rivals) this.#take(rival, { type: 'usurped', by: transaction.hash })
    this.#settle()
    return ok()
  }

  /** Takes one out; what depends on it waits for another. */
  remove(transaction: PoolTransaction, status: PoolStatus): void {
    this.#take(transaction, status)
    this.#settle()
  }

  /** It was judged again. */
  renew(transaction: PoolTransaction, valid: ValidTransaction): void {
    if (!this.#byName.delete(transaction.name)) return
    this.#byName.set(transaction.name, transaction)
    const requires = new Set(valid.requires.map(bytesToLatin1))
    if (valid.priority === transaction.priority && isSame(requires, transaction.requires)) return
    transaction.priority = valid.priority
    this.#graph.change(transaction, requires)
    this.#settle()
  }

  /** Begins a block: the one before, if it never came, is given up. */
  *candidates(): Generator<Uint8Array, void, boolean | undefined> {
    this.#giveUpBlock()
    const inTurn = this.ready.candidates(this.#graph)
    for (let next = inTurn.next(); !next.done;) {
      const isTaken = yield next.value.bytes
      if (isTaken === false) this.#leftOut.add(next.value)
      else if (isTaken) this.#hold(next.value)
      next = inTurn.next(isTaken)
    }
  }

  /**
   * Takes out what a block includes, by name and in order, and whose time is over.
   * @param hasForeign whether it has extrinsics with tags that did not wait here.
   */
  onBlock(block: Head, names: readonly string[], hasForeign: boolean): void {
    if (hasForeign) this.#latest.lose(block.number)
    const included = this.#include(block, names)
    // What a block that took nothing had no room for fits into none.
    if (included === 0)
      for (const misfit of this.#leftOut)
        this.#take(misfit, { type: 'invalid', error: { code: 'exhausts_resources' } })
    this.#giveUpBlock()
    for (let one = this.#ending.at(0); one; one = this.#ending.at(0)) {
      if (one.expiry.lastBlock > block.number) break
      this.#take(one, one.expiry.status)
    }
    this.#settle()
  }

  #senderLimit({ sender }: PoolTransaction, isFuture: boolean): number | undefined {
    const { ready, future } = this.#limits
    const waiting = this.future.countOf(sender)
    if (this.ready.countOf(sender) + waiting >= ready.perSender) return ready.perSender
    return isFuture && waiting >= future.perSender ? future.perSender : undefined
  }

  #hold(transaction: PoolTransaction): void {
    this.#taken.add(transaction)
    this.ready.hold(transaction)
  }

  #giveUpBlock(): void {
    this.#leftOut.clear()
    for (const transaction of this.#taken) this.ready.release(transaction)
    this.#taken.clear()
  }

  #include(block: Head, names: readonly string[]): number {
    let included = 0
    for (const [index, name] of names.entries()) {
      const transaction = this.#byName.get(name)
      if (!transaction) continue
      included++
      for (const tag of transaction.provides) {
        this.#graph.satisfy(tag)
        this.#latest.add(tag, block.number)
      }
      this.#take(transaction, { type: 'inBlock', block, index })
    }
    return included
  }

  #place(transaction: PoolTransaction): void {
    const isReady = transaction.missing.size === 0
    const queue = isReady ? this.ready : this.future
    const isNews = !queue.has(transaction)
    this.#taken.delete(transaction)
    this.ready.delete(transaction)
    this.future.delete(transaction)
    queue.add(transaction)
    if (!isNews) return
    this.#tell(transaction, { type: isReady ? 'ready' : 'future' })
    this.#hasMoreReady ||= isReady
  }

  #take(transaction: PoolTransaction, status: PoolStatus): void {
    if (!this.#byName.delete(transaction.name)) return
    this.#ending.delete(transaction)
    this.ready.delete(transaction)
    this.future.delete(transaction)
    this.#leftOut.delete(transaction)
    this.#taken.delete(transaction)
    this.#graph.remove(transaction)
    this.#left.add(status.type)
    this.#tell(transaction, status)
  }

  /** What became ready or future by others' moves may be too much; then says what is new. */
  #settle(): void {
    for (const queue of [this.ready, this.future])
      for (let one = queue.surplus(); one; one = queue.surplus())
        this.#take(one, { type: 'dropped' })
    if (!this.#hasMoreReady) return
    this.#hasMoreReady = false
    for (const listener of this.#readyListeners) listener()
  }

  #tell(transaction: PoolTransaction, status: PoolStatus): void {
    for (const listener of transaction.listeners) this.#notices.send(listener, status)
  }
}

function endsBefore(a: PoolTransaction, b: PoolTransaction): boolean {
  return a.expiry.lastBlock < b.expiry.lastBlock
}

/** A mortal one dies at its block, every one behind as many blocks as it may stay. */
function expiryOf(sender: string, longevity: bigint, number: number, stayBlocks: number): Expiry {
  const isMortal = longevity <= BigInt(stayBlocks)
  const lastBlock = number + (isMortal ? Number(longevity) : stayBlocks)
  const isDead = isMortal && sender !== ''
  return isDead
    ? { lastBlock, status: { type: 'invalid', error: { code: 'ancient_birth_block' } } }
    : { lastBlock, status: { type: 'dropped' } }
}

function isSame(a: ReadonlySet<string>, b: ReadonlySet<string>): boolean {
  return a.size === b.size && [...a].every((tag) => b.has(tag))
}
