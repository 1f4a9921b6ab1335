import type { AccountId } from '@tacit/base'
import {
  CONTRACTS_INDEX,
  contractsCalls,
  encodeCall,
  KEYS_INDEX,
  keysCalls,
  keysStorage,
} from '@tacit/runtime'
import { submitUnsigned, type Chain } from '@tacit/sdk'
import type { BlobStore } from './blob-store.ts'
import type { EnclaveClient } from './enclave-client.ts'
import type { Metrics } from './metrics.ts'
import { releaseKeys, type ReleasedNote } from './release.ts'
import { codeOf, unwrapAnswer } from './worker-error.ts'

/** Keeps one contract going: gets its keys, has its commands run, brings its commits to the chain. */
export interface ContractDriver {
  readonly contract: AccountId
  /** There may be something to do. */
  poke(): void
  /** Does nothing more; resolves when what runs has ended. */
  stop(): Promise<void>
}

export interface DriverOptions {
  readonly contract: AccountId
  readonly chain: Chain
  readonly enclave: EnclaveClient
  readonly blobs: BlobStore
  readonly metrics: Metrics
  readonly log: (message: string) => void
}

/** Codes that mean no more than "not yet" or "too late": the next head decides. */
const QUIET = new Set(['contract_failed', 'state_stale', 'instance_not_assigned', 'channel_closed'])

export function createContractDriver(options: DriverOptions): ContractDriver {
  return new Driver(options)
}

class Driver implements ContractDriver {
  readonly contract: AccountId
  readonly #options: DriverOptions
  readonly #released = new Map<number, ReleasedNote>()
  #isStopped = false
  #isDirty = false
  #running: Promise<void> | undefined

  constructor(options: DriverOptions) {
    this.contract = options.contract
    this.#options = options
  }

  poke(): void {
    this.#isDirty = true
    if (this.#isStopped || this.#running !== undefined) return
    this.#running = this.#work().finally(() => {
      this.#running = undefined
      if (this.#isDirty) this.poke()
    })
  }

  async stop(): Promise<void> {
    this.#isStopped = true
    await this.#running
  }

  async #work(): Promise<void> {
    this.#isDirty = false
    try {
      const keys = await this.#keysOfEpoch()
      await Promise.all([this.#publish(keys), this.#commitNext()])
    } catch (error) {
      const code = codeOf(error)
      if (!this.#isStopped && !QUIET.has(code)) this.#options.log(`contract: ${code}`)
    }
  }

  async #keysOfEpoch(): Promise<ReleasedNote> {
    const { chain, enclave, metrics } = this.#options
    const epoch = (await chain.read(keysStorage.Epochs, [this.contract])) ?? 0
    const known = this.#released.get(epoch)
    if (known !== undefined) return known
    const note = await releaseKeys(chain, enclave, metrics, this.contract, epoch)
    this.#released.set(epoch, note)
    return note
  }

  async #publish(released: ReleasedNote): Promise<void> {
    const { chain } = this.#options
    const { contract, epoch } = released.note
    if ((await chain.read(keysStorage.InboxKeys, [contract, epoch])) !== undefined) return
    await submitUnsigned(chain, encodeCall(KEYS_INDEX, keysCalls.publish_inbox_key, released))
  }

  async #commitNext(): Promise<void> {
    const { chain, enclave, metrics, blobs } = this.#options
    const commit = unwrapAnswer(await enclave.step(this.contract))
    if (commit === undefined) return
    const { payload, signature, blob } = commit
    // The state must be on disk before the chain can hold its root.
    const committed = { root: payload.previousRoot, processed: payload.firstSequence }
    const place = { root: payload.newRoot, processed: payload.nextSequence }
    await blobs.save(this.contract, place, blob, committed)
    const call = encodeCall(CONTRACTS_INDEX, contractsCalls.commit, { payload, signature })
    await submitUnsigned(chain, call)
    metrics.add('tacit_worker_commits_total')
    metrics.add('tacit_worker_commands_total', payload.outcomes.length)
  }
}
