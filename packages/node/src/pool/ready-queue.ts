import { BoundedQueue } from './bounded-queue.ts'
import { createHeap, inOrder, type Heap } from './heap.ts'
import type { TagGraph } from './tag-graph.ts'
import { isBefore, type PoolTransaction } from './transaction.ts'

/** Ready extrinsics, and the order in which a block takes them. */
export class ReadyQueue extends BoundedQueue {
  /** Those that a block could begin with. */
  readonly #opened: Heap<PoolTransaction> = createHeap(isBefore)

  override add(transaction: PoolTransaction): void {
    super.add(transaction)
    if (transaction.requires.size === 0) this.#opened.push(transaction)
  }

  override delete(transaction: PoolTransaction): void {
    super.delete(transaction)
    this.#opened.delete(transaction)
  }

  /** One that is here requires nothing any more that is not in the chain. */
  open(transaction: PoolTransaction): void {
    this.#opened.push(transaction)
  }

  /**
   * By priority, each behind all that it requires. Costs k log k for the first k, however many wait;
   * the queue may not change meanwhile. The iterator is told of each whether it was taken, and then
   * offers nothing that depends on one that was not.
   */
  *candidates(
    graph: Pick<TagGraph, 'dependantsOf'>,
  ): Generator<PoolTransaction, void, boolean | undefined> {
    const left = new Map<PoolTransaction, number>()
    let isTaken = true
    const follow = function* ({ provides }: PoolTransaction): Generator<PoolTransaction> {
      if (!isTaken) return
      for (const tag of provides)
        for (const one of graph.dependantsOf(tag)) {
          const missing = (left.get(one) ?? one.requires.size) - 1
          left.set(one, missing)
          if (missing === 0) yield one
        }
    }
    for (const next of inOrder(this.#opened, isBefore, follow)) isTaken = (yield next) !== false
  }
}
