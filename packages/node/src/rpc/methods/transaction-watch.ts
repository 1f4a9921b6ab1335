import { toHex } from '../hex.ts'
import type { PoolError } from '../../pool/errors.ts'
import type { PoolStatus } from '../../pool/transaction.ts'
import type { Methods } from '../json-rpc.ts'
import { bytesAt } from '../params.ts'
import { invalidParams } from '../rpc-error.ts'
import type { RpcServices } from '../services.ts'
import { unsubscribe } from '../subscribe.ts'
import { watchExtrinsic, type ExtrinsicWatch } from '../watch-extrinsic.ts'
import { poolError } from './author.ts'

type Included = Extract<PoolStatus, { type: 'inBlock' }>

/** transactionWatch_v1 of the specification: every verdict is an event, malformed bytes included. */
export function transactionWatchMethods(services: RpcServices): Methods {
  return {
    transactionWatch_v1_submitAndWatch: (params, call) =>
      watchExtrinsic(services, bytesAt(params, 0), call, EVENTS),
    transactionWatch_v1_unwatch: (params, call) => {
      if (!unsubscribe(params, call)) throw invalidParams('there is no such subscription')
    },
  }
}

const EVENTS: ExtrinsicWatch = {
  notification: 'transactionWatch_v1_watchEvent',
  onStatus: (status) => {
    switch (status.type) {
      case 'ready':
      case 'future':
        return { event: 'validated' }
      case 'inBlock':
        return { event: 'bestChainBlockIncluded', block: included(status) }
      case 'usurped':
        return { event: 'invalid', error: `usurped by ${toHex(status.by)}` }
      case 'invalid':
        return { event: 'invalid', error: describe(status.error) }
      case 'dropped':
        return { event: 'dropped', error: 'the pool has no room' }
    }
  },
  onFinalized: (status) => ({ event: 'finalized', block: included(status) }),
  onRefused: (error) =>
    NO_ROOM.has(error.code)
      ? { event: 'dropped', error: 'the pool has no room' }
      : { event: 'invalid', error: describe(error) },
}

/** Refusals that say nothing of the extrinsic: it may come again. */
const NO_ROOM: ReadonlySet<PoolError['code']> = new Set([
  'pool_full',
  'sender_limit',
  'pool_busy',
  'signatures_busy',
  'signatures_unavailable',
])

function included({ block, index }: Included): unknown {
  return { hash: toHex(block.hash), index }
}

function describe(error: PoolError): string {
  const { message, data } = poolError(error)
  return typeof data === 'string' ? `${message}: ${data}` : message
}
