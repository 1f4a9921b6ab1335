import { decode, encode, err, ok, type Result } from '@tacit/base'
import type { Keypair } from '@tacit/crypto'
import { native } from '@tacit/crypto/native'
import type { WireError } from '@tacit/enclave/channel'
import { clientHello } from '@tacit/runtime'
import { connect, followChain } from '@tacit/sdk'
import { createBlobStore } from './blob-store.ts'
import type { EnclaveClient } from './enclave-client.ts'
import { findContracts } from './find-contracts.ts'
import { createHeightGate, type HeightGate } from './height-gate.ts'
import { startHttpFront, type Route } from './http-front.ts'
import { createInboxIndex } from './inbox-index.ts'
import { createMetrics } from './metrics.ts'
import { observeRpc, type Observe } from './observe.ts'
import {
  COLLECT_REQUEST_BYTES,
  collectRequest,
  grantRequest,
  MAX_GRANT_REQUEST_BYTES,
  signedGrant,
} from './release-wire.ts'
import type { EvidenceFlags } from './enclave-process.ts'
import type { Staple } from './instance.ts'
import { startSupervisor, type Supervisor } from './supervisor.ts'

export interface WorkerOptions extends EvidenceFlags {
  /** A node's JSON-RPC, e.g. ws://127.0.0.1:9944. */
  readonly rpcUrl: string
  /** Signs registrations and holds their deposit. */
  readonly operator: Keypair
  readonly role: 'contracts' | 'gatekeeper'
  /** Place of this machine at the operator, 0 to 2^32 - 1. */
  readonly slotIndex: number
  readonly chainClass: 'development' | 'production'
  /** Port 0 takes any free one; host is 127.0.0.1 unless given. */
  readonly listen: { readonly host?: string; readonly port: number }
  /** Address for others, where it is not http://host:port. */
  readonly publicUrl?: string
  /** Where sealed states are kept. */
  readonly dataDir: string
  /** Asked at each registration with GPUs; see @tacit/collateral for NVIDIA's service. */
  readonly stapleOcsp?: Staple
  readonly log: (message: string) => void
  /** Unix milliseconds; the machine's clock unless given. */
  readonly now?: () => number
  /** Shown everything that passes through the worker; for tests. */
  readonly observe?: Observe
}

export interface RunningWorker {
  /** Where it serves HTTP. */
  readonly url: string
  /** ed25519 key and process of the instance that serves now; undefined while one boots. */
  instance(): { readonly signingKey: Uint8Array; readonly pid: number | undefined } | undefined
  /** Resolves when an instance serves. */
  ready(): Promise<{ readonly signingKey: Uint8Array; readonly pid: number | undefined }>
  stop(): Promise<void>
}

/** How long a request waits for the enclave to reach the head that it speaks of. */
const HEAD_TIMEOUT_MS = 5_000
const MAX_HELLO_BYTES = 256
const MAX_FRAME_BYTES = 65_664

/**
 * Starts a provider's agent: spawns its enclave, registers it, feeds it the chain and serves HTTP.
 * Resolves when the instance is registered (and, for a gatekeeper, its committee announced).
 * @throws TacitError or WorkerError with the code of the first thing that failed.
 */
export async function startWorker(options: WorkerOptions): Promise<RunningWorker> {
  const { observe, operator, slotIndex, log } = options
  const plain = await connect(options.rpcUrl)
  const rpc = observe ? observeRpc(plain, observe) : plain
  const metrics = createMetrics()
  const gate = createHeightGate()
  const started: { supervisor?: Supervisor } = {}
  const client = (): EnclaveClient | undefined => started.supervisor?.current()?.client
  const [chain, front] = await Promise.all([
    followChain(rpc, { crypto: native }),
    startHttpFront({
      host: options.listen.host ?? '127.0.0.1',
      port: options.listen.port,
      routes:
        options.role === 'gatekeeper'
          ? gatekeeperRoutes(client, gate)
          : sessionRoutes(client, gate),
      health: () => ({
        role: options.role,
        serving: client() !== undefined,
        height: gate.height,
      }),
      metrics,
      ...(observe ? { observe: (_, body) => observe('http', body) } : {}),
    }),
  ])
  const url = `http://${front.host}:${front.port}`
  const inbox = createInboxIndex({ operator: operator.accountId, index: slotIndex })
  try {
    let indexedTo = chain.head().number
    if (options.role === 'contracts')
      indexedTo = await findContracts(chain, inbox, slotIndex, operator.accountId)
    started.supervisor = await startSupervisor({
      chain,
      placement: {
        role: options.role,
        operator,
        slotIndex,
        endpoint: options.publicUrl ?? url,
        stapleOcsp: options.stapleOcsp,
      },
      chainClass: options.chainClass,
      evidence: options,
      inbox,
      indexedTo,
      blobs: createBlobStore(options.dataDir, observe),
      gate,
      metrics,
      log,
      now: options.now ?? Date.now,
      ...(observe ? { observe } : {}),
    })
  } catch (error) {
    await front.close()
    chain.close()
    throw error
  }
  const { supervisor } = started
  return {
    url,
    instance: () => supervisor.current(),
    ready: () => supervisor.ready(),
    stop: async () => {
      await front.close()
      await supervisor.stop()
    },
  }
}

type Client = () => EnclaveClient | undefined
const DOWN: Result<never, WireError> = err({ code: 'enclave_down' })

function sessionRoutes(client: Client, gate: HeightGate): ReadonlyMap<string, Route> {
  return new Map<string, Route>([
    [
      '/v1/session',
      {
        maxBodyBytes: MAX_HELLO_BYTES,
        async run(body) {
          const hello = decode(clientHello, body)
          if (!hello.ok) return err({ code: 'hello_malformed' })
          await gate.waitFor(hello.value.headNumber, HEAD_TIMEOUT_MS)
          return client()?.session(body) ?? DOWN
        },
      },
    ],
    [
      '/v1/frame',
      { maxBodyBytes: MAX_FRAME_BYTES, run: async (body) => client()?.frame(body) ?? DOWN },
    ],
  ])
}

function gatekeeperRoutes(client: Client, gate: HeightGate): ReadonlyMap<string, Route> {
  return new Map<string, Route>([
    ['/v1/release/nonce', { maxBodyBytes: 0, run: async () => client()?.nonce() ?? DOWN }],
    [
      '/v1/release/grant',
      {
        maxBodyBytes: MAX_GRANT_REQUEST_BYTES,
        async run(body) {
          const request = decode(grantRequest, body)
          if (!request.ok) return err({ code: 'request_malformed' })
          await gate.waitFor(request.value.binding.recentNumber, HEAD_TIMEOUT_MS)
          const granted = await client()?.grant(request.value)
          if (granted === undefined) return DOWN
          return granted.ok ? ok(encode(signedGrant, granted.value)) : granted
        },
      },
    ],
    [
      '/v1/release/collect',
      {
        maxBodyBytes: COLLECT_REQUEST_BYTES,
        async run(body) {
          const request = decode(collectRequest, body)
          if (!request.ok) return err({ code: 'request_malformed' })
          await gate.waitFor(request.value.height, HEAD_TIMEOUT_MS)
          return client()?.collect(request.value.ephemeralKey) ?? DOWN
        },
      },
    ],
  ])
}
