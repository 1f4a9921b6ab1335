import { concatBytes, decode, encode, u16, unwrap, utf8, type Result } from '@tacit/base'
import type { PalletContext } from './context.ts'
import type { State } from './state.ts'
import type { Weight } from './weights.ts'

/**
 * How a pallet's storage comes from one version of its layout to the next, in as many blocks as it
 * takes. Errors are texts for the node's log. Source: frame_support::migrations::SteppedMigration.
 */
export interface Migration {
  readonly from: number
  readonly to: number
  /** An upper bound of one step, and of each of the checks. */
  readonly stepWeight: Weight
  /** Judges the old layout before the first step; changes nothing. */
  preCheck(context: PalletContext): Result<void, string>
  /**
   * Does the next part of the work, as far as stepWeight goes.
   * @param cursor where the last step stopped; absent at first.
   * @returns where this one did, at most 65,536 bytes; undefined when all is done.
   */
  step(
    context: PalletContext,
    cursor: Uint8Array | undefined,
  ): Result<Uint8Array | undefined, string>
  /** Judges the new layout behind the last step, which is undone if it is not good. */
  postCheck(context: PalletContext): Result<void, string>
}

const VERSION_ITEM = utf8(':__STORAGE_VERSION__:')

/** Where FRAME keeps the version of a pallet's layout: two bytes, little-endian. */
export function storageVersionKey({ hashes }: Pick<State, 'hashes'>, pallet: string): Uint8Array {
  return concatBytes(hashes.twox128(utf8(pallet)), hashes.twox128(VERSION_ITEM))
}

/** The version of the layout in which a pallet's storage is; undefined if that is not said. */
export function storedVersion(state: State, pallet: string): number | undefined {
  const raw = state.get(storageVersionKey(state, pallet))
  return raw && unwrap(decode(u16, raw), `${pallet}: storage version`)
}

export function setStoredVersion(state: State, pallet: string, version: number): void {
  state.set(storageVersionKey(state, pallet), encode(u16, version))
}
