import {
  accountId,
  hash256,
  option,
  struct,
  tuple,
  u128,
  u32,
  variant,
  type AccountId,
  type CaseOf,
  type Codec,
  type Hash,
  type TypeName,
} from '@tacit/base'
import { boundedVecOfBytes } from '../../framework/bounded.ts'
import { defineErrors, type Errors } from '../../framework/errors.ts'
import { defineEvents, type Events } from '../../framework/events.ts'
import { defineStorage, storageMap, type OptionalMap } from '../../framework/storage.ts'
import { depositFor } from '../deposit.ts'

export const PREIMAGE_INDEX = 44
/**
 * Bytes of one preimage. FRAME has 4 MiB, of which a block takes 3.75 million bytes; here one fits
 * with room for others into a block, a message of the engine, and an answer of the RPC as hex.
 */
export const MAX_PREIMAGE_BYTES: number = 1024 * 1024
/** Hashes in one ensure_updated. */
export const MAX_UPDATED_HASHES = 1024

/** An account that pays for a preimage, and the planck held from it. */
export type Ticket = readonly [AccountId, bigint]

/** Who keeps a preimage: its account until the chain asks for it, then as many requests as count. */
export type RequestStatus =
  | CaseOf<'Unrequested', { readonly ticket: Ticket; readonly len: number }>
  | CaseOf<
      'Requested',
      {
        readonly maybe_ticket: Ticket | undefined
        readonly count: number
        /** Absent: asked for, and not there yet. */
        readonly maybe_len: number | undefined
      }
    >

const holdConsideration: Codec<bigint> = {
  ...u128,
  type: {
    kind: 'composite',
    path: ['frame_support', 'traits', 'tokens', 'fungible', 'HoldConsideration'],
    params: [],
    fields: [{ type: u128.type, typeName: 'F::Balance' }],
  },
}
const statusName = (name: string, second: TypeName['params']): TypeName => ({
  path: ['pallet_preimage', name],
  params: [{ name: 'AccountId', type: accountId.type }, ...(second ?? [])],
})
const ticket = tuple(accountId, holdConsideration)
const requestStatus: Codec<RequestStatus> = variant(
  {
    Unrequested: [0, struct({ ticket, len: u32 })],
    Requested: [1, struct({ maybe_ticket: option(ticket), count: u32, maybe_len: option(u32) })],
  },
  statusName('RequestStatus', [{ name: 'Ticket', type: holdConsideration.type }]),
)
const deposit = tuple(accountId, u128)
const oldRequestStatus: Codec<unknown> = variant(
  {
    Unrequested: [0, struct({ deposit, len: u32 })],
    Requested: [1, struct({ deposit: option(deposit), count: u32, len: option(u32) })],
  },
  statusName('OldRequestStatus', [{ name: 'Balance', type: u128.type }]),
)
/** The larger case of a status. */
const STATUS_BYTES = 59

/** Planck held for a preimage of so many bytes: its entry, that of its status, and their bytes. */
export function preimageDeposit(length: number): bigint {
  return depositFor(2, STATUS_BYTES + length)
}

export type PreimageStorage = {
  readonly StatusFor: OptionalMap<Hash, unknown>
  readonly RequestStatusFor: OptionalMap<Hash, RequestStatus>
  readonly PreimageFor: OptionalMap<readonly [Hash, number], Uint8Array>
}

export const preimageStorage: PreimageStorage = defineStorage<PreimageStorage>('Preimage', {
  StatusFor: storageMap({
    hasher: 'Identity',
    key: hash256,
    value: oldRequestStatus,
    docs: ['What RequestStatusFor was in former versions of FRAME: always empty.'],
  }),
  RequestStatusFor: storageMap({
    hasher: 'Identity',
    key: hash256,
    value: requestStatus,
    docs: ['Who keeps the preimage of a hash.'],
  }),
  PreimageFor: storageMap({
    hasher: 'Identity',
    key: tuple(hash256, u32),
    value: boundedVecOfBytes(MAX_PREIMAGE_BYTES),
    docs: ['Preimages by hash and length.'],
  }),
})

type OfHash = { readonly hash: Hash }
const ofHash = struct({ hash: hash256 })

/** Indices as in pallet_preimage. */
export const preimageEvents: Events<{ Noted: OfHash; Requested: OfHash; Cleared: OfHash }> =
  defineEvents('Preimage', PREIMAGE_INDEX, {
    Noted: [0, ofHash, 'A preimage is there.'],
    Requested: [1, ofHash, 'The chain asks for a preimage.'],
    Cleared: [2, ofHash, 'A preimage is gone.'],
  })

/** Indices as in pallet_preimage. */
export const preimageErrors: Errors<
  | 'TooBig'
  | 'AlreadyNoted'
  | 'NotAuthorized'
  | 'NotNoted'
  | 'Requested'
  | 'NotRequested'
  | 'TooMany'
  | 'TooFew'
> = defineErrors('Preimage', PREIMAGE_INDEX, {
  TooBig: [0, 'The preimage has more bytes than may be stored.'],
  AlreadyNoted: [1, 'The preimage is there already.'],
  NotAuthorized: [2, 'The preimage belongs to another account, or to the chain.'],
  NotNoted: [3, 'Nothing is known of the hash.'],
  Requested: [4, 'Known to FRAME, which never gives it; nor does this chain.'],
  NotRequested: [5, 'The chain does not ask for the preimage.'],
  TooMany: [6, 'More than 1024 hashes at once.'],
  TooFew: [7, 'No hash was given.'],
})
