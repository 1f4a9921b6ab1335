import { setTimeout as delay } from 'node:timers/promises'
import { bytesToHex } from '@tacit/base'
import { workersStorage } from '@tacit/runtime'
import { encodeHeader, readEvents, type Chain, type JustifiedBlock } from '@tacit/sdk'
import type { BlobStore } from './blob-store.ts'
import { createContractDriver, type ContractDriver } from './contract-driver.ts'
import { createEnclaveClient, type EnclaveClient } from './enclave-client.ts'
import { spawnEnclave, type EnclaveProcess, type EvidenceFlags } from './enclave-process.ts'
import { fetchBlock } from './fetch-block.ts'
import type { HeightGate } from './height-gate.ts'
import type { InboxIndex } from './inbox-index.ts'
import { registerEnclave, renewalTime, startEnclave, type Placement } from './instance.ts'
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
  readonly evidence: EvidenceFlags
  readonly inbox: InboxIndex
  /** Height up to which the index has taken blocks in. */
  readonly indexedTo: number
  readonly blobs: BlobStore
  readonly gate: HeightGate
  readonly metrics: Metrics
  readonly log: (message: string) => void
  /** Unix milliseconds. */
  readonly now: () => number
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
const RENEWAL_RETRY_MS = 60_000
/** Blocks after which the chain is asked what it thinks of the instance. */
const STANDING_BLOCKS = 8

/** @throws where the first boot fails; later ones are tried again for ever. */
export async function startSupervisor(options: SupervisorOptions): Promise<Supervisor> {
  const supervisor = new EnclaveSupervisor(options)
  await supervisor.start()
  return supervisor
}

class EnclaveSupervisor implements Supervisor {
  readonly #options: SupervisorOptions
  readonly #unfollow: () => void
  #booting: { readonly process: EnclaveProcess; readonly client: EnclaveClient } | undefined
  #instance: Instance | undefined
  #serving = Promise.withResolvers<Instance>()
  #drivers = new Map<string, ContractDriver>()
  #feeding: Promise<void> = Promise.resolve()
  #isStopping = false
  #indexedTo: number
  /** Infinity while a renewal is under way. */
  #renewAtMs = Number.POSITIVE_INFINITY
  /** Not before then is the chain asked again what it thinks of the instance. */
  #checkAtMs = 0

  constructor(options: SupervisorOptions) {
    this.#options = options
    this.#indexedTo = options.indexedTo
    this.#unfollow = options.chain.onJustified((block) => {
      this.#feeding = this.#feeding.then(() => this.#feed(block))
    })
  }

  current(): Instance | undefined {
    return this.#instance
  }

  ready(): Promise<Instance> {
    return this.#serving.promise
  }

  async start(): Promise<void> {
    try {
      this.#serve(await this.#boot())
    } catch (error) {
      await this.stop()
      throw error
    }
  }

  async stop(): Promise<void> {
    this.#isStopping = true
    this.#unfollow()
    const running = [...this.#drivers.values()].map((driver) => driver.stop())
    await this.#booting?.process.stop()
    await this.#feeding
    // A driver may wait for a block that never comes: the connection's end wakes it.
    this.#options.chain.close()
    await Promise.all(running)
  }

  /** Blocks are taken in one by one, in order: by the index, by the enclave, then by the drivers. */
  async #feed(block: JustifiedBlock): Promise<void> {
    const { log, placement } = this.#options
    try {
      if (placement.role === 'contracts') await this.#index(block)
      if (this.#booting !== undefined) await this.#advance(this.#booting.client, block)
      if (this.#instance === undefined) return
      this.#pokeAll(this.#instance.client)
      if (block.number % STANDING_BLOCKS === 0) await this.#checkStanding(this.#instance)
      this.#renew(this.#instance)
    } catch (error) {
      if (!this.#isStopping) log(`block ${block.number}: ${codeOf(error)}`)
    }
  }

  /** Takes a block in, and before it those that were justified while nobody listened. */
  async #index(block: JustifiedBlock): Promise<void> {
    const { chain, inbox } = this.#options
    for (; this.#indexedTo + 1 < block.number; this.#indexedTo++) {
      const missed = await fetchBlock(chain, this.#indexedTo + 1)
      inbox.take(missed.events, missed.extrinsics)
    }
    inbox.take(await readEvents(chain, block), block.extrinsics)
    this.#indexedTo = block.number
  }

  async #advance(client: EnclaveClient, block: JustifiedBlock): Promise<void> {
    const given = await client.advance(encodeHeader(block.header), block.justification)
    if (!given.ok && given.error.code === 'header_not_newer') return
    const height = unwrapAnswer(given)
    this.#options.metrics.set('tacit_worker_height_blocks', height)
    this.#options.gate.reach(height)
  }

  #pokeAll(enclave: EnclaveClient): void {
    for (const contract of this.#options.inbox.contracts()) {
      const name = bytesToHex(contract)
      const known = this.#drivers.get(name)
      const driver = known ?? createContractDriver({ ...this.#options, contract, enclave })
      this.#drivers.set(name, driver)
      driver.poke()
    }
    this.#options.metrics.set('tacit_worker_contracts', this.#drivers.size)
  }

  async #boot(): Promise<Instance> {
    const { chain, placement, metrics } = this.#options
    metrics.add('tacit_worker_enclave_starts_total')
    const process = this.#spawn()
    const client = createEnclaveClient(process.peer)
    try {
      const signingKey = await startEnclave(chain, client, (block) => this.#advance(client, block))
      this.#booting = { process, client }
      await registerEnclave(chain, client, placement)
      this.#renewAtMs = await renewalTime(chain, signingKey, this.#options.now())
      void process.exited.then(() => this.#replace())
      return { pid: process.pid, signingKey, client }
    } catch (error) {
      this.#booting = undefined
      await process.stop()
      throw error
    }
  }

  #spawn(): EnclaveProcess {
    const { chain, inbox, blobs, placement, chainClass, evidence, log, observe } = this.#options
    return spawnEnclave({
      role: placement.role,
      chainClass,
      evidence,
      handle: answerEnclave(chain, inbox, blobs),
      log: (line) => log(`enclave: ${line}`),
      ...(observe ? { observe: (_, message) => observe('enclave', message) } : {}),
    })
  }

  /** An instance in grace, or one that left service, has nothing to wait for. */
  async #checkStanding({ signingKey }: Instance): Promise<void> {
    const { chain, log, now } = this.#options
    if (now() < this.#checkAtMs) return
    const record = await chain.read(workersStorage.Instances, [signingKey])
    if (record !== undefined && record.grace === undefined) return
    log(`standing: ${record?.grace?.reason.type ?? 'out of service'}; registering again`)
    this.#checkAtMs = now() + RENEWAL_RETRY_MS
    if (Number.isFinite(this.#renewAtMs)) this.#renewAtMs = now()
  }

  /** Registers the same instance again, under fresh evidence, when half of its time is over. */
  #renew({ client, signingKey }: Instance): void {
    const { chain, placement, now, log } = this.#options
    if (now() < this.#renewAtMs) return
    this.#renewAtMs = Number.POSITIVE_INFINITY
    void registerEnclave(chain, client, placement)
      .then(() => renewalTime(chain, signingKey, now()))
      .catch((error: unknown) => {
        if (!this.#isStopping) log(`renewal: ${codeOf(error)}`)
        return now() + RENEWAL_RETRY_MS
      })
      .then((atMs) => (this.#renewAtMs = atMs))
  }

  #serve(made: Instance): void {
    this.#instance = made
    this.#options.metrics.set('tacit_worker_serving', 1)
    this.#serving.resolve(made)
    this.#pokeAll(made.client)
  }

  #replace(): void {
    this.#instance = undefined
    this.#booting = undefined
    this.#options.metrics.set('tacit_worker_serving', 0)
    this.#serving = Promise.withResolvers<Instance>()
    for (const driver of this.#drivers.values()) void driver.stop()
    this.#drivers = new Map()
    if (this.#isStopping) return
    this.#options.log('the enclave ended; a new instance takes its place')
    void this.#revive()
  }

  async #revive(): Promise<void> {
    for (let backoffMs = FIRST_BACKOFF_MS; !this.#isStopping;) {
      try {
        return this.#serve(await this.#boot())
      } catch (error) {
        if (!this.#isStopping) this.#options.log(`boot: ${codeOf(error)}`)
        await delay(backoffMs, undefined, { ref: false })
        backoffMs = Math.min(2 * backoffMs, MAX_BACKOFF_MS)
      }
    }
  }
}
