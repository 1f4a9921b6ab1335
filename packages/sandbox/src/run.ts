import type { Cipheriv } from 'node:crypto'

import type { OutboxItem } from './types.ts'
import type { ContractFailure, Request } from './wire.ts'
import { GAS } from './limits.ts'

/**
 * Ends the present run. Thrown by the host through the guest's frames, so that no catch of the
 * contract sees it; the memory that it leaves in disorder is restored before the next run.
 */
export class RunEnded {
  readonly failure: ContractFailure
  constructor(failure: ContractFailure) {
    this.failure = failure
  }
}

/** One run of guest code: the loading of a bundle or a call. */
export interface Run {
  /** Undefined while a bundle loads: it has no world to look at. */
  readonly request: Request | undefined
  readonly gasLimit: number
  gas: number
  /** Source of the run's randomness, once it was asked for. */
  randomness: Cipheriv | undefined
  /** Size of the state with this run's writes, as LIMITS.stateBytes counts. */
  stateBytes: number
  readonly writes: Map<string, Uint8Array | undefined>
  readonly outbox: OutboxItem[]
}

export function startRun(request: Request | undefined, gasLimit: number): Run {
  return {
    request,
    gasLimit,
    gas: 0,
    randomness: undefined,
    stateBytes: 0,
    writes: new Map(),
    outbox: [],
  }
}

/** Counts gas and ends the run where it exceeds the limit. */
export function charge(run: Run, gas: number): void {
  run.gas += gas
  if (run.gas > run.gasLimit) throw new RunEnded({ code: 'out_of_gas' })
}

/** What the run owes. */
export function gasUsed(run: Run): bigint {
  return BigInt(Math.min(run.gas, run.gasLimit))
}

/** Charges a host call that moves so many bytes. */
export function chargeHostCall(run: Run, bytes: number): void {
  charge(run, GAS.hostCall + GAS.byte * bytes)
}
