import {
  err,
  hash256,
  ok,
  struct,
  u32,
  unwrap,
  variant,
  type CaseOf,
  type Codec,
  type Hash,
  type Result,
  type TypeInfo,
} from '@tacit/base'
import { boundedVecOfBytes } from '../../framework/bounded.ts'
import type { PalletContext } from '../../framework/context.ts'
import type { DispatchError } from '../../framework/dispatch-error.ts'
import type { State } from '../../framework/state.ts'
import {
  fetchPreimage,
  noteBytes,
  preimageLength,
  requestPreimage,
  unrequestPreimage,
} from './preimages.ts'
import { MAX_PREIMAGE_BYTES, preimageStorage } from './types.ts'

/** Encodings up to this length are kept where they are needed. */
export const MAX_INLINE_BYTES = 128

/**
 * An encoded value, such as a call, that another pallet stores: at most 131 bytes, the rest in a
 * preimage. Source: frame_support::traits::preimages::Bounded.
 */
export type Bounded =
  /** A preimage of unknown length; read, never made. */
  | CaseOf<'Legacy', { readonly hash: Hash }>
  | CaseOf<'Inline', Uint8Array>
  | CaseOf<'Lookup', { readonly hash: Hash; readonly len: number }>

const BLAKE2: TypeInfo = {
  kind: 'composite',
  path: ['sp_runtime', 'traits', 'BlakeTwo256'],
  params: [],
  fields: [],
}

export const bounded: Codec<Bounded> = variant(
  {
    Legacy: [0, struct({ hash: hash256 })],
    Inline: [1, boundedVecOfBytes(MAX_INLINE_BYTES)],
    Lookup: [2, struct({ hash: hash256, len: u32 })],
  },
  {
    path: ['frame_support', 'traits', 'preimages', 'Bounded'],
    params: [{ name: 'H', type: BLAKE2 }],
  },
)

/**
 * Makes a bounded value of an encoding, under one request; drop it when it is needed no more.
 * `exhausted`: it is too long for a preimage.
 */
export function bound(context: PalletContext, bytes: Uint8Array): Result<Bounded, DispatchError> {
  if (bytes.length <= MAX_INLINE_BYTES) return ok({ type: 'Inline', value: bytes })
  if (bytes.length > MAX_PREIMAGE_BYTES) return err({ code: 'exhausted' })
  const { state } = context
  const hash = state.hashes.blake2b256(bytes) as Hash
  const known = preimageStorage.RequestStatusFor.has(state, hash)
  if (preimageLength(state, hash) === undefined) unwrap(noteBytes(context, bytes, undefined))
  // What nobody knew of is requested once by having been noted.
  if (known) requestPreimage(context, hash)
  return ok({ type: 'Lookup', value: { hash, len: bytes.length } })
}

/** Asks for what a bounded value needs, once more. */
export function holdBounded(context: PalletContext, stored: Bounded): void {
  if (stored.type !== 'Inline') requestPreimage(context, stored.value.hash)
}

/** Asks for what a bounded value needs, once less. */
export function dropBounded(context: PalletContext, stored: Bounded): void {
  // The chain itself may have taken the request away by a call: then there is nothing left to do.
  if (stored.type !== 'Inline') unrequestPreimage(context, stored.value.hash)
}

/** The encoding behind a bounded value; undefined if its preimage is not there. */
export function peekBounded(state: State, stored: Bounded): Uint8Array | undefined {
  if (stored.type === 'Inline') return stored.value
  const length = stored.type === 'Lookup' ? stored.value.len : undefined
  return fetchPreimage(state, stored.value.hash, length)
}

/** Bytes of preimage that reading a bounded value may take; 0 if it has none. */
export function lookupBytes(stored: Bounded): number {
  if (stored.type === 'Inline') return 0
  return stored.type === 'Lookup' ? stored.value.len : MAX_PREIMAGE_BYTES
}
