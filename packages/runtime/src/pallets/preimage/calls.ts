import {
  bytes as anyBytes,
  err,
  hash256,
  ok,
  struct,
  vec,
  type AccountId,
  type Hash,
  type Result,
} from '@tacit/base'
import { defineCalls, type Calls, type DispatchResult } from '../../framework/calls.ts'
import type { CallContext } from '../../framework/context.ts'
import type { DispatchError } from '../../framework/dispatch-error.ts'
import { failure } from '../../framework/nested-calls.ts'
import { ensureRoot, ensureSigned, type BadOrigin, type Origin } from '../../framework/origin.ts'
import { weigh, type Weight } from '../../framework/weights.ts'
import {
  noteBytes,
  preimageLength,
  requestPreimage,
  unnotePreimage,
  unrequestPreimage,
} from './preimages.ts'
import { MAX_PREIMAGE_BYTES, MAX_UPDATED_HASHES, preimageErrors } from './types.ts'

type OfHash = { readonly hash: Hash }
const ofHash = struct({ hash: hash256 })
const requestWeight: Weight = weigh({ reads: 1, writes: 2 })
/** Hashing for its name, copying, and hashing in the trie. */
const PASSES = 3
/**
 * What is removed is read and written once more, for the states of earlier blocks: 20 ms of a node's
 * commit for 1 MiB.
 */
const CLEAR_PASSES = 20

/** Status, preimage of so many bytes, and account and holds of who pays. */
function clearWeight(bytes: number): Weight {
  return weigh({ reads: 3, writes: 4, bytes: CLEAR_PASSES * bytes })
}

/** Indices as in pallet_preimage. */
export const preimageCalls: Calls<{
  note_preimage: { readonly bytes: Uint8Array }
  unnote_preimage: OfHash
  request_preimage: OfHash
  unrequest_preimage: OfHash
  ensure_updated: { readonly hashes: readonly Hash[] }
}> = defineCalls({
  note_preimage: {
    index: 0,
    args: struct({ bytes: anyBytes }),
    docs: ['Stores a preimage, under a deposit; for nothing if the chain asks for it.'],
    weight: ({ bytes }) => weigh({ reads: 3, writes: 4, bytes: PASSES * bytes.length }),
    dispatch(context, { bytes }) {
      const account = accountOrRoot(context.origin)
      if (!account.ok) return account
      const noted = noteBytes(context, bytes, account.value)
      return noted.ok ? ok({ paysFee: !noted.value.requested }) : noted
    },
  },
  unnote_preimage: {
    index: 1,
    args: ofHash,
    docs: ['Takes a preimage away and gives its deposit back.'],
    weight: () => clearWeight(MAX_PREIMAGE_BYTES),
    dispatch: (context, { hash }) =>
      clearing(context, hash, () => {
        const account = accountOrRoot(context.origin)
        return account.ok ? unnotePreimage(context, hash, account.value) : account
      }),
  },
  request_preimage: {
    index: 2,
    args: ofHash,
    docs: ['Asks for a preimage. Only the chain itself may.'],
    weight: () => requestWeight,
    dispatch(context, { hash }) {
      const allowed = ensureRoot(context.origin)
      if (!allowed.ok) return allowed
      requestPreimage(context, hash)
      return ok()
    },
  },
  unrequest_preimage: {
    index: 3,
    args: ofHash,
    docs: ['Asks for a preimage once less. Only the chain itself may.'],
    weight: () => clearWeight(MAX_PREIMAGE_BYTES),
    dispatch: (context, { hash }) =>
      clearing(context, hash, () => {
        const allowed = ensureRoot(context.origin)
        return allowed.ok ? unrequestPreimage(context, hash) : allowed
      }),
  },
  ensure_updated: {
    index: 4,
    args: struct({ hashes: vec(hash256) }),
    docs: ['Brings statuses into their present form. All of this chain are: it changes nothing.'],
    weight: ({ hashes }) => weigh({ reads: hashes.length }),
    dispatch({ origin }, { hashes }) {
      const sender = ensureSigned(origin)
      if (!sender.ok) return sender
      if (hashes.length === 0) return err(preimageErrors.TooFew)
      return hashes.length > MAX_UPDATED_HASHES ? err(preimageErrors.TooMany) : ok()
    },
  },
})

/** Says what it took to remove a preimage of that length, or to fail to. */
function clearing(
  { state }: CallContext,
  hash: Hash,
  clear: () => Result<void, DispatchError>,
): DispatchResult {
  const actualWeight = clearWeight(preimageLength(state, hash) ?? 0)
  const cleared = clear()
  return cleared.ok ? ok({ actualWeight }) : failure(cleared.error, actualWeight)
}

/** Who notes; nobody if it is the chain itself. */
function accountOrRoot(origin: Origin): Result<AccountId | undefined, BadOrigin> {
  return origin.type === 'Root' ? ok(undefined) : ensureSigned(origin)
}
