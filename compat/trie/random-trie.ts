import type { Change, TrieLayout } from '../../packages/state/src/index.ts'

/** Whole numbers from 0 to below the bound. */
export type Random = (bound: number) => number

/** A trie's life: rounds of changes, and keys to prove at its end. */
export interface Scenario {
  readonly layout: TrieLayout
  readonly rounds: readonly (readonly Change[])[]
  readonly proved: readonly Uint8Array[]
}

/** Lengths around which nodes and values change their form, and lengths with longer prefixes. */
const VALUE_LENGTHS = [0, 1, 3, 16, 26, 27, 28, 29, 30, 31, 32, 33, 34, 40, 63, 64, 100, 300]

/** Mulberry32: the same scenarios for the same seed. */
export function createRandom(seed: number): Random {
  let state = seed >>> 0
  return (bound) => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) % bound
  }
}

export function randomScenario(random: Random, size: number, largest: number): Scenario {
  const shape = random(3)
  const known: Uint8Array[] = []
  const rounds = Array.from({ length: 4 }, (_, round) =>
    Array.from({ length: round === 0 ? size : 1 + random(size) }, () => {
      const isOld = known.length > 0 && random(5) < 3
      const key = (isOld && known[random(known.length)]) || randomKey(random, shape)
      known.push(key)
      return { key, value: random(3) === 0 ? undefined : randomValue(random, largest) }
    }),
  )
  const proved = [randomKey(random, shape), ...known.filter(() => random(size) < 3)]
  return { layout: random(3) === 0 ? 'v0' : 'v1', rounds, proved }
}

/** Short keys that are prefixes of each other, keys as pallets make them, or a mixture. */
function randomKey(random: Random, shape: number): Uint8Array {
  if (shape === 0) return bytes(random(4), () => random(4) * 17)
  if (shape === 1) return Uint8Array.from([...prefix(random(4)), ...bytes(48, () => random(256))])
  return random(2) === 0
    ? bytes(random(40), (at) => (at < 30 ? 0xab : random(256)))
    : randomKey(random, random(2))
}

function prefix(pallet: number): Uint8Array {
  return bytes(32, (at) => (at < 16 ? 0x5f : (pallet * 59 + at * 31) & 255))
}

function randomValue(random: Random, largest: number): Uint8Array {
  const length = random(40) === 0 ? largest : (VALUE_LENGTHS[random(VALUE_LENGTHS.length)] ?? 0)
  const fill = random(4)
  return bytes(length, () => (fill === 0 ? 7 : random(256)))
}

function bytes(length: number, byteAt: (at: number) => number): Uint8Array {
  return Uint8Array.from({ length }, (_, at) => byteAt(at))
}
