import { toHex } from '../hex.ts'
import type { BlockNotice } from '../../chain.ts'
import { headerToJson } from '../header-json.ts'
import type { Call, Methods } from '../json-rpc.ts'
import { isAbsent, listAt, integerAt, optionalHashAt, type Params } from '../params.ts'
import { blockAt, bodyOf, findBlock, hashOf, readHeader, type RpcServices } from '../services.ts'
import { subscribe, unsubscribe } from '../subscribe.ts'

const MAX_U32 = 0xffff_ffff
const MAX_HASHES = 128
/** GRANDPA's engine id, 'FRNK', as block justifications are labelled; serde writes arrays of numbers. */
const GRANDPA = [0x46, 0x52, 0x4e, 0x4b]

export function chainMethods(services: RpcServices): Methods {
  const { chain, feed } = services
  const newHeads = (_: Params, call: Call): string =>
    subscribeHeads(services, call, 'chain_newHead', (listener) => chain.onBlock(listener))
  const finalizedHeads = (_: Params, call: Call): string =>
    subscribeHeads(services, call, 'chain_finalizedHead', (listener) => feed.onFinalized(listener))
  const blockHash = (params: Params): unknown => {
    if (isAbsent(params[0])) return toHex(chain.head.hash)
    if (Array.isArray(params[0]))
      return listAt(params, 0, MAX_HASHES, (item) =>
        hashHex(services, integerAt([item], 0, MAX_U32)),
      )
    return hashHex(services, integerAt(params, 0, MAX_U32))
  }
  const finalizedHead = (): string => toHex(feed.finalized.hash)
  return {
    chain_getHeader: (params) => {
      const hash = optionalHashAt(params, 0)
      const block = hash ? findBlock(services, hash) : chain.head
      const header = block && readHeader(services, block.number)
      return header && headerToJson(header)
    },
    chain_getBlock: (params) => getBlock(services, params),
    chain_getBlockHash: blockHash,
    chain_getHead: blockHash,
    chain_getFinalizedHead: finalizedHead,
    chain_getFinalisedHead: finalizedHead,
    chain_subscribeNewHeads: newHeads,
    chain_subscribeNewHead: newHeads,
    subscribe_newHead: newHeads,
    chain_unsubscribeNewHeads: unsubscribe,
    chain_unsubscribeNewHead: unsubscribe,
    unsubscribe_newHead: unsubscribe,
    chain_subscribeAllHeads: (_, call) =>
      subscribeHeads(services, call, 'chain_allHead', (listener) => chain.onBlock(listener)),
    chain_unsubscribeAllHeads: unsubscribe,
    chain_subscribeFinalizedHeads: finalizedHeads,
    chain_subscribeFinalisedHeads: finalizedHeads,
    chain_unsubscribeFinalizedHeads: unsubscribe,
    chain_unsubscribeFinalisedHeads: unsubscribe,
  }
}

function hashHex(services: RpcServices, number: number): string | undefined {
  const hash = hashOf(services, number)
  return hash && toHex(hash)
}

function getBlock(services: RpcServices, params: Params): unknown {
  const hash = optionalHashAt(params, 0)
  const block = hash ? findBlock(services, hash) : blockAt(services, params, 0)
  const header = block && readHeader(services, block.number)
  if (!block || !header) return null
  const extrinsics = bodyOf(services, block.number)
  const justification = services.store.justification(block.number)
  return {
    block: { header: headerToJson(header), extrinsics: extrinsics.map(toHex) },
    justifications: justification ? [[GRANDPA, [...justification]]] : null,
  }
}

/** Begins with the newest head, as Substrate does. */
function subscribeHeads(
  services: RpcServices,
  call: Call,
  notification: string,
  listen: (listener: (block: BlockNotice) => void) => () => void,
): string {
  return subscribe(call, notification, (notify) => {
    const isFinal = notification === 'chain_finalizedHead'
    const first = isFinal ? services.feed.finalized : services.chain.head
    const header = readHeader(services, first.number)
    if (header) notify(headerToJson(header))
    return listen((block) => notify(headerToJson(block.header)))
  })
}
