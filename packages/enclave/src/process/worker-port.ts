import {
  decode,
  err,
  ok,
  toHex,
  type AccountId,
  type Coded,
  type Hash,
  type Result,
} from '@tacit/base'
import { inboxEntry, inboxPayload, MAX_COMMIT_COMMANDS, MAX_SEALED_BYTES } from '@tacit/runtime'
import type { Json } from '../channel/json.ts'
import { fixedHex, hexBytes, listOf, parseParams, type Field } from '../channel/params.ts'
import type { Peer, WireError } from '../channel/peer.ts'
import type { ContractSource } from '../contract/contract-host.ts'
import { MAX_BLOB_BYTES } from '../contract/state-blob.ts'
import type { Codec } from '@tacit/base'

/** Nodes of one read proof, and bytes of one node. */
export const MAX_PROOF_NODES = 4_096
export const MAX_PROOF_NODE_BYTES = 1_310_720

/** What the worker gave is not of the agreed form. */
type AnswerError = WireError | { readonly code: 'answer_malformed' }

/** The worker as the enclave asks it: for proofs, inbox entries and sealed states. */
export interface WorkerPort extends ContractSource {
  /** Nodes that prove keys at a block; unverified. */
  prove(
    hash: Hash,
    keys: readonly Uint8Array[],
  ): Promise<Result<readonly Uint8Array[], AnswerError>>
}

export function createWorkerPort(peer: Pick<Peer, 'request'>): WorkerPort {
  async function ask<T>(
    method: string,
    params: Json,
    read: (answer: Json) => Result<T, Coded>,
  ): Promise<Result<T, AnswerError>> {
    const answer = await peer.request(method, params)
    if (!answer.ok) return answer
    const parsed = read(answer.value)
    return parsed.ok ? parsed : err({ code: 'answer_malformed' })
  }

  return {
    prove: (hash, keys) =>
      ask('prove', { hash: toHex(hash), keys: keys.map(toHex) }, (answer) => {
        const node = hexBytes(MAX_PROOF_NODE_BYTES)
        const parsed = parseParams(answer, { proof: listOf(node, MAX_PROOF_NODES) })
        return parsed.ok ? ok(parsed.value.proof) : parsed
      }),
    inbox: (contract, from, to) =>
      ask(
        'inbox',
        { contract: toHex(contract), from: from.toString(), to: to.toString() },
        (answer) =>
          parseParams(answer, {
            entries: listOf(scale(inboxEntry, 256), MAX_COMMIT_COMMANDS),
            payloads: listOf(scale(inboxPayload, MAX_SEALED_BYTES + 8), MAX_COMMIT_COMMANDS),
          }),
      ),
    stateBlob: (contract, { root, processed }) =>
      ask(
        'stateBlob',
        { contract: toHex(contract), root: toHex(root), processed: processed.toString() },
        readBlob,
      ),
  }
}

function readBlob(answer: Json): Result<Uint8Array | undefined, Coded> {
  const none = parseParams(answer, { blob: (value) => (value === null ? true : undefined) })
  if (none.ok) return ok(undefined)
  const some = parseParams(answer, { blob: hexBytes(MAX_BLOB_BYTES) })
  return some.ok ? ok(some.value.blob) : some
}

/** 0x-hex of a value's SCALE encoding, at most max bytes. */
export function scale<T>(codec: Codec<T>, max: number): Field<T> {
  const read = hexBytes(max)
  return (value) => {
    const bytes = read(value)
    const decoded = bytes && decode(codec, bytes)
    return decoded?.ok ? decoded.value : undefined
  }
}

export const accountField: Field<AccountId> = fixedHex<AccountId>(32)
export const hashField: Field<Hash> = fixedHex<Hash>(32)
