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
import type { ProvenReadError } from '../chain/proven-state.ts'
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
  stateBlob(contract: AccountId, root: Hash): Promise<Result<Uint8Array | undefined, Coded>>
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
  hasInboxKey(epoch: number): boolean
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
  const { contract, chain, crypto, instance, stateKeys, source } = options
  const { hashes } = crypto
  const self = instance.signing.publicKey
  const inboxKeys = new Map<number, InboxKey>()
  const emptyTree = createRootTree(hashes, stateKeys.commitment, new Map())
  let held: Held = { state: EMPTY_STATE, tree: emptyTree }
  let pending: Pending | undefined
  let program: ContractProgram | undefined
  let newest: Committed | undefined
  const syncInTurn = serialize()
  const stepInTurn = serialize()
  /** A command that this machine does not finish is tried ever more rarely: others need it too. */
  let failures = 0
  let retryAt = 0

  /** Brings the held state to the chain's at the head. */
  async function sync(): Promise<Result<Committed, HostError>> {
    if (newest !== undefined && equalBytes(newest.facts.head.hash, chain.head().hash)) {
      return ok(newest)
    }
    const facts = await readFacts(chain, contract, self)
    if (!facts.ok) return facts
    const { info } = facts.value
    const loaded = await loadProgram(info.codeHash)
    if (!loaded.ok) return loaded
    if (pending !== undefined && isAt(pending.state, info)) {
      held = pending
      pending = undefined
    }
    if (!isAt(held.state, info)) {
      const restored = await restore(info)
      if (!restored.ok) return restored
      held = restored.value
      pending = undefined
    }
    newest = { state: held.state, facts: facts.value, program: loaded.value }
    return ok(newest)
  }

  async function loadProgram(codeHash: Hash): Promise<Result<ContractProgram, HostError>> {
    if (program !== undefined) return ok(program)
    const read = await chain.read((state) => ({
      code: contractsStorage.Code.get(state, codeHash),
    }))
    if (!read.ok) return read
    const { code } = read.value
    if (code === undefined || !equalBytes(hashes.blake2b256(code), codeHash)) {
      return err({ code: 'code_missing' })
    }
    const inboxKey = (epoch: number): InboxKey | undefined => inboxKeys.get(epoch)
    program = { genesis: chain.genesis, contract, codeHash, code, stateKeys, inboxKey }
    return ok(program)
  }

  async function restore(at: Position): Promise<Result<Held, HostError>> {
    if (at.processed === 0n) return ok({ state: EMPTY_STATE, tree: emptyTree })
    const given = await source.stateBlob(contract, at.root)
    if (!given.ok) return err({ code: 'source_failed', reason: given.error.code })
    if (given.value === undefined) return err({ code: 'state_stale' })
    const state = openState(stateKeys, contract, at.root, given.value)
    if (!state.ok) return state
    const tree = createRootTree(hashes, stateKeys.commitment, state.value.values)
    const isChains = equalBytes(tree.root, at.root) && state.value.processed === at.processed
    return isChains ? ok({ state: state.value, tree }) : err({ code: 'state_stale' })
  }

  async function nextEntries(
    facts: ContractFacts,
    from: ContractState,
  ): Promise<Result<readonly LinkedEntry[], HostError>> {
    const { count } = facts.inbox
    const last = from.processed + BigInt(MAX_COMMIT_COMMANDS)
    const to = last < count ? last : count
    const head = await headBefore(to, facts)
    if (!head.ok) return head
    const given = await source.inbox(contract, from.processed, to)
    if (!given.ok) return err({ code: 'source_failed', reason: given.error.code })
    return verifyInbox(hashes, {
      from: { count: from.processed, head: from.inboxHead },
      to: { count: to, head: head.value },
      ...given.value,
    })
  }

  /** The head of the inbox before an entry, as the chain's state has it. */
  async function headBefore(
    to: bigint,
    { inbox }: ContractFacts,
  ): Promise<Result<Hash, ProvenReadError | { readonly code: 'state_stale' }>> {
    if (to === inbox.count) return ok(inbox.head)
    const read = await chain.read((state) => ({
      entry: contractsStorage.Pending.get(state, contract, to - 1n),
    }))
    if (!read.ok) return read
    return read.value.entry ? ok(read.value.entry.head) : err({ code: 'state_stale' })
  }

  async function step(): Promise<Result<SignedCommit | undefined, HostError>> {
    const synced = await syncInTurn(sync)
    if (!synced.ok) return synced
    if (pending !== undefined) return ok(pending.commit)
    const { facts, program: running } = synced.value
    const before = held
    if (before.state.processed >= facts.inbox.count) return ok(undefined)
    const entries = await nextEntries(facts, before.state)
    if (!entries.ok) return entries
    const env = { hashes, run: options.run, limits: options.limits }
    if (facts.head.number < retryAt) return err({ code: 'machine_failed', reason: 'waiting' })
    const batch = await runBatch(running, before, entries.value, env)
    failures = batch.ok ? 0 : failures + 1
    retryAt = failures === 0 ? 0 : facts.head.number + 2 ** Math.min(failures, MAX_BACKOFF_LOG)
    if (!batch.ok) return batch
    const commit = sign(running, before.state, batch.value)
    if (!commit.ok) return commit
    // A sync during the run may have found the chain elsewhere; then this run was for nothing.
    if (held !== before) return err({ code: 'state_stale' })
    pending = { state: batch.value.state, tree: batch.value.tree, commit: commit.value }
    return ok(commit.value)
  }

  function sign(
    running: ContractProgram,
    before: ContractState,
    batch: Batch,
  ): Result<SignedCommit, BlobError> {
    const { state, outcomes, outbox } = batch
    const blob = sealState(stateKeys, contract, state)
    if (!blob.ok) return blob
    const payload: CommitPayload = {
      genesis: running.genesis,
      contract,
      codeHash: running.codeHash,
      instance: self,
      previousRoot: before.root,
      newRoot: state.root,
      firstSequence: before.processed,
      nextSequence: state.processed,
      inboxHead: state.inboxHead,
      outcomes,
      outbox,
      stateBlob: hashes.blake2b256(blob.value) as Hash,
    }
    const signature = instance.signing.sign(commitMessage(payload))
    return ok({ payload, signature, blob: blob.value })
  }

  return {
    addInboxKey: (epoch, key) => void inboxKeys.set(epoch, key),
    hasInboxKey: (epoch) => inboxKeys.has(epoch),
    committed: () => syncInTurn(sync),
    step: () => stepInTurn(step),
  }
}

type Position = { readonly root: Hash; readonly processed: bigint }

function isAt(state: ContractState, at: Position): boolean {
  return state.processed === at.processed && equalBytes(state.root, at.root)
}
