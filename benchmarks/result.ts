/** One measured case; ratio = our figure / the peer's, as minimum, median and maximum. */
export type BenchCase = {
  readonly name: string
  readonly unit: string
  /** Median. */
  readonly ours: number
  readonly ratio: Readonly<Record<string, readonly [min: number, median: number, max: number]>>
}

export type BenchResult = {
  readonly bench: string
  readonly cases: readonly BenchCase[]
  /** What the figures rest on, where a benchmark says it; loads are averages of a minute. */
  readonly machine?: {
    readonly cores: number
    readonly loadBefore: number
    readonly loadAfter: number
    readonly node: string
  }
}

export function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0
}

export function printResult(result: BenchResult, json: boolean): void {
  if (json) return console.log(JSON.stringify(result))
  for (const { name, unit, ours, ratio } of result.cases) {
    const peers = Object.entries(ratio).map(
      ([peer, [min, mid, max]]) => `  ${peer} ${mid} (${min}-${max})`,
    )
    console.log([`${result.bench}/${name}: ${ours.toFixed(1)} ${unit}`, ...peers].join('\n'))
  }
  if (result.machine) console.log(JSON.stringify(result.machine))
}
