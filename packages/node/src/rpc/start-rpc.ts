import type { CryptoProvider } from '@tacit/crypto'
import type { Runtime } from '@tacit/runtime/runtime'
import type { ChainView } from '../chain.ts'
import type { ChainProperties } from '../chain-spec.ts'
import type { Log } from '../log.ts'
import type { PoolAccess } from '../pool/access.ts'
import type { BlockReader } from '../storage/block-reader.ts'
import { allMethods } from './all-methods.ts'
import { createFinalityFeed } from './finality-feed.ts'
import type { Methods } from './json-rpc.ts'
import { createPages } from './pages.ts'
import { allowsUnsafe, type UnsafePolicy } from './unsafe-policy.ts'
import { startRpcServer, type RpcServer } from './server.ts'

/** What JSON-RPC needs, on whatever thread it runs. */
export type RpcParts = {
  readonly host: string
  /** 0 takes any free port. */
  readonly port: number
  /** Web pages beside those of this machine that may connect; '*' for all. */
  readonly allowedOrigins: readonly string[]
  readonly unsafePolicy: UnsafePolicy
  readonly chainName: string
  readonly properties: ChainProperties
  readonly chain: ChainView
  readonly store: BlockReader
  readonly pool: PoolAccess
  readonly runtime: Runtime
  readonly crypto: CryptoProvider
  readonly log: Log
  /** Nothing is sealed any more. */
  readonly isHalted: () => boolean
  /** Methods beside those of a node. */
  readonly extraMethods?: Methods
}

/** Serves JSON-RPC, health and metrics. Throws `port_taken`. */
export async function startRpc(parts: RpcParts): Promise<RpcServer> {
  const { host, port, allowedOrigins, chain, pool, isHalted, log } = parts
  const feed = createFinalityFeed(chain)
  const server = await startRpcServer({
    host,
    port,
    log,
    allowedOrigins,
    methods: {
      ...allMethods({ ...parts, feed }, allowsUnsafe(parts.unsafePolicy, host)),
      ...parts.extraMethods,
    },
    createPages: (counts) => createPages({ chain, pool, isHalted, counts }),
  })
  return {
    ...server,
    stop: async () => {
      feed.stop()
      await server.stop()
    },
  }
}
