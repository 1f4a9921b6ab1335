import type { PoolTransaction } from './transaction.ts'

/** What the tags of extrinsics make of them. */
export type GraphEvents = {
  /** All that it requires is there, or is there no more. */
  readonly onMoved: (transaction: PoolTransaction) => void
  /** It requires nothing any more that is not in the chain. */
  readonly onOpened: (transaction: PoolTransaction) => void
}

/**
 * Which extrinsics provide and require which tags. One is ready when each tag that it requires is
 * provided by a ready one or by the chain.
 */
export class TagGraph {
  readonly #events: GraphEvents
  readonly #providers = new Map<string, PoolTransaction>()
  readonly #dependants = new Map<string, Set<PoolTransaction>>()

  constructor(events: GraphEvents) {
    this.#events = events
  }

  providerOf(tag: string): PoolTransaction | undefined {
    return this.#providers.get(tag)
  }

  dependantsOf(tag: string): Iterable<PoolTransaction> {
    return this.#dependants.get(tag) ?? []
  }

  /** Those of the tags that no ready extrinsic provides. */
  missingOf(tags: Iterable<string>): Set<string> {
    return new Set([...tags].filter((tag) => this.#providers.get(tag)?.missing.size !== 0))
  }

  /** Adds one, in the place of whatever provides its tags. */
  add(transaction: PoolTransaction): void {
    transaction.missing = this.missingOf(transaction.requires)
    for (const tag of transaction.provides) this.#providers.set(tag, transaction)
    this.#link(transaction)
    if (transaction.missing.size === 0) this.#promote(transaction)
    else this.#events.onMoved(transaction)
  }

  /** Takes one out; what depends on it waits, unless another took its place. */
  remove(transaction: PoolTransaction): void {
    const { provides, missing } = transaction
    this.#unlink(transaction)
    for (const tag of provides)
      if (this.#providers.get(tag) === transaction) this.#providers.delete(tag)
    if (missing.size > 0) return
    const lost = this.missingOf(provides)
    this.#demote(provides.filter((tag) => lost.has(tag)))
  }

  /** A tag is in the chain: nobody has to wait for it. */
  satisfy(tag: string): void {
    const all = [...this.dependantsOf(tag)]
    this.#dependants.delete(tag)
    for (const one of all) {
      one.requires.delete(tag)
      if (one.missing.delete(tag) && one.missing.size === 0) this.#promote(one)
      else if (one.requires.size === 0) this.#events.onOpened(one)
    }
  }

  /** What one requires, or is worth, has changed. */
  change(transaction: PoolTransaction, requires: Set<string>): void {
    const wasReady = transaction.missing.size === 0
    this.#unlink(transaction)
    transaction.requires = requires
    transaction.missing = this.missingOf(requires)
    this.#link(transaction)
    const isReady = transaction.missing.size === 0
    if (isReady && !wasReady) this.#promote(transaction)
    else this.#events.onMoved(transaction)
    if (wasReady && !isReady) this.#demote(transaction.provides)
  }

  #link(transaction: PoolTransaction): void {
    for (const tag of transaction.requires) {
      const all = this.#dependants.get(tag) ?? new Set()
      this.#dependants.set(tag, all.add(transaction))
    }
  }

  #unlink(transaction: PoolTransaction): void {
    for (const tag of transaction.requires) {
      const all = this.#dependants.get(tag)
      all?.delete(transaction)
      if (all?.size === 0) this.#dependants.delete(tag)
    }
  }

  /** A chain of dependants becomes ready with its first one, hence no recursion. */
  #promote(first: PoolTransaction): void {
    const queue = [first]
    for (let next = queue.pop(); next; next = queue.pop()) {
      this.#events.onMoved(next)
      for (const tag of next.provides)
        for (const one of this.dependantsOf(tag))
          if (one.missing.delete(tag) && one.missing.size === 0) queue.push(one)
    }
  }

  #demote(tags: readonly string[]): void {
    const queue = [...tags]
    for (let tag = queue.pop(); tag !== undefined; tag = queue.pop())
      for (const one of this.dependantsOf(tag)) {
        const wasReady = one.missing.size === 0
        one.missing.add(tag)
        if (!wasReady) continue
        this.#events.onMoved(one)
        queue.push(...one.provides)
      }
  }
}
