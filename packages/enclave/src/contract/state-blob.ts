import {
  accountId,
  boundedBytes,
  boundedStr,
  concatBytes,
  decode,
  encode,
  err,
  fixedBytes,
  hash256,
  ok,
  struct,
  tuple,
  u64,
  vec,
  type AccountId,
  type Codec,
  type Hash,
  type Result,
} from '@tacit/base'
import { aeadOpen, aeadSeal, hmacSha256 } from '@tacit/crypto'
import { LIMITS } from '@tacit/sandbox'
import type { StateKeys } from '../release/contract-keys.ts'
import { MAX_ANSWERS, type CommandAnswer, type ContractState } from './contract-state.ts'

const MIN_CONTENT_BYTES = 4_096
const MAX_CONTENT_BYTES = 8 * 1024 * 1024
const LENGTH_BYTES = 4
const NONCE_BYTES = 12
const TAG_BYTES = 16
/** Bytes of a sealed state. */
export const MAX_BLOB_BYTES: number = NONCE_BYTES + MAX_CONTENT_BYTES + TAG_BYTES

export type BlobError =
  /** Sealed for another contract, root or key, or damaged. */
  | { readonly code: 'blob_open_failed' }
  /** It opened, but what is inside is no state. */
  | { readonly code: 'blob_malformed' }
  | { readonly code: 'state_too_large' }

type Content = Pick<ContractState, 'processed' | 'inboxHead' | 'answers'> & {
  readonly values: readonly (readonly [string, Uint8Array])[]
}

const answer: Codec<CommandAnswer> = struct({
  sequence: u64,
  sender: fixedBytes(32),
  code: boundedStr(64),
  output: boundedBytes(LIMITS.outputBytes),
  salt: fixedBytes(32),
})
const value = tuple(boundedStr(LIMITS.stateKeyBytes), boundedBytes(LIMITS.stateValueBytes))
const content: Codec<Content> = struct({
  processed: u64,
  inboxHead: hash256,
  answers: vec(answer, MAX_ANSWERS),
  values: vec(value, LIMITS.stateBytes / LIMITS.stateEntryBytes),
})

type BlobScope = { readonly contract: AccountId; readonly root: Hash }
const scope: Codec<BlobScope> = struct({ contract: accountId, root: hash256 })

/**
 * Seals a state for the worker's disk: AES-256-GCM, padded to a power of two, bound to contract
 * and root. The nonce is a MAC of the content, so that equal nonces mean equal content and no
 * counter has to survive a crash.
 */
export function sealState(
  keys: StateKeys,
  contract: AccountId,
  state: ContractState,
): Result<Uint8Array, BlobError> {
  const plaintext = encodePadded(state)
  if (plaintext === undefined) return err({ code: 'state_too_large' })
  const aad = encode(scope, { contract, root: state.root })
  const nonce = hmacSha256(keys.nonce, concatBytes(aad, plaintext)).slice(0, NONCE_BYTES)
  return ok(concatBytes(nonce, aeadSeal({ key: keys.encryption, nonce, aad, plaintext })))
}

/** Opens a state that was sealed for exactly this contract and root. */
export function openState(
  keys: StateKeys,
  contract: AccountId,
  root: Hash,
  blob: Uint8Array,
): Result<ContractState, BlobError> {
  const aad = encode(scope, { contract, root })
  const nonce = blob.subarray(0, NONCE_BYTES)
  if (nonce.length < NONCE_BYTES) return err({ code: 'blob_open_failed' })
  const ciphertext = blob.subarray(NONCE_BYTES)
  const opened = aeadOpen({ key: keys.encryption, nonce, aad, ciphertext })
  if (!opened.ok) return err({ code: 'blob_open_failed' })
  const decoded = decode(content, contentOf(opened.value))
  if (!decoded.ok) return err({ code: 'blob_malformed' })
  const { processed, inboxHead, answers, values } = decoded.value
  return ok({ root, processed, inboxHead, answers, values: new Map(values) })
}

/** Length (u32 LE), content, zeros up to a power of two. */
function encodePadded(state: ContractState): Uint8Array | undefined {
  const { processed, inboxHead, answers } = state
  const bare = encode(content, { processed, inboxHead, answers, values: [...state.values] })
  let size = MIN_CONTENT_BYTES
  while (size < LENGTH_BYTES + bare.length) size *= 2
  if (size > MAX_CONTENT_BYTES) return undefined
  const padded = new Uint8Array(size)
  new DataView(padded.buffer).setUint32(0, bare.length, true)
  padded.set(bare, LENGTH_BYTES)
  return padded
}

function contentOf(padded: Uint8Array): Uint8Array {
  if (padded.length < LENGTH_BYTES) return padded
  const view = new DataView(padded.buffer, padded.byteOffset, padded.byteLength)
  return padded.subarray(LENGTH_BYTES, LENGTH_BYTES + view.getUint32(0, true))
}
