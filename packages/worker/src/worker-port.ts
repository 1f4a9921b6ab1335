import { encode, err, ok, toHex, type AccountId, type Hash, type Result } from '@tacit/base'
import {
  fixedHex,
  hexBytes,
  listOf,
  parseParams,
  toWireError,
  type Field,
  type Handler,
  type Json,
  type WireError,
} from '@tacit/enclave/channel'
import { inboxEntry, inboxPayload } from '@tacit/runtime'
import type { Chain } from '@tacit/sdk'
import type { BlobStore } from './blob-store.ts'
import type { InboxIndex } from './inbox-index.ts'
import { codeOf } from './worker-error.ts'

const MAX_KEYS = 256
const MAX_KEY_BYTES = 256

const account = fixedHex<AccountId>(32)
const hash = fixedHex<Hash>(32)
const sequence: Field<bigint> = (value) =>
  typeof value === 'string' && /^\d{1,20}$/.test(value) ? BigInt(value) : undefined

/** Answers what the enclave asks of its worker. */
export function answerEnclave(chain: Chain, inbox: InboxIndex, blobs: BlobStore): Handler {
  return async (method, params) => {
    try {
      return await answer(chain, inbox, blobs, method, params)
    } catch (error) {
      return err({ code: codeOf(error) })
    }
  }
}

async function answer(
  chain: Chain,
  inbox: InboxIndex,
  blobs: BlobStore,
  method: string,
  params: Json,
): Promise<Result<Json, WireError>> {
  if (method === 'prove') {
    const keys = listOf(hexBytes(MAX_KEY_BYTES), MAX_KEYS)
    const asked = parseParams(params, { hash, keys })
    if (!asked.ok) return err(toWireError(asked.error))
    const proof = await chain.fetchProof(asked.value.keys, asked.value.hash)
    return ok({ proof: proof.map(toHex) })
  }
  if (method === 'inbox') {
    const asked = parseParams(params, { contract: account, from: sequence, to: sequence })
    if (!asked.ok) return err(toWireError(asked.error))
    const { contract, from, to } = asked.value
    const found = inbox.range(contract, from, to)
    if (found === undefined) return err({ code: 'inbox_unavailable' })
    return ok({
      entries: found.map(({ entry }) => toHex(encode(inboxEntry, entry))),
      payloads: found.map(({ payload }) => toHex(encode(inboxPayload, payload))),
    })
  }
  if (method === 'stateBlob') {
    const asked = parseParams(params, { contract: account, root: hash, processed: sequence })
    if (!asked.ok) return err(toWireError(asked.error))
    const { contract, root, processed } = asked.value
    const blob = await blobs.load(contract, { root, processed })
    return ok({ blob: blob ? toHex(blob) : null })
  }
  return err({ code: 'method_unknown' })
}
