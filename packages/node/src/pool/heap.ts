/** A binary heap of distinct items, the first in its order at place 0. */
export interface Heap<T> {
  readonly size: number
  /** Adds an item that is not in it. */
  push(item: T): void
  pop(): T | undefined
  /** Takes an item out from wherever it is; false if it is not there. */
  delete(item: T): boolean
  /** What is at a place; none of the items at 2 * place + 1 and 2 * place + 2 comes before it. */
  at(place: number): T | undefined
}

/** @param isBefore whether a comes before b; a strict order that does not change for items inside. */
export function createHeap<T>(isBefore: (a: T, b: T) => boolean): Heap<T> {
  const items: T[] = []
  const places = new Map<T, number>()

  function put(item: T, at: number): void {
    items[at] = item
    places.set(item, at)
  }

  function rise(item: T, from: number): void {
    let at = from
    while (at > 0) {
      const parent = items[(at - 1) >> 1]
      if (parent === undefined || !isBefore(item, parent)) break
      put(parent, at)
      at = (at - 1) >> 1
    }
    put(item, at)
  }

  function sink(item: T, from: number): void {
    let at = from
    for (;;) {
      const [left, right] = [items[2 * at + 1], items[2 * at + 2]]
      const isRight = left !== undefined && right !== undefined && isBefore(right, left)
      const child = isRight ? right : left
      if (child === undefined || !isBefore(child, item)) break
      put(child, at)
      at = 2 * at + (isRight ? 2 : 1)
    }
    put(item, at)
  }

  function take(item: T, at: number): void {
    const last = items.pop()
    places.delete(item)
    if (last === undefined || last === item) return
    sink(last, at)
    rise(last, places.get(last) ?? at)
  }

  return {
    get size() {
      return items.length
    },
    push: (item) => rise(item, items.length),
    pop: () => {
      const first = items[0]
      if (first !== undefined) take(first, 0)
      return first
    },
    delete: (item) => {
      const at = places.get(item)
      if (at !== undefined) take(item, at)
      return at !== undefined
    },
    at: (place) => items[place],
  }
}

/**
 * The items of a heap in their order, without taking them out: the first k cost k log k, however
 * many there are. The heap may not change meanwhile.
 * @param follow further items that come into the order behind an item that was given.
 */
export function* inOrder<T>(
  heap: Heap<T>,
  isBefore: (a: T, b: T) => boolean,
  follow: (item: T) => Iterable<T> = () => [],
): Generator<T, void, void> {
  type Open = { readonly item: T; readonly place?: number }
  const open = createHeap<Open>((a, b) => isBefore(a.item, b.item))
  const reach = (place: number): void => {
    const item = heap.at(place)
    if (item !== undefined) open.push({ item, place })
  }
  reach(0)
  for (let next = open.pop(); next; next = open.pop()) {
    yield next.item
    if (next.place !== undefined) {
      reach(2 * next.place + 1)
      reach(2 * next.place + 2)
    }
    for (const item of follow(next.item)) open.push({ item })
  }
}
