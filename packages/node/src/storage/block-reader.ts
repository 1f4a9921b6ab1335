import type { Result } from '@tacit/base'
import type { BodyUnavailable } from './read-chain.ts'
import type { StateAt, StateUnavailable } from './store.ts'

/** What is asked of committed blocks, on whatever thread. All reads are synchronous. */
export interface BlockReader {
  /** Proof of light's checkpointKeys in the state of genesis. */
  readonly checkpointProof: readonly Uint8Array[]
  /** Header bytes; undefined above the best block, and before an imported one but for handovers. */
  header(number: number): Uint8Array | undefined
  body(number: number): Result<readonly Uint8Array[], BodyUnavailable>
  /**
   * SCALE of a GrandpaJustification, whether or not it has reached the disk; undefined where it was
   * pruned with the body.
   */
  justification(number: number): Uint8Array | undefined
  /** The number of a committed block. */
  numberOf(hash: Uint8Array): number | undefined
  /**
   * State behind a block, to be read before the caller yields to the event loop: later it may
   * be pruned, or be that of another block.
   */
  stateAt(number: number): Result<StateAt, StateUnavailable>
}
