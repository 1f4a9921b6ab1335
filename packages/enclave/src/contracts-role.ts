import { bytesToHex, decode, err, type AccountId, type Hash, type Result } from '@tacit/base'
import type { CryptoProvider } from '@tacit/crypto'
import { clientHello, workersStorage, type QueryResponse } from '@tacit/runtime'
import type { ChainView } from './chain/chain-view.ts'
import {
  createContractHost,
  type ContractHost,
  type ContractSource,
  type HostError,
  type SignedCommit,
} from './contract/contract-host.ts'
import { answerQuery, refusal, type QueryLimits } from './contract/queries.ts'
import type { BatchLimits, RunCall } from './contract/run-batch.ts'
import type { EvidenceSource } from './evidence/evidence-source.ts'
import type { InstanceKeys, Random } from './keys.ts'
import {
  createReleaseClient,
  type ReleaseClient,
  type ReleasedKeys,
  type ReleaseError,
} from './release/release-client.ts'
import type { HelloError } from './session/handshake.ts'
import { createSessions, type FrameRefusal, type SessionQuery } from './session/sessions.ts'

/** Contracts that one enclave serves. */
export const MAX_CONTRACTS = 256
/** Queries that run or wait at once. */
const MAX_QUERIES = 32

export type RoleError =
  | HostError
  /** No keys of the contract were released to this instance. */
  | { readonly code: 'contract_not_served' }

export type OpenSessionError =
  | RoleError
  | HelloError
  | { readonly code: 'scale_malformed' }
  | { readonly code: 'instance_not_registered' }

/** An enclave that runs contracts. */
export interface ContractsRole {
  readonly release: ReleaseClient
  /** Takes released shares in; complete keys make the contract served here. */
  finishRelease(
    ephemeralKey: Uint8Array,
    sealed: Uint8Array,
  ): Promise<
    Result<
      ReleasedKeys | { readonly needed: number },
      ReleaseError | { readonly code: 'contracts_too_many' }
    >
  >
  step(contract: AccountId): Promise<Result<SignedCommit | undefined, RoleError>>
  openSession(hello: Uint8Array): Promise<Result<Uint8Array, OpenSessionError>>
  frame(frame: Uint8Array): Promise<Result<Uint8Array, FrameRefusal>>
}

export function createContractsRole(options: {
  readonly chain: ChainView
  readonly crypto: CryptoProvider
  readonly instance: InstanceKeys
  readonly random: Random
  readonly evidence: EvidenceSource
  readonly source: ContractSource
  readonly runCommand: RunCall
  readonly runQuery: RunCall
  readonly batchLimits: BatchLimits
  readonly queryLimits: QueryLimits
}): ContractsRole {
  const { chain, crypto, instance, random, source } = options
  const release = createReleaseClient(options)
  const hosts = new Map<string, ContractHost>()
  const sessions = createSessions({ crypto, instance, random, answer })
  let queries = 0

  async function finishRelease(
    ephemeralKey: Uint8Array,
    sealed: Uint8Array,
  ): ReturnType<ContractsRole['finishRelease']> {
    const finished = await release.finish(ephemeralKey, sealed)
    if (!finished.ok || 'needed' in finished.value) return finished
    const { contract, epoch, inbox, state } = finished.value
    const name = bytesToHex(contract)
    if (!hosts.has(name) && hosts.size >= MAX_CONTRACTS) return err({ code: 'contracts_too_many' })
    const host =
      hosts.get(name) ??
      createContractHost({
        contract,
        chain,
        crypto,
        instance,
        stateKeys: state,
        source,
        run: options.runCommand,
        limits: options.batchLimits,
      })
    host.addInboxKey(epoch, inbox)
    hosts.set(name, host)
    return finished
  }

  async function openSession(bytes: Uint8Array): ReturnType<ContractsRole['openSession']> {
    const hello = decode(clientHello, bytes)
    if (!hello.ok) return err({ code: 'scale_malformed' })
    const host = hosts.get(bytesToHex(hello.value.contract))
    if (host === undefined) return err({ code: 'contract_not_served' })
    const committed = await host.committed()
    if (!committed.ok) return committed
    const self = await chain.read((state) => ({
      registered: workersStorage.Instances.get(state, instance.signing.publicKey),
    }))
    if (!self.ok) return self
    const { registered } = self.value
    if (registered === undefined) return err({ code: 'instance_not_registered' })
    const { state, facts } = committed.value
    return sessions.open(bytes, {
      genesis: chain.genesis,
      evidenceHash: registered.evidenceHash,
      head: facts.head,
      hashAt: (number) => chain.hashAt(number),
      rootOf: (): Hash => state.root,
    })
  }

  async function answer(query: SessionQuery): Promise<QueryResponse> {
    const host = hosts.get(bytesToHex(query.contract))
    if (host === undefined) return refusal('contract_not_served')
    if (queries >= MAX_QUERIES) return refusal('busy')
    queries += 1
    try {
      const committed = await host.committed()
      if (!committed.ok) return refusal(committed.error.code)
      const env = { run: options.runQuery, random, limits: options.queryLimits }
      return await answerQuery(committed.value, query, env)
    } finally {
      queries -= 1
    }
  }

  return {
    release,
    finishRelease,
    step: (contract) => {
      const host = hosts.get(bytesToHex(contract))
      return host ? host.step() : Promise.resolve(err({ code: 'contract_not_served' }))
    },
    openSession,
    frame: (bytes) => sessions.frame(bytes),
  }
}
