import { encodeBareExtrinsic, encodeCall } from './extrinsic.ts'
import { consensusCalls, consensusPallet } from './pallets/consensus/index.ts'
import type { Note } from './pallets/consensus/types.ts'
import { timestampCalls, timestampPallet } from './pallets/timestamp/index.ts'

/** What the engine knows about a block. */
export type Inherents = Note & {
  /** Unix milliseconds, later than the last block's. */
  readonly nowMs: bigint
}

/** The two extrinsics with which every block begins. */
export function encodeInherents({ nowMs, ...note }: Inherents): Uint8Array[] {
  return [
    encodeCall(timestampPallet.index, timestampCalls.set, { now: nowMs }),
    encodeCall(consensusPallet.index, consensusCalls.note, note),
  ].map(encodeBareExtrinsic)
}
