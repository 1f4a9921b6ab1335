import { toHex } from '../hex.ts'
import type { BlockNotice } from '../../chain.ts'
import type { PoolError } from '../../pool/errors.ts'
import type { PoolStatus } from '../../pool/transaction.ts'
import type { Call, Methods } from '../json-rpc.ts'
import { bytesAt, type Params } from '../params.ts'
import { RPC_CODE, RpcError } from '../rpc-error.ts'
import type { RpcServices } from '../services.ts'
import { requireConnection, unsubscribe } from '../subscribe.ts'
import { validityText } from '../validity-text.ts'

export function authorMethods(services: RpcServices): Methods {
  const { pool } = services
  return {
    author_submitExtrinsic: async (params) => {
      const submitted = await pool.submit(bytesAt(params, 0), 'External')
      if (!submitted.ok) throw poolError(submitted.error)
      return toHex(submitted.value)
    },
    author_submitAndWatchExtrinsic: (params, call) => watch(services, params, call),
    author_unwatchExtrinsic: unsubscribe,
    author_pendingExtrinsics: async () => (await pool.pending()).map(toHex),
  }
}

/** Statuses are held until the reply is out, and `finalized` comes with the block's own notice. */
async function watch({ pool, feed }: RpcServices, params: Params, call: Call): Promise<string> {
  const connection = requireConnection(call)
  const bytes = bytesAt(params, 0)
  const held: PoolStatus[] = []
  let tell: (status: PoolStatus) => void = (status) => void held.push(status)
  let isOver = false
  let stop = (): void => {}
  const id = connection.subscribe(() => {
    isOver = true
    stop()
  })
  const listener = (status: PoolStatus): void => tell(status)
  const submitted = await pool.submit(bytes, 'External', listener)
  if (!submitted.ok) {
    connection.unsubscribe(id)
    throw poolError(submitted.error)
  }
  const notify = (result: unknown): void => connection.notify('author_extrinsicUpdate', id, result)
  const end = (): void => void connection.unsubscribe(id)
  const awaitFinality = (block: { readonly number: number }): (() => void) =>
    feed.onFinalized((final: BlockNotice) => {
      if (final.number !== block.number) return
      notify({ finalized: toHex(final.hash) })
      end()
    })
  const onStatus = (status: PoolStatus): void => {
    notify(statusToJson(status))
    if (status.type === 'inBlock') stop = awaitFinality(status.block)
    else if (status.type !== 'ready' && status.type !== 'future') end()
  }
  stop = () => pool.unwatch(submitted.value, listener)
  if (isOver) stop()
  call.afterReply(() => {
    if (isOver) return
    tell = onStatus
    for (const status of held) tell(status)
  })
  return id
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
  sender_limit: [RPC_CODE.immediatelyDropped, 'Immediately Dropped'],
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
