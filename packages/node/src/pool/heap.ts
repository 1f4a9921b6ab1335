/** A binary heap: pop gives the item that comes first in the order. */
export interface Heap<T> {
  push(item: T): void
  pop(): T | undefined
}

/** @param isBefore whether a comes before b; a strict order. */
export function createHeap<T>(isBefore: (a: T, b: T) => boolean): Heap<T> {
  const items: T[] = []

  function swapIfBefore(child: number, parent: number): boolean {
    const a = items[child]
    const b = items[parent]
    if (a === undefined || b === undefined || !isBefore(a, b)) return false
    items[child] = b
    items[parent] = a
    return true
  }

  function sink(): void {
    for (let at = 0; ;) {
      const [left, right] = [items[2 * at + 1], items[2 * at + 2]]
      if (left === undefined) return
      const first = right !== undefined && isBefore(right, left) ? 2 * at + 2 : 2 * at + 1
      if (!swapIfBefore(first, at)) return
      at = first
    }
  }

  return {
    push: (item) => {
      items.push(item)
      let at = items.length - 1
      while (at > 0) {
        const parent = (at - 1) >> 1
        if (!swapIfBefore(at, parent)) return
        at = parent
      }
    },
    pop: () => {
      const first = items[0]
      const last = items.pop()
      if (items.length === 0 || last === undefined) return first
      items[0] = last
      sink()
      return first
    },
  }
}
