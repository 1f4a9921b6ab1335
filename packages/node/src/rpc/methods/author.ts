import { toHex } from '../hex.ts'
import type { PoolError } from '../../pool/errors.ts'
import type { PoolStatus } from '../../pool/transaction.ts'
import type { Methods } from '../json-rpc.ts'
import { bytesAt } from '../params.ts'
import { RPC_CODE, RpcError } from '../rpc-error.ts'
import type { RpcServices } from '../services.ts'
import { unsubscribe } from '../subscribe.ts'
import { validityText } from '../validity-text.ts'
import { watchExtrinsic, type ExtrinsicWatch } from '../watch-extrinsic.ts'

export function authorMethods(services: RpcServices): Methods {
  const { pool } = services
  return {
    author_submitExtrinsic: async (params) => {
      const submitted = await pool.submit(bytesAt(params, 0), 'External')
      if (!submitted.ok) throw poolError(submitted.error)
      return toHex(submitted.value)
    },
    author_submitAndWatchExtrinsic: (params, call) =>
      watchExtrinsic(services, bytesAt(params, 0), call, LEGACY),
    author_unwatchExtrinsic: unsubscribe,
    author_pendingExtrinsics: async () => (await pool.pending()).map(toHex),
  }
}

/** Statuses as sc_transaction_pool_api::TransactionStatus has them in JSON. */
const LEGACY: ExtrinsicWatch = {
  notification: 'author_extrinsicUpdate',
  onStatus: statusToJson,
  onFinalized: ({ block }) => ({ finalized: toHex(block.hash) }),
  onRefused: (error) => {
    throw poolError(error)
  },
}

function statusToJson(status: PoolStatus): unknown {
  switch (status.type) {
    case 'inBlock':
      return { inBlock: toHex(status.block.hash) }
    case 'usurped':
      return { usurped: toHex(status.by) }
    case 'future':
    case 'ready':
    case 'dropped':
    case 'invalid':
      return status.type
  }
}

const PLAIN: { readonly [code: string]: readonly [code: number, message: string] } = {
  extrinsic_malformed: [RPC_CODE.badFormat, 'Extrinsic has invalid format'],
  temporarily_banned: [RPC_CODE.temporarilyBanned, 'Transaction is temporarily banned'],
  already_imported: [RPC_CODE.alreadyImported, 'Transaction Already Imported'],
  priority_too_low: [RPC_CODE.tooLowPriority, 'Priority is too low'],
  pool_full: [RPC_CODE.immediatelyDropped, 'Immediately Dropped'],
  signatures_busy: [RPC_CODE.busy, 'Server is busy, try again later'],
  signatures_unavailable: [RPC_CODE.busy, 'Server is busy, try again later'],
  sender_limit: [RPC_CODE.immediatelyDropped, 'Immediately Dropped'],
  pool_busy: [RPC_CODE.busy, 'Server is busy, try again later'],
  no_tags: [RPC_CODE.noTags, 'No tags are provided by the transaction'],
}

/** The error that Substrate's RPC gives for a refusal; `data` is FRAME's text, or our own code. */
export function poolError(error: PoolError): RpcError {
  const plain = PLAIN[error.code]
  if (plain) return new RpcError(plain[0], plain[1], withoutBigints(error))
  const { text, isUnknown } = validityText(error)
  return isUnknown
    ? new RpcError(RPC_CODE.unknownValidity, 'Unknown Transaction Validity', text)
    : new RpcError(RPC_CODE.invalidTransaction, 'Invalid Transaction', text)
}

function withoutBigints(error: PoolError): unknown {
  const shown = Object.entries(error).map(([name, value]) => [
    name,
    typeof value === 'bigint' ? value.toString() : value,
  ])
  return Object.fromEntries(shown)
}
