import type { SignatureCounts } from './signatures/checker.ts'
import type { PoolError } from './errors.ts'
import type { PoolStatus } from './transaction.ts'

/** What happened since the node started. */
export type PoolCounters = {
  readonly submitted: number
  readonly accepted: number
  /** By code of the reason. */
  readonly refused: { readonly [Code in PoolError['code']]?: number }
  /** What became of accepted ones that are here no more. */
  readonly left: { readonly [Status in PoolStatus['type']]?: number }
  readonly signatures: SignatureCounts
}

/** Before anything was submitted. */
export const NO_COUNTERS: PoolCounters = {
  submitted: 0,
  accepted: 0,
  refused: {},
  left: {},
  signatures: { onThreads: 0, onCaller: 0, waiting: 0, threads: 0, faults: 0 },
}

/** Counts by name; names come from the code, hence they are few. */
export interface Tally<Name extends string> {
  add(name: Name): void
  read(): { readonly [N in Name]?: number }
}

export function createTally<Name extends string>(): Tally<Name> {
  const counts: { [N in Name]?: number } = {}
  return {
    add: (name) => void (counts[name] = (counts[name] ?? 0) + 1),
    read: () => ({ ...counts }),
  }
}
