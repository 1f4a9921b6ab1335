import type { Result } from '@tacit/base'
import type { SignatureCheck } from '@tacit/crypto'
import { sizeOf } from './batch.ts'

/** Why a signature was not decided. */
export type SignatureFault =
  /** As many wait as may. */
  | { readonly code: 'signatures_busy' }
  /** The node stops, or two threads died over the check. */
  | { readonly code: 'signatures_unavailable' }

/** A check that somebody waits for. */
export type Waiting = {
  readonly check: SignatureCheck
  readonly settle: (answer: Result<boolean, SignatureFault>) => void
  /** Whether a thread died over it. */
  readonly isRetried: boolean
}

/** Checks that wait for a thread: what is tried once more first, then in the order of arrival. */
export interface WaitingQueue {
  readonly size: number
  /** @returns false where no more may wait. */
  offer(waiting: Waiting): boolean
  /** Lets one wait before all that were offered, however many there are. */
  putFirst(waiting: Waiting): void
  take(most: number): Waiting[]
}

export type WaitingLimits = { readonly checks: number; readonly bytes: number }

/** @param limits of what is offered; what is put first is what a thread that died had. */
export function createWaitingQueue(limits: WaitingLimits): WaitingQueue {
  const offered: Waiting[] = []
  const first: Waiting[] = []
  let bytes = 0
  return {
    get size() {
      return first.length + offered.length
    },
    offer: (waiting) => {
      const size = sizeOf(waiting.check)
      if (offered.length >= limits.checks || bytes + size > limits.bytes) return false
      bytes += size
      offered.push(waiting)
      return true
    },
    putFirst: (waiting) => void first.push(waiting),
    take: (most) => {
      const again = first.splice(0, most)
      const rest = offered.splice(0, most - again.length)
      for (const { check } of rest) bytes -= sizeOf(check)
      return [...again, ...rest]
    },
  }
}
