import { randomBytes } from 'node:crypto'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Worker } from 'node:worker_threads'
import { bytesToHex, type Hash } from '@tacit/base'
import { measurementId } from '@tacit/attestation'
import { devKeypair, keypairFromSeed, type Keypair } from '@tacit/crypto'
import { native } from '@tacit/crypto/native'
import { AUTHORITY_KEY_FILE, startNode, type RunningNode } from '@tacit/node'
import { createDevPlatform, type DevPlatform } from '@tacit/platform-dev'
import {
  ATTESTATION_INDEX,
  attestationCalls,
  encodeCall,
  TREASURY_ACCOUNT,
  type GenesisSpec,
  type Role,
  type SlotId,
} from '@tacit/runtime'
import { connect, followChain, submitSigned, type Chain } from '@tacit/sdk'
import { serveTee, startWorker, type RunningWorker, type TeeServer } from '@tacit/worker'
import { PHA } from '../amount.ts'
import { buildContract } from '../build-contract.ts'
import { measureProgram } from './measure-program.ts'
import type { Narrator } from './story-format.ts'

/** Accounts that everybody has on a development chain, with a million PHA each. */
export const DEV_ACCOUNTS: readonly string[] = [
  'Alice',
  'Bob',
  'Charlie',
  'Dave',
  'Eve',
  'Ferdie',
  'Worker',
  'Gatekeeper',
]
const ENDOWMENT = 1_000_000n * PHA

/** A whole network on this machine: chain, gatekeeper and worker, each enclave a process. */
export type DevNetwork = {
  readonly node: RunningNode
  readonly chain: Chain
  readonly worker: RunningWorker
  /** Where contracts are served. */
  readonly workerSlot: SlotId
  /** The bundled dark pool. */
  readonly poolCode: Promise<Uint8Array>
  /** For receipts and the like; gone after stop() unless it was given. */
  readonly directory: string
  stop(): Promise<void>
}

export type DevNetworkOptions = {
  readonly rpcPort: number
  /** The thread of the node's JSON-RPC, if it loads already. */
  readonly rpcThread?: Worker
  /** Keeps chain and receipts there; a temporary folder if left out. */
  readonly directory?: string
  readonly log: (message: string) => void
}

type Machine = {
  readonly role: 'gatekeeper' | 'contracts'
  readonly operator: Keypair
  readonly tee: TeeServer
}

/**
 * Starts a fresh development chain under a fresh development root, publishes the root's collateral,
 * and boots a gatekeeper and a worker whose enclaves register with real TDX v4 quotes.
 * @throws NodeError, WorkerError or TacitError of what failed; what had started is stopped.
 */
export async function startDevNetwork(
  options: DevNetworkOptions,
  narrator: Narrator,
): Promise<DevNetwork> {
  const cleanup: (() => Promise<unknown>)[] = []
  const stop = async (): Promise<void> => {
    for (const step of cleanup.toReversed()) await step()
    cleanup.length = 0
  }
  try {
    return await start(options, narrator, cleanup, stop)
  } catch (error) {
    await stop()
    throw error
  }
}

async function start(
  options: DevNetworkOptions,
  narrator: Narrator,
  cleanup: (() => Promise<unknown>)[],
  stop: () => Promise<void>,
): Promise<DevNetwork> {
  const directory = await prepareDirectory(options.directory, cleanup)
  const poolCode = bundlePool()
  poolCode.catch(() => {})
  const platform = createDevPlatform({ seed: randomBytes(32), now: Math.floor(Date.now() / 1_000) })
  const image = await measureProgram()
  const authority = await makeAuthority(directory)
  const node = await startNode({
    basePath: directory,
    chainSpec: {
      name: 'Tacit Local',
      id: `local-${Date.now()}`,
      genesis: genesisSpec(platform, image, authority),
    },
    rpcPort: options.rpcPort,
    ...(options.rpcThread && { rpcThread: options.rpcThread }),
    log: (level, message, fields) =>
      options.log(`node: ${level} ${message} ${JSON.stringify(fields ?? {})}`),
  })
  cleanup.push(() => node.stop())
  const rpc = await connect(node.rpcUrl)
  const chain = await followChain(rpc, { crypto: native, genesisHash: node.genesisHash })
  cleanup.push(async () => chain.close())
  narrator.step('development chain up; every block flushed, then signed', [
    `PHA with 12 decimals, SS58 prefix 30, ${chain.light().set.authorities.length} authority; ` +
      `the platform's root is fresh: ${platform.root.name}`,
  ])
  const machines = await Promise.all(
    (['gatekeeper', 'contracts'] as const).map((role) =>
      bootMachine(role, platform, image, directory),
    ),
  )
  for (const { tee } of machines) cleanup.push(() => tee.close())
  await publishCollateral(chain, platform)
  const workers = await Promise.all(
    machines.map((machine) => startAgent(machine, node, directory, options.log)),
  )
  for (const worker of workers) cleanup.push(() => worker.stop())
  const [, worker] = workers
  if (!worker) throw new Error('no worker started')
  const workerSlot = { operator: devKeypair('Worker').accountId, index: 0 }
  return { node, chain, worker, workerSlot, poolCode, directory, stop }
}

async function prepareDirectory(
  given: string | undefined,
  cleanup: (() => Promise<unknown>)[],
): Promise<string> {
  if (given !== undefined) {
    await mkdir(given, { recursive: true })
    return given
  }
  const directory = await mkdtemp(join(tmpdir(), 'tacit-'))
  cleanup.push(() => rm(directory, { recursive: true, force: true }))
  return directory
}

async function bundlePool(): Promise<Uint8Array> {
  const entry = join(import.meta.dirname, '../../../../examples/dark-pool-lite/src/contract.ts')
  return (await buildContract(entry)).code
}

/** A fresh key for the chain's one authority, in the file where the node looks for it. */
async function makeAuthority(directory: string): Promise<Keypair> {
  const seed = randomBytes(32)
  await writeFile(join(directory, AUTHORITY_KEY_FILE), bytesToHex(seed), { mode: 0o600 })
  return keypairFromSeed('ed25519', seed)
}

function genesisSpec(platform: DevPlatform, image: Uint8Array, authority: Keypair): GenesisSpec {
  const balances = DEV_ACCOUNTS.map((name) => ({
    who: devKeypair(name).accountId,
    free: ENDOWMENT,
  }))
  return {
    chainClass: 'development',
    timeMs: BigInt(Date.now()),
    authorities: [{ id: authority.publicKey, weight: 1n }],
    balances: [...balances, { who: TREASURY_ACCOUNT, free: PHA }],
    attestation: {
      roots: [platform.root],
      measurements: (['Gatekeeper', 'Contracts'] as const).map((type) => ({
        role: { type } satisfies Role,
        measurement: measureRole(platform, image, type.toLowerCase()),
      })),
    },
  }
}

/** What the chain allows is what this machine's platform measures when it launches the program. */
function measureRole(platform: DevPlatform, image: Uint8Array, role: string): Hash {
  const td = platform.launchTd({ image, role })
  return measurementId({ tee: 'tdx', ...td }, native.hashes) as Hash
}

async function bootMachine(
  role: Machine['role'],
  platform: DevPlatform,
  image: Uint8Array,
  directory: string,
): Promise<Machine> {
  const td = platform.launchTd({ image, role })
  const tee = await serveTee((reportData) => td.quote(reportData), join(directory, `${role}.sock`))
  return { role, tee, operator: devKeypair(role === 'contracts' ? 'Worker' : 'Gatekeeper') }
}

/** Anyone may submit what the vendor publishes; the chain verifies it before it keeps it. */
async function publishCollateral(chain: Chain, platform: DevPlatform): Promise<void> {
  const args = { collateral: platform.collateral() }
  const call = encodeCall(ATTESTATION_INDEX, attestationCalls.submit_collateral, args)
  await submitSigned(chain, call, devKeypair('Alice'))
}

async function startAgent(
  { role, operator, tee }: Machine,
  node: RunningNode,
  directory: string,
  log: (message: string) => void,
): Promise<RunningWorker> {
  return startWorker({
    rpcUrl: node.rpcUrl,
    operator,
    role,
    slotIndex: 0,
    chainClass: 'development',
    teeSocket: tee.path,
    listen: { port: 0 },
    dataDir: join(directory, role),
    log: (message) => log(`${role}: ${message}`),
  })
}
