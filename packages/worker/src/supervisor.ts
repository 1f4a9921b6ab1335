import { setTimeout as delay } from 'node:timers/promises'
import { bytesToHex } from '@tacit/base'
import { encodeHeader, readEvents, type Chain, type JustifiedBlock } from '@tacit/sdk'
import type { BlobStore } from './blob-store.ts'
import { createContractDriver, type ContractDriver } from './contract-driver.ts'
import { createEnclaveClient, type EnclaveClient } from './enclave-client.ts'
import { spawnEnclave, type EnclaveProcess } from './enclave-process.ts'
import type { HeightGate } from './height-gate.ts'
import type { InboxIndex } from './inbox-index.ts'
import { registerEnclave, startEnclave, type Placement } from './instance.ts'
import type { Metrics } from './metrics.ts'
import type { Observe } from './observe.ts'
import { codeOf, unwrapAnswer } from './worker-error.ts'
import { answerEnclave } from './worker-port.ts'

/** One boot of the enclave, from its process to its registration. */
export interface Instance {
  readonly pid: number | undefined
  readonly signingKey: Uint8Array
  readonly client: EnclaveClient
}

export interface SupervisorOptions {
  readonly chain: Chain
  readonly placement: Placement
  readonly chainClass: 'development' | 'production'
  readonly teeSocket: string
  readonly inbox: InboxIndex
  readonly blobs: BlobStore
  readonly gate: HeightGate
  readonly metrics: Metrics
  readonly log: (message: string) => void
  readonly observe?: Observe
}

/** Keeps an enclave running, registered and fed; a dead one is replaced by a new instance. */
export interface Supervisor {
  /** Undefined while an enclave boots. */
  current(): Instance | undefined
  /** Resolves when the next instance serves, or now. */
  ready(): Promise<Instance>
  stop(): Promise<void>
}

const FIRST_BACKOFF_MS = 200
const MAX_BACKOFF_MS = 30_000

/** @throws where the first boot fails; later ones are tried again for ever. */
export async function startSupervisor(options: SupervisorOptions): Promise<Supervisor> {
  const { chain, inbox, gate, metrics, log } = options
  const isContracts = options.placement.role === 'contracts'
  let instance: Instance | undefined
  let booting: { readonly process: EnclaveProcess; readonly client: EnclaveClient } | undefined
  let serving = Promise.withResolvers<Instance>()
  let drivers = new Map<string, ContractDriver>()
  let isStopping = false
  let feeding: Promise<void> = Promise.resolve()

  async function advance(client: EnclaveClient, block: JustifiedBlock): Promise<void> {
    const given = await client.advance(encodeHeader(block.header), block.justification)
    if (!given.ok && given.error.code === 'header_not_newer') return
    const height = unwrapAnswer(given)
    metrics.set('tacit_worker_height_blocks', height)
    gate.reach(height)
  }

  /** Blocks are taken in one by one, in order: by the index, by the enclave, then by the drivers. */
  async function feed(block: JustifiedBlock): Promise<void> {
    try {
      if (isContracts) inbox.take(await readEvents(chain, block), block.extrinsics)
      if (booting !== undefined) await advance(booting.client, block)
      if (instance !== undefined) pokeAll(instance.client)
    } catch (error) {
      if (!isStopping) log(`block ${block.number}: ${codeOf(error)}`)
    }
  }

  function pokeAll(client: EnclaveClient): void {
    for (const contract of inbox.contracts()) {
      const name = bytesToHex(contract)
      const driver =
        drivers.get(name) ?? createContractDriver({ ...options, contract, enclave: client })
      drivers.set(name, driver)
      driver.poke()
    }
    metrics.set('tacit_worker_contracts', drivers.size)
  }

  async function boot(): Promise<Instance> {
    metrics.add('tacit_worker_enclave_starts_total')
    const { observe } = options
    const process = spawnEnclave({
      role: options.placement.role,
      chainClass: options.chainClass,
      teeSocket: options.teeSocket,
      handle: answerEnclave(chain, inbox, options.blobs),
      log: (line) => log(`enclave: ${line}`),
      ...(observe ? { observe: (_, message) => observe('enclave', message) } : {}),
    })
    const client = createEnclaveClient(process.peer)
    try {
      const signingKey = await startEnclave(chain, client, (block) => advance(client, block))
      booting = { process, client }
      await registerEnclave(chain, client, options.placement)
      const made = { pid: process.pid, signingKey, client }
      void process.exited.then(() => replace())
      return made
    } catch (error) {
      booting = undefined
      await process.stop()
      throw error
    }
  }

  function serve(made: Instance): void {
    instance = made
    metrics.set('tacit_worker_serving', 1)
    serving.resolve(made)
    pokeAll(made.client)
  }

  function replace(): void {
    instance = undefined
    booting = undefined
    metrics.set('tacit_worker_serving', 0)
    serving = Promise.withResolvers<Instance>()
    const old = [...drivers.values()]
    drivers = new Map()
    void Promise.all(old.map((driver) => driver.stop()))
    if (isStopping) return
    log('the enclave ended; a new instance takes its place')
    void revive()
  }

  async function revive(): Promise<void> {
    for (let backoffMs = FIRST_BACKOFF_MS; !isStopping;) {
      try {
        return serve(await boot())
      } catch (error) {
        if (!isStopping) log(`boot: ${codeOf(error)}`)
        await delay(backoffMs, undefined, { ref: false })
        backoffMs = Math.min(2 * backoffMs, MAX_BACKOFF_MS)
      }
    }
  }

  const unfollow = chain.onJustified((block) => {
    feeding = feeding.then(() => feed(block))
  })
  const stop = async (): Promise<void> => {
    isStopping = true
    unfollow()
    const running = [...drivers.values()].map((driver) => driver.stop())
    await booting?.process.stop()
    await feeding
    // A driver may wait for a block that never comes: the connection's end wakes it.
    chain.close()
    await Promise.all(running)
  }
  try {
    serve(await boot())
  } catch (error) {
    await stop()
    throw error
  }
  return { current: () => instance, ready: () => serving.promise, stop }
}
