import { loadavg } from 'node:os'
import {
  createToyChain,
  toyExtrinsic,
  type ToyChain,
} from '../packages/node/src/testing/toy-chain.ts'
import { median, type BenchCase, type BenchResult } from './result.ts'

const SIZES = { '1k': 1_000, '10k': 10_000, '100k': 100_000 } as const
type Size = keyof typeof SIZES
const ROUNDS = 5
/** Extrinsics of a measured block. */
const TAKEN = 500
const PER_SENDER = 100
const ROOM = { transactions: 200_000, bytes: 1e9, perSender: 2 * PER_SENDER }

/**
 * What the pool's structure takes of this thread's CPU for one transaction, with so many waiting.
 * The rules are a stub that costs next to nothing, signatures hold. Sizes are interleaved;
 * `ratio.1k` is a figure by that of the same round with a thousand.
 */
export async function benchPool(): Promise<BenchResult> {
  const sizes = Object.keys(SIZES) as Size[]
  const rounds: Record<Size, { insert: number; build: number }>[] = []
  await measure(SIZES['1k'])
  for (let round = 0; round < ROUNDS; round++) {
    const figures = { '1k': NONE, '10k': NONE, '100k': NONE }
    for (const size of sizes) figures[size] = await measure(SIZES[size])
    rounds.push(figures)
  }
  console.error(
    `load of the machine: ${loadavg()
      .map((load) => load.toFixed(1))
      .join(' ')}`,
  )
  const cases = (['insert', 'build'] as const).flatMap((kind) =>
    sizes.map((size): BenchCase => {
      const figures = rounds.map((round) => round[size][kind])
      const growth = rounds
        .map((round) => round[size][kind] / round['1k'][kind])
        .sort((a, b) => a - b)
      const rounded = (at: number): number => Math.round((growth.at(at) ?? 0) * 1_000) / 1_000
      const ratio = [rounded(0), Math.round(median(growth) * 1_000) / 1_000, rounded(-1)] as const
      return {
        name: `${kind}/${size}`,
        unit: 'ns',
        ours: Math.round(median(figures)),
        ratio: { '1k': ratio },
      }
    }),
  )
  return { bench: 'pool', cases }
}

const NONE = { insert: 0, build: 0 }

async function measure(count: number): Promise<typeof NONE> {
  const chain = createToyChain({ ready: ROOM, future: ROOM, areProved: true })
  const all = extrinsics(count)
  globalThis.gc?.()
  let from = process.threadCpuUsage()
  for (const bytes of all) await chain.pool.submit(bytes, 'External')
  const insert = nanoseconds(from) / count
  const { ready } = await chain.pool.status()
  if (ready !== count) throw new Error(`${ready} of ${count} are ready`)
  from = process.threadCpuUsage()
  build(chain)
  return { insert, build: nanoseconds(from) / TAKEN }
}

/** Chooses a block and takes it out. */
function build({ pool, include }: ToyChain): void {
  const taken: Uint8Array[] = []
  for (const bytes of pool.candidates()) {
    taken.push(bytes)
    if (taken.length === TAKEN) break
  }
  include(...taken)
}

function nanoseconds(from: NodeJS.CpuUsage): number {
  const { user, system } = process.threadCpuUsage(from)
  return 1_000 * (user + system)
}

/** Chains of a hundred nonces; priorities are scattered, so that the order has to be found. */
function extrinsics(count: number): Uint8Array[] {
  return Array.from({ length: count }, (_, at) => {
    const senders = count / PER_SENDER
    const priority = 1 + ((at * 7_919) % 10_007)
    return toyExtrinsic(`s${at % senders}`, Math.floor(at / senders), priority)
  })
}
