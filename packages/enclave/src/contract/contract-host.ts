import {
  equalBytes,
  err,
  ok,
  type AccountId,
  type Coded,
  type Hash,
  type Result,
} from '@tacit/base'
import type { CryptoProvider } from '@tacit/crypto'
import {
  commitMessage,
  contractsStorage,
  MAX_COMMIT_COMMANDS,
  type CommitPayload,
  type InboxEntry,
  type InboxPayload,
} from '@tacit/runtime'
import type { ChainView } from '../chain/chain-view.ts'
import type { InstanceKeys } from '../keys.ts'
import type { InboxKey, StateKeys } from '../release/contract-keys.ts'
import { serialize } from '../serialize.ts'
import { readFacts, type ContractFacts, type FactsError } from './contract-facts.ts'
import { EMPTY_STATE, type ContractState } from './contract-state.ts'
import { verifyInbox, type InboxError, type LinkedEntry } from './inbox.ts'
import { createRootTree, type RootTree } from './root-tree.ts'
import {
  runBatch,
  type Batch,
  type BatchError,
  type BatchLimits,
  type ContractProgram,
  type RunCall,
} from './run-batch.ts'
import { openState, sealState, type BlobError } from './state-blob.ts'

/** What the untrusted host fetches for a contract. */
export interface ContractSource {
  /** Entries from..to-1 of the inbox, all with payloads. */
  inbox(
    contract: AccountId,
    from: bigint,
    to: bigint,
  ): Promise<
    Result<
      { readonly entries: readonly InboxEntry[]; readonly payloads: readonly InboxPayload[] },
      Coded
    >
  >
  /** The sealed state at a root, where the host still has it. */
  stateBlob(contract: AccountId, at: Position): Promise<Result<Uint8Array | undefined, Coded>>
}

/** A commit for the chain and the sealed state for the worker's disk. */
export interface SignedCommit {
  readonly payload: CommitPayload
  readonly signature: Uint8Array
  readonly blob: Uint8Array
}

export type HostError =
  | FactsError
  | InboxError
  | BatchError
  | BlobError
  | { readonly code: 'code_missing' }
  /** The worker could not give what was asked of it; `reason` is its code. */
  | { readonly code: 'source_failed'; readonly reason: string }
  /** The chain has moved on to a state that this enclave does not have. */
  | { readonly code: 'state_stale' }

/** A committed state at a justified head: what queries are answered from. */
export interface Committed {
  readonly state: ContractState
  readonly facts: ContractFacts
  readonly program: ContractProgram
}

/** Serves one contract: holds its keys and its newest committed state. */
export interface ContractHost {
  addInboxKey(epoch: number, key: InboxKey): void
  /** The state whose root the chain holds at the justified head. */
  committed(): Promise<Result<Committed, HostError>>
  /**
   * Runs the next commands of the inbox.
   * @returns the commit for them, the same one until the chain has taken it or moved on, or
   *   undefined where no command waits.
   */
  step(): Promise<Result<SignedCommit | undefined, HostError>>
}

const MAX_BACKOFF_LOG = 10

interface Held {
  readonly state: ContractState
  readonly tree: RootTree
}
type Pending = Held & { readonly commit: SignedCommit }

export interface HostOptions {
  readonly contract: AccountId
  readonly chain: ChainView
  readonly crypto: CryptoProvider
  readonly instance: InstanceKeys
  readonly stateKeys: StateKeys
  readonly source: ContractSource
  readonly run: RunCall
  readonly limits: BatchLimits
}

export function createContractHost(options: HostOptions): ContractHost {
  return new Host(options)
}

class Host implements ContractHost {
  readonly #options: HostOptions
  readonly #inboxKeys = new Map<number, InboxKey>()
  readonly #emptyTree: RootTree
  readonly #syncInTurn = serialize()
  readonly #stepInTurn = serialize()
  #held: Held
  #pending: Pending | undefined
  #program: ContractProgram | undefined
  #newest: Committed | undefined
  /** A command that this machine does not finish is tried ever more rarely: others need it too. */
  #failures = 0
  #retryAt = 0

  constructor(options: HostOptions) {
    this.#options = options
    const { hashes } = options.crypto
    this.#emptyTree = createRootTree(hashes, options.stateKeys.commitment, new Map())
    this.#held = { state: EMPTY_STATE, tree: this.#emptyTree }
  }

  addInboxKey(epoch: number, key: InboxKey): void {
    this.#inboxKeys.set(epoch, key)
  }

  committed(): Promise<Result<Committed, HostError>> {
    return this.#syncInTurn(() => this.#sync())
  }

  step(): Promise<Result<SignedCommit | undefined, HostError>> {
    return this.#stepInTurn(() => this.#step())
  }

  /** Brings the held state to the chain's at the head. */
  async #sync(): Promise<Result<Committed, HostError>> {
    const { chain, contract, instance } = this.#options
    const newest = this.#newest
    if (newest && equalBytes(newest.facts.head.hash, chain.head().hash)) return ok(newest)
    const facts = await readFacts(chain, contract, instance.signing.publicKey)
    if (!facts.ok) return facts
    const { info } = facts.value
    const program = await this.#loadProgram(info.codeHash)
    if (!program.ok) return program
    if (this.#pending !== undefined && isAt(this.#pending.state, info)) {
      this.#held = this.#pending
      this.#pending = undefined
    }
    if (!isAt(this.#held.state, info)) {
      const restored = await this.#restore(info)
      if (!restored.ok) return restored
      this.#held = restored.value
      this.#pending = undefined
    }
    this.#newest = { state: this.#held.state, facts: facts.value, program: program.value }
    return ok(this.#newest)
  }

  async #loadProgram(codeHash: Hash): Promise<Result<ContractProgram, HostError>> {
    if (this.#program !== undefined) return ok(this.#program)
    const { chain, contract, stateKeys, crypto } = this.#options
    const read = await chain.read((state) => ({ code: contractsStorage.Code.get(state, codeHash) }))
    if (!read.ok) return read
    const { code } = read.value
    if (code === undefined || !equalBytes(crypto.hashes.blake2b256(code), codeHash)) {
      return err({ code: 'code_missing' })
    }
    const inboxKey = (epoch: number): InboxKey | undefined => this.#inboxKeys.get(epoch)
    this.#program = { genesis: chain.genesis, contract, codeHash, code, stateKeys, inboxKey }
    return ok(this.#program)
  }

  async #restore(at: Position): Promise<Result<Held, HostError>> {
    if (at.processed === 0n) return ok({ state: EMPTY_STATE, tree: this.#emptyTree })
    const { source, contract, stateKeys, crypto } = this.#options
    const given = await source.stateBlob(contract, at)
    if (!given.ok) return err({ code: 'source_failed', reason: given.error.code })
    if (given.value === undefined) return err({ code: 'state_stale' })
    const state = openState(stateKeys, contract, at.root, given.value)
    if (!state.ok) return state
    const tree = createRootTree(crypto.hashes, stateKeys.commitment, state.value.values)
    const isChains = equalBytes(tree.root, at.root) && state.value.processed === at.processed
    return isChains ? ok({ state: state.value, tree }) : err({ code: 'state_stale' })
  }

  async #nextEntries(
    facts: ContractFacts,
    from: ContractState,
  ): Promise<Result<readonly LinkedEntry[], HostError>> {
    const { source, contract, crypto } = this.#options
    const { count } = facts.inbox
    const last = from.processed + BigInt(MAX_COMMIT_COMMANDS)
    const to = last < count ? last : count
    const head = await this.#headBefore(to, facts)
    if (!head.ok) return head
    const given = await source.inbox(contract, from.processed, to)
    if (!given.ok) return err({ code: 'source_failed', reason: given.error.code })
    return verifyInbox(crypto.hashes, {
      from: { count: from.processed, head: from.inboxHead },
      to: { count: to, head: head.value },
      ...given.value,
    })
  }

  /** The head of the inbox before an entry, as the chain's state has it. */
  async #headBefore(to: bigint, { inbox }: ContractFacts): Promise<Result<Hash, HostError>> {
    if (to === inbox.count) return ok(inbox.head)
    const { chain, contract } = this.#options
    const read = await chain.read((state) => ({
      entry: contractsStorage.Pending.get(state, contract, to - 1n),
    }))
    if (!read.ok) return read
    return read.value.entry ? ok(read.value.entry.head) : err({ code: 'state_stale' })
  }

  async #step(): Promise<Result<SignedCommit | undefined, HostError>> {
    const synced = await this.committed()
    if (!synced.ok) return synced
    if (this.#pending !== undefined) return ok(this.#pending.commit)
    const { facts, program } = synced.value
    const before = this.#held
    if (before.state.processed >= facts.inbox.count) return ok(undefined)
    if (facts.head.number < this.#retryAt) return err({ code: 'machine_failed', reason: 'waiting' })
    const entries = await this.#nextEntries(facts, before.state)
    if (!entries.ok) return entries
    const { crypto, run, limits } = this.#options
    const env = { hashes: crypto.hashes, run, limits }
    const batch = await runBatch(program, before, entries.value, env)
    this.#noteEnd(batch, facts.head.number)
    if (!batch.ok) return batch
    const commit = this.#sign(program, before.state, batch.value)
    if (!commit.ok) return commit
    // A sync during the run may have found the chain elsewhere; then this run was for nothing.
    if (this.#held !== before) return err({ code: 'state_stale' })
    this.#pending = { state: batch.value.state, tree: batch.value.tree, commit: commit.value }
    return ok(commit.value)
  }

  #noteEnd(batch: Result<Batch, BatchError>, height: number): void {
    const isMachines = !batch.ok && batch.error.code === 'machine_failed'
    this.#failures = isMachines ? this.#failures + 1 : 0
    this.#retryAt = isMachines ? height + 2 ** Math.min(this.#failures, MAX_BACKOFF_LOG) : 0
  }

  #sign(
    program: ContractProgram,
    before: ContractState,
    { state, outcomes, outbox }: Batch,
  ): Result<SignedCommit, BlobError> {
    const { contract, stateKeys, instance, crypto } = this.#options
    const blob = sealState(stateKeys, contract, state)
    if (!blob.ok) return blob
    const payload: CommitPayload = {
      genesis: program.genesis,
      contract,
      codeHash: program.codeHash,
      instance: instance.signing.publicKey,
      previousRoot: before.root,
      newRoot: state.root,
      firstSequence: before.processed,
      nextSequence: state.processed,
      inboxHead: state.inboxHead,
      outcomes,
      outbox,
      stateBlob: crypto.hashes.blake2b256(blob.value) as Hash,
    }
    const signature = instance.signing.sign(commitMessage(payload))
    return ok({ payload, signature, blob: blob.value })
  }
}

/** Which state of the contract the chain holds. */
export type Position = { readonly root: Hash; readonly processed: bigint }

function isAt(state: ContractState, at: Position): boolean {
  return state.processed === at.processed && equalBytes(state.root, at.root)
}
