import { addWeights, exceeds, ZERO_WEIGHT, type Weight } from './weights.ts'

/** Counts what is used of a limit. Source: sp_weights::WeightMeter. */
export interface WeightMeter {
  readonly used: Weight
  /** Whether so much can be used without going beyond the limit. */
  fits(weight: Weight): boolean
  /** Counts so much as used, beyond the limit too: it has happened. */
  use(weight: Weight): void
}

export function createWeightMeter(limit: Weight): WeightMeter {
  let used = ZERO_WEIGHT
  return {
    get used() {
      return used
    },
    fits: (weight) => !exceeds(addWeights(used, weight), limit),
    use: (weight) => {
      used = addWeights(used, weight)
    },
  }
}
