/**
 * Strings in ascending order that are added one by one and read now and then: an addition is put
 * off until the next read, which merges what came since.
 */
export interface SortedKeys {
  /** The key must not have been added before. */
  add(key: string): void
  /** Index of the first key that is not below the bound. */
  from(bound: string): number
  at(index: number): string | undefined
}

export function createSortedKeys(): SortedKeys {
  let sorted: string[] = []
  let added: string[] = []

  function settle(): string[] {
    if (added.length > 0) {
      sorted = mergeSorted(sorted, added.sort(compareStrings))
      added = []
    }
    return sorted
  }

  return {
    add: (key) => {
      added.push(key)
    },
    from: (bound) => lowerBound(settle(), bound),
    at: (index) => settle()[index],
  }
}

function compareStrings(a: string, b: string): number {
  return a < b ? -1 : Number(a > b)
}

function mergeSorted(a: readonly string[], b: readonly string[]): string[] {
  const merged: string[] = []
  let next = 0
  for (const item of a) {
    for (let other = b[next]; other !== undefined && other < item; other = b[++next]) {
      merged.push(other)
    }
    merged.push(item)
  }
  for (; next < b.length; next++) merged.push(b[next] ?? '')
  return merged
}

function lowerBound(sorted: readonly string[], bound: string): number {
  let low = 0
  let high = sorted.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((sorted[middle] ?? '') < bound) low = middle + 1
    else high = middle
  }
  return low
}
