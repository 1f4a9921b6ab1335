import { median, type BenchCase } from './result.ts'

/** Something to time: ours, or a peer that does the same work. */
export type Contender = () => unknown

export interface InterleaveOptions {
  readonly rounds: number
  /** Each contender runs in each round at least this often, and at least for minimumMs. */
  readonly runs: number
  readonly minimumMs: number
}

const DEFAULTS: InterleaveOptions = { rounds: 15, runs: 20, minimumMs: 60 }
/** Each contender runs so long beforehand: code that was compiled late would count otherwise. */
const WARM_UP_MS = 1_000

/**
 * Times contenders in turns within one process, so that whatever else the machine does meets all
 * of them. A round's figure is the median of its single runs; the ratio has its own minimum, median
 * and maximum over the rounds. All of them run for a second before.
 * @returns the case in milliseconds.
 */
export async function interleave(
  name: string,
  ours: Contender,
  peers: Readonly<Record<string, Contender>>,
  options: Partial<InterleaveOptions> = {},
): Promise<BenchCase> {
  const { rounds, ...each } = { ...DEFAULTS, ...options }
  const figures: number[] = []
  const ratios = new Map(Object.keys(peers).map((peer) => [peer, [] as number[]]))
  for (const contender of [ours, ...Object.values(peers)])
    await timeRuns(contender, { runs: each.runs, minimumMs: WARM_UP_MS })
  for (let round = 0; round < rounds; round++) {
    const own = await timeRuns(ours, each)
    figures.push(own)
    for (const [peer, contender] of Object.entries(peers))
      ratios.get(peer)?.push(own / (await timeRuns(contender, each)))
  }
  const spreads = [...ratios].map(([peer, found]) => [peer, spread(found)])
  return { name, unit: 'ms', ours: round3(median(figures)), ratio: Object.fromEntries(spreads) }
}

async function timeRuns(
  run: Contender,
  { runs, minimumMs }: Omit<InterleaveOptions, 'rounds'>,
): Promise<number> {
  const times: number[] = []
  const end = performance.now() + minimumMs
  while (times.length < runs || performance.now() < end) {
    const started = performance.now()
    const result = run()
    if (result instanceof Promise) await result
    times.push(performance.now() - started)
  }
  return median(times)
}

/** Minimum, median and maximum, to three digits. */
export function spread(ratios: readonly number[]): [number, number, number] {
  return [round3(Math.min(...ratios)), round3(median(ratios)), round3(Math.max(...ratios))]
}

function round3(value: number): number {
  return Math.round(value * 1000) / 1000
}
