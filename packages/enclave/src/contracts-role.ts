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
import { checkHello, type HelloError } from './session/handshake.ts'
import {
  createSessions,
  type FrameRefusal,
  type SessionQuery,
  type Sessions,
} from './session/sessions.ts'

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

export interface ContractsRoleOptions {
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
}

export function createContractsRole(options: ContractsRoleOptions): ContractsRole {
  return new ContractServer(options)
}

class ContractServer implements ContractsRole {
  readonly release: ReleaseClient
  readonly #options: ContractsRoleOptions
  readonly #hosts = new Map<string, ContractHost>()
  readonly #sessions: Sessions
  #queries = 0

  constructor(options: ContractsRoleOptions) {
    this.#options = options
    this.release = createReleaseClient(options)
    const answer = (query: SessionQuery): Promise<QueryResponse> => this.#answer(query)
    this.#sessions = createSessions({ ...options, answer })
  }

  async finishRelease(
    ephemeralKey: Uint8Array,
    sealed: Uint8Array,
  ): ReturnType<ContractsRole['finishRelease']> {
    const finished = await this.release.finish(ephemeralKey, sealed)
    if (!finished.ok || 'needed' in finished.value) return finished
    const { contract, epoch, inbox, state: stateKeys } = finished.value
    const known = this.#host(contract)
    if (known === undefined && this.#hosts.size >= MAX_CONTRACTS) {
      return err({ code: 'contracts_too_many' })
    }
    const { runCommand: run, batchLimits: limits } = this.#options
    const host = known ?? createContractHost({ ...this.#options, contract, stateKeys, run, limits })
    host.addInboxKey(epoch, inbox)
    this.#hosts.set(bytesToHex(contract), host)
    return finished
  }

  async step(contract: AccountId): Promise<Result<SignedCommit | undefined, RoleError>> {
    return this.#host(contract)?.step() ?? err({ code: 'contract_not_served' })
  }

  async openSession(bytes: Uint8Array): Promise<Result<Uint8Array, OpenSessionError>> {
    const { chain, instance } = this.#options
    const hello = decode(clientHello, bytes)
    if (!hello.ok) return err({ code: 'scale_malformed' })
    const { genesis } = chain
    const hashAt = (number: number): Hash | undefined => chain.hashAt(number)
    const refused = checkHello(hello.value, { genesis, head: chain.head(), hashAt })
    if (refused !== undefined) return err(refused)
    const host = this.#host(hello.value.contract)
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
    return this.#sessions.open(hello.value, {
      genesis,
      evidenceHash: registered.evidenceHash,
      head: facts.head,
      root: state.root,
      hashAt,
    })
  }

  frame(bytes: Uint8Array): Promise<Result<Uint8Array, FrameRefusal>> {
    return this.#sessions.frame(bytes)
  }

  #host(contract: AccountId): ContractHost | undefined {
    return this.#hosts.get(bytesToHex(contract))
  }

  async #answer(query: SessionQuery): Promise<QueryResponse> {
    const host = this.#host(query.contract)
    if (host === undefined) return refusal('contract_not_served')
    if (this.#queries >= MAX_QUERIES) return refusal('busy')
    this.#queries += 1
    try {
      const committed = await host.committed()
      if (!committed.ok) return refusal(committed.error.code)
      const { runQuery: run, random, queryLimits: limits } = this.#options
      return await answerQuery(committed.value, query, { run, random, limits })
    } finally {
      this.#queries -= 1
    }
  }
}
