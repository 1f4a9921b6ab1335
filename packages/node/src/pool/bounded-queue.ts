import { createHeap, inOrder, type Heap } from './heap.ts'
import type { QueueLimits } from './limits.ts'
import { isWorse, type PoolTransaction } from './transaction.ts'

/** Extrinsics of one kind, ready or future, with the bounds of that kind. */
export class BoundedQueue {
  readonly #limits: QueueLimits
  readonly #worst: Heap<PoolTransaction> = createHeap(isWorse)
  readonly #all = new Set<PoolTransaction>()
  readonly #perSender = new Map<string, number>()
  #bytes = 0

  constructor(limits: QueueLimits) {
    this.#limits = limits
  }

  get size(): number {
    return this.#all.size
  }

  get bytes(): number {
    return this.#bytes
  }

  has(transaction: PoolTransaction): boolean {
    return this.#all.has(transaction)
  }

  /** How many one sender has here. */
  countOf(sender: string): number {
    return this.#perSender.get(sender) ?? 0
  }

  /** Puts one in that is not here, however full it is. */
  add(transaction: PoolTransaction): void {
    this.#all.add(transaction)
    this.#worst.push(transaction)
    this.#bytes += transaction.bytes.length
    this.#perSender.set(transaction.sender, this.countOf(transaction.sender) + 1)
  }

  delete(transaction: PoolTransaction): void {
    if (!this.#all.delete(transaction)) return
    const { sender, bytes } = transaction
    this.#worst.delete(transaction)
    this.#bytes -= bytes.length
    const left = this.countOf(sender) - 1
    if (left > 0) this.#perSender.set(sender, left)
    else this.#perSender.delete(sender)
  }

  /** Lets one that is here stay when room is needed. */
  hold(transaction: PoolTransaction): void {
    this.#worst.delete(transaction)
  }

  /** Lets one that was held go like all others. */
  release(transaction: PoolTransaction): void {
    this.#worst.push(transaction)
  }

  /**
   * Who has to go so that a newcomer fits: the lowest priorities, all below its own, and none of its
   * own sender, on whom it may depend.
   * @param leaving who goes anyway.
   * @returns undefined where that does not make room.
   */
  roomFor(
    newcomer: PoolTransaction,
    leaving: ReadonlySet<PoolTransaction>,
  ): PoolTransaction[] | undefined {
    let over = this.size + 1 - this.#limits.transactions
    let overBytes = this.#bytes + newcomer.bytes.length - this.#limits.bytes
    const leave = (one: PoolTransaction): void => {
      over--
      overBytes -= one.bytes.length
    }
    for (const one of leaving) if (this.has(one)) leave(one)
    if (over <= 0 && overBytes <= 0) return []
    const victims: PoolTransaction[] = []
    for (const one of inOrder(this.#worst, isWorse)) {
      if (one.priority >= newcomer.priority) return undefined
      if (one.sender === newcomer.sender || leaving.has(one)) continue
      victims.push(one)
      leave(one)
      if (over <= 0 && overBytes <= 0) return victims
    }
    return undefined
  }

  /** The worst one that is not held, while there are too many. */
  surplus(): PoolTransaction | undefined {
    const { transactions, bytes } = this.#limits
    return this.size > transactions || this.#bytes > bytes ? this.#worst.at(0) : undefined
  }
}
