import { join } from 'node:path'
import type { Worker } from 'node:worker_threads'
import { equalBytes, InvariantError, toHex, type Hash } from '@tacit/base'
import { native } from '@tacit/crypto/native'
import { createRuntime, type Runtime } from '@tacit/runtime/runtime'
import { createApplication, type Application } from './application.ts'
import { loadAuthorityKey } from './authority-key.ts'
import { CHAIN_PROPERTIES, type ChainSpec } from './chain-spec.ts'
import { createChain, type Chain, type JustifiedBlock, type PublishingChain } from './chain.ts'
import { EmbeddedEngine } from './engine/embedded-engine.ts'
import type { UnsafePolicy } from './rpc/unsafe-policy.ts'
import { NodeError } from './errors.ts'
import type { Log } from './log.ts'
import { Pool } from './pool/pool.ts'
import { startRpcHere, type NodeRpc } from './rpc/node-rpc.ts'
import { createRpcWorker, RPC_THREAD } from './rpc/thread/create-worker.ts'
import { RpcSupervisor } from './rpc/thread/supervisor.ts'
import { lockDirectory } from './storage/lock.ts'
import { Store } from './storage/store.ts'

export type NodeOptions = {
  /** Directory of the node; the chain lies in `<chain id>/` below it. */
  readonly basePath: string
  readonly chainSpec: ChainSpec
  /** File of the key that signs blocks, default `authority.key` in the base path. */
  readonly authorityKeyPath?: string | undefined
  /** Default 9944; 0 takes any free port. */
  readonly rpcPort?: number
  /** Default 127.0.0.1. */
  readonly rpcHost?: string
  /** Web pages beside those of this machine that may connect; '*' for all. */
  readonly allowedOrigins?: readonly string[]
  /** Whether system_dryRun is answered; default 'auto': only where this machine alone connects. */
  readonly rpcMethods?: UnsafePolicy
  /** Milliseconds between two blocks when there is no work, default 10,000. */
  readonly heartbeatMs?: number
  /** Least milliseconds between two blocks, default 50. */
  readonly minBlockMs?: number
  /** Blocks behind the best one whose state can be read, default 256; an archive keeps everything. */
  readonly retention?: number | 'archive'
  /** Blocks behind the best one whose extrinsics can be read, default 1,209,600. */
  readonly bodyRetention?: number | 'unlimited'
  /** Threads that check signatures, default one less than the cores and at least 1; 0 for none. */
  readonly signatureThreads?: number
  readonly log?: Log
  /** Unix milliseconds; default the machine's clock. */
  readonly now?: () => number
  /** The rules that consensus runs; default those of this chain, which JSON-RPC's thread always has. */
  readonly runtime?: Runtime
  /**
   * Module of JSON-RPC's thread, default that of this package, or a thread that loads it already.
   * 'none' serves JSON-RPC on the thread of consensus, which starts quicker and shares its
   * `runtime`: for tests.
   */
  readonly rpcThread?: URL | Worker | 'none'
}

/** A node that runs in this process. */
export type RunningNode = {
  /** ws:// address of the RPC; HTTP POST goes to the same host and port. */
  readonly rpcUrl: string
  readonly genesisHash: Hash
  readonly chain: Chain
  /** Resolves with the fault for which the node stopped sealing; never otherwise. */
  readonly halted: Promise<NodeError>
  /** Called for each block that becomes justified from now on; returns what ends it. */
  onJustified(listener: (block: JustifiedBlock) => void): () => void
  /**
   * Takes no more requests, finishes the block under way, tells those who subscribed of it, closes
   * connections and database.
   */
  stop(): Promise<void>
}

/**
 * Starts a node with the embedded engine. Throws NodeError: `port_taken`, `genesis_mismatch`,
 * `base_path_in_use`, `authority_key_missing`, `authority_key_wrong`, `database_version`,
 * `database_is_archive`, `database_not_archive`, `database_read_only`, `database_corrupt`, `disk_full`,
 * `database_failed`, `sign_conflict`, `rpc_failed`.
 */
export async function startNode(options: NodeOptions): Promise<RunningNode> {
  const { basePath, chainSpec, retention = 256, bodyRetention, log = () => {} } = options
  const { rpcThread = RPC_THREAD } = options
  const key = loadAuthorityKey(basePath, chainSpec.genesis, options.authorityKeyPath)
  const path = join(basePath, chainSpec.id)
  const unlock = lockDirectory(path)
  // It loads its code while this thread opens the database.
  const rpc: RpcCode =
    rpcThread instanceof URL
      ? { module: rpcThread, worker: createRpcWorker(rpcThread) }
      : { module: RPC_THREAD, worker: rpcThread }
  let store: Store | undefined
  try {
    store = new Store(path, { retention, ...(bodyRetention && { bodyRetention }) })
    const runtime = options.runtime ?? createRuntime()
    const app = createApplication({ runtime, store, crypto: native, log })
    const chain = await openChain(app, store, chainSpec)
    return await run({ options, app, chain, store, key, runtime, log, unlock, path, rpc })
  } catch (fault) {
    if (rpc.worker !== 'none') await rpc.worker.terminate()
    await store?.close().catch(() => {})
    unlock()
    throw fault
  }
}

/** Writes genesis into an empty database; checks that an old one is of this chain. */
async function openChain(
  app: Application,
  store: Store,
  { genesis }: ChainSpec,
): Promise<PublishingChain> {
  const known = app.info()
  const expected = known ? app.genesisHash(genesis) : await app.genesis(genesis)
  const info = app.info()
  if (!info) throw new InvariantError('genesis was not written')
  const { genesisHash, best } = info
  if (!equalBytes(genesisHash, expected))
    throw new NodeError({
      code: 'genesis_mismatch',
      stored: toHex(genesisHash),
      expected: toHex(expected),
    })
  const isJustified = best.number > 0 && store.justification(best.number) !== undefined
  const justified = isJustified ? best : { number: 0, hash: genesisHash }
  return createChain({ genesisHash, head: best, justified })
}

type RpcCode = {
  /** Of the threads that take the first one's place. */
  readonly module: URL
  /** Loads JSON-RPC. */
  readonly worker: Worker | 'none'
}

type Parts = {
  readonly options: NodeOptions
  readonly app: Application
  readonly chain: PublishingChain
  readonly store: Store
  readonly key: ReturnType<typeof loadAuthorityKey>
  readonly runtime: Runtime
  readonly log: Log
  readonly unlock: () => void
  /** Directory of the database. */
  readonly path: string
  readonly rpc: RpcCode
}

async function run(parts: Parts): Promise<RunningNode> {
  const { options, app, chain, store, key, runtime, log, unlock } = parts
  const { rpcHost: host = '127.0.0.1', signatureThreads } = options
  const pool = new Pool({
    app,
    runtime,
    crypto: native,
    log,
    ...(signatureThreads !== undefined && { signatureThreads }),
  })
  const { promise: halted, resolve: onHalt } = Promise.withResolvers<NodeError>()
  const engine = new EmbeddedEngine({
    app,
    store,
    chain,
    pool,
    key,
    log,
    onHalt,
    crypto: native,
    now: options.now ?? Date.now,
    heartbeatMs: options.heartbeatMs ?? 10_000,
    minBlockMs: options.minBlockMs ?? 50,
  })
  const rpc = await startNodeRpc(parts, pool).catch(async (fault: unknown) => {
    await pool.stop()
    throw fault
  })
  void halted.then(() => rpc.halted())
  try {
    engine.start()
  } catch (fault) {
    await rpc.stop()
    await pool.stop()
    throw fault
  }
  const rpcUrl = `ws://${host.includes(':') ? `[${host}]` : host}:${rpc.port}`
  log('info', 'ready', { rpc: rpcUrl, genesis: toHex(chain.genesisHash), best: chain.head.number })
  return {
    rpcUrl,
    genesisHash: chain.genesisHash,
    chain,
    halted,
    onJustified: (listener) => chain.onJustified(listener),
    stop: once(async () => {
      await rpc.drain()
      await engine.stop()
      await rpc.stop()
      await pool.stop()
      await store.close().finally(unlock)
    }),
  }
}

/** JSON-RPC in its thread, or on this one. */
async function startNodeRpc(
  { options, chain, store, runtime, log, path, rpc }: Parts,
  pool: Pool,
): Promise<NodeRpc> {
  const { rpcHost: host = '127.0.0.1', rpcPort: port = 9944, allowedOrigins = [] } = options
  const { rpcMethods: unsafePolicy = 'auto' } = options
  const { name: chainName } = options.chainSpec
  const settings = {
    host,
    port,
    allowedOrigins,
    unsafePolicy,
    chainName,
    properties: CHAIN_PROPERTIES,
  }
  if (rpc.worker === 'none')
    return await startRpcHere({ ...settings, chain, store, pool, runtime, crypto: native, log })
  let loaded: Worker | undefined = rpc.worker
  const supervisor = new RpcSupervisor({
    settings: { ...settings, path },
    chain,
    pool,
    log,
    createWorker: () => {
      const next = loaded ?? createRpcWorker(rpc.module)
      loaded = undefined
      return next
    },
  })
  await supervisor.start()
  return supervisor
}

function once(run: () => Promise<void>): () => Promise<void> {
  let running: Promise<void> | undefined
  return () => (running ??= run())
}
