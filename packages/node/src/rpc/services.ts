import { decode, equalBytes, unwrap, type Hash } from '@tacit/base'
import type { CryptoProvider } from '@tacit/crypto'
import { headerCodec, type Head, type Header } from '@tacit/runtime'
import type { Runtime } from '@tacit/runtime/runtime'
import { createOverlay } from '@tacit/state'
import { toHex } from './hex.ts'
import type { ChainView } from '../chain.ts'
import type { ChainProperties } from '../chain-spec.ts'
import { createHost } from '../executor.ts'
import type { Log } from '../log.ts'
import type { PoolAccess } from '../pool/access.ts'
import type { BlockReader } from '../storage/block-reader.ts'
import type { StateAt } from '../storage/store.ts'
import type { FinalityFeed } from './finality-feed.ts'
import { optionalHashAt, type Params } from './params.ts'
import { RPC_CODE, RpcError } from './rpc-error.ts'

/** What the methods work on, in whatever thread: they read, and hand extrinsics to the pool. */
export type RpcServices = {
  readonly chainName: string
  readonly properties: ChainProperties
  readonly chain: ChainView
  readonly feed: FinalityFeed
  readonly store: BlockReader
  readonly pool: PoolAccess
  readonly runtime: Runtime
  readonly crypto: CryptoProvider
  readonly log: Log
}

/** The published block that a parameter names by hash, or the newest one. */
export function blockAt(services: RpcServices, params: Params, at: number): Head {
  const hash = optionalHashAt(params, at)
  if (!hash) return services.chain.head
  const block = findBlock(services, hash)
  if (block) return block
  throw new RpcError(RPC_CODE.failed, `UnknownBlock: ${toHex(hash)}`, { code: 'block_unknown' })
}

/** A published block. */
export function findBlock({ chain, store }: RpcServices, hash: Hash): Head | undefined {
  const number = store.numberOf(hash)
  return number === undefined || number > chain.head.number ? undefined : { number, hash }
}

/** The hash of a published block; -32000 if it lies before what this database was made of. */
export function hashOf(services: RpcServices, number: number): Hash | undefined {
  const { chain, store, crypto } = services
  if (number === chain.head.number) return chain.head.hash
  if (number > chain.head.number) return undefined
  const header = store.header(number)
  if (!header) bodyOf(services, number)
  return header && (crypto.hashes.blake2b256(header) as Hash)
}

/** The extrinsics of a published block; -32000 with `body_pruned` or `block_absent` where they are gone. */
export function bodyOf({ store }: RpcServices, number: number): readonly Uint8Array[] {
  const body = store.body(number)
  if (body.ok) return body.value
  const { code } = body.error
  const oldest = 'oldest' in body.error ? `; bodies begin at block ${body.error.oldest}` : ''
  throw new RpcError(RPC_CODE.failed, `Body of block ${number}: ${code}${oldest}`, body.error)
}

export function readHeader({ store }: RpcServices, number: number): Header | undefined {
  const bytes = store.header(number)
  return bytes && unwrap(decode(headerCodec, bytes), 'stored header')
}

/** State behind a block, for use before the next tick; -32000 once it is pruned. */
export function stateAt({ store }: RpcServices, block: Head): StateAt {
  const state = store.stateAt(block.number)
  if (state.ok) return state.value
  const reason = `UnknownBlock: State already discarded for ${toHex(block.hash)}`
  throw new RpcError(RPC_CODE.failed, reason, state.error)
}

/** Runs `Api_method` on the state behind a block. */
export function callRuntime(
  services: RpcServices,
  block: Head,
  name: string,
  params: Uint8Array,
): Uint8Array {
  const { runtime, crypto, log } = services
  const overlay = createOverlay(stateAt(services, block).values)
  const host = createHost(overlay, { crypto, verify: (check) => crypto.verify(check), log })
  const output = runtime.callApi(host, block, name, params)
  if (output.ok) return output.value
  throw new RpcError(RPC_CODE.failed, `Execution failed: ${output.error.code}`, output.error)
}

export function isGenesis({ chain }: RpcServices, block: Head): boolean {
  return equalBytes(block.hash, chain.genesisHash)
}
