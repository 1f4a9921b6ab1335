/** A source of random numbers that a seed decides. */
export interface Prng {
  /** An integer from 0 to below the bound, which is at most 2^32. */
  below(bound: number): number
  pick<T>(items: readonly T[]): T
}

/**
 * sfc32 with the seed and a stream's number as state: each stream gives other numbers.
 * Source: C. Doty-Humphrey, PractRand 0.94, sfc32.
 */
export function createPrng(seed: number, stream: number): Prng {
  let a = seed >>> 0
  let b = stream >>> 0
  let c = Math.floor(stream / 2 ** 32) >>> 0
  let counter = 1
  const next = (): number => {
    const sum = (a + b + counter) | 0
    counter = (counter + 1) | 0
    a = b ^ (b >>> 9)
    b = (c + (c << 3)) | 0
    c = ((c << 21) | (c >>> 11)) + sum
    return sum >>> 0
  }
  for (let round = 0; round < 12; round++) next()
  const below = (bound: number): number => Math.floor((next() / 2 ** 32) * bound)
  return {
    below,
    pick: (items) => {
      const item = items[below(items.length)]
      if (item === undefined) throw new RangeError('pick: nothing to pick from')
      return item
    },
  }
}
