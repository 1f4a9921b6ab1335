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
  const { contract, chain, enclave, metrics } = options
  const released = new Map<number, ReleasedNote>()
  let isStopped = false
  let isDirty = false
  let running: Promise<void> | undefined

  async function keysOfEpoch(): Promise<ReleasedNote> {
    const epoch = (await chain.read(keysStorage.Epochs, [contract])) ?? 0
    const known = released.get(epoch)
    if (known !== undefined) return known
    const note = await releaseKeys(chain, enclave, metrics, contract, epoch)
    released.set(epoch, note)
    return note
  }

  async function publish(released: ReleasedNote): Promise<void> {
    const { epoch } = released.note
    if ((await chain.read(keysStorage.InboxKeys, [contract, epoch])) !== undefined) return
    await submitUnsigned(chain, encodeCall(KEYS_INDEX, keysCalls.publish_inbox_key, released))
  }

  async function commitNext(): Promise<void> {
    const commit = unwrapAnswer(await enclave.step(contract))
    if (commit === undefined) return
    const { payload, signature, blob } = commit
    // The state must be on disk before the chain can hold its root.
    await options.blobs.save(contract, payload.newRoot, blob)
    const call = encodeCall(CONTRACTS_INDEX, contractsCalls.commit, { payload, signature })
    await submitUnsigned(chain, call)
    metrics.add('tacit_worker_commits_total')
    metrics.add('tacit_worker_commands_total', payload.outcomes.length)
  }

  async function work(): Promise<void> {
    while (isDirty && !isStopped) {
      isDirty = false
      try {
        const keys = await keysOfEpoch()
        await Promise.all([publish(keys), commitNext()])
      } catch (error) {
        const code = codeOf(error)
        if (!isStopped && !QUIET.has(code)) options.log(`contract: ${code}`)
      }
    }
  }

  function poke(): void {
    isDirty = true
    if (isStopped || running !== undefined) return
    running = work().finally(() => {
      running = undefined
      if (isDirty) poke()
    })
  }

  return {
    contract,
    poke,
    stop: async () => {
      isStopped = true
      await running
    },
  }
}
