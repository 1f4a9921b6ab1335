import { err, ok, utf8, type AccountId, type Hash, type Result } from '@tacit/base'
import type { Hashes } from '@tacit/crypto'
import {
  MAX_COMMIT_COMMANDS,
  MAX_OUTBOX_ITEMS,
  saltedHash,
  type CommandOutcome,
  type InboxEntry,
  type OutboxItem,
} from '@tacit/runtime'
import type { CallOutcome, SandboxCall, SandboxError } from '@tacit/sandbox'
import { commandSeed, type InboxKey, type StateKeys } from '../release/contract-keys.ts'
import { keepAnswers, type CommandAnswer, type ContractState } from './contract-state.ts'
import type { LinkedEntry } from './inbox.ts'
import { openCommand } from './open-command.ts'
import type { RootTree } from './root-tree.ts'

/** Runs one call of a contract in a process that holds no keys. */
export type RunCall = (call: SandboxCall) => Promise<Result<CallOutcome, SandboxError>>

/** What a contract is, for as long as its code and keys stand. */
export interface ContractProgram {
  readonly genesis: Hash
  readonly contract: AccountId
  readonly codeHash: Hash
  readonly code: Uint8Array
  readonly stateKeys: StateKeys
  inboxKey(epoch: number): InboxKey | undefined
}

export interface BatchLimits {
  /** Gas that every command uses at the least, also one that cannot be opened. */
  readonly baseGas: bigint
  /** For a command's start, and for each million of its gas limit: gas ends a command, not time. */
  readonly deadlineMs: number
  readonly deadlineMsPerMillionGas: number
}

/** What a run of commands leads to; nothing of it stands before its commit is justified. */
export interface Batch {
  readonly state: ContractState
  readonly tree: RootTree
  readonly outcomes: readonly CommandOutcome[]
  readonly outbox: readonly OutboxItem[]
}

export type BatchError =
  /** The keys of an epoch that a command was sealed for are not here yet. */
  | { readonly code: 'keys_missing'; readonly epoch: number }
  /** This machine did not finish the very first command; that is no outcome of the command. */
  | { readonly code: 'machine_failed'; readonly reason: string }

const NO_SALT = new Uint8Array(32)
const NO_HASH = new Uint8Array(32) as Hash
const NOTHING = new Uint8Array()

/**
 * Runs commands in their order. The same entries, state and keys give the same result on every
 * machine; where a batch is cut never matters to the state.
 */
export async function runBatch(
  program: ContractProgram,
  before: { readonly state: ContractState; readonly tree: RootTree },
  entries: readonly LinkedEntry[],
  env: { readonly hashes: Hashes; readonly run: RunCall; readonly limits: BatchLimits },
): Promise<Result<Batch, BatchError>> {
  let { state } = before
  const outcomes: CommandOutcome[] = []
  const outbox: OutboxItem[] = []
  const changes = new Map<string, Uint8Array | undefined>()
  for (const linked of entries.slice(0, MAX_COMMIT_COMMANDS)) {
    const done = await runEntry(program, state, linked, env)
    if (!done.ok && outcomes.length === 0) return done
    if (!done.ok || outbox.length + done.value.outbox.length > MAX_OUTBOX_ITEMS) break
    const step = done.value
    for (const [key, value] of step.writes) changes.set(key, value)
    outcomes.push(step.outcome)
    outbox.push(...step.outbox)
    state = {
      ...state,
      processed: linked.entry.sequence + 1n,
      inboxHead: linked.head,
      values: applyWrites(state.values, step.writes),
      answers: keepAnswers(state.answers, [step.answer]),
    }
  }
  const hasEffect = outcomes.some(({ code }) => code === 'ok')
  const tree = hasEffect ? before.tree.update(changes) : before.tree
  return ok({
    state: { ...state, root: hasEffect ? tree.root : state.root },
    tree,
    outcomes,
    outbox,
  })
}

interface EntryResult {
  readonly outcome: CommandOutcome
  readonly writes: ReadonlyMap<string, Uint8Array | undefined>
  readonly outbox: readonly OutboxItem[]
  readonly answer: CommandAnswer
}

type BatchEnv = Parameters<typeof runBatch>[3]

async function runEntry(
  program: ContractProgram,
  state: ContractState,
  linked: LinkedEntry,
  env: BatchEnv,
): Promise<Result<EntryResult, BatchError>> {
  const { entry } = linked
  const command = readCommand(program, linked)
  if (!command.ok && command.error.code === 'keys_missing') return err(command.error)
  if (!command.ok) return ok(failed(entry, env, command.error.code, 0n))
  const { salt, input } = command.value
  const result = await env.run({
    code: program.code,
    codeHash: program.codeHash,
    kind: command.value.kind,
    method: command.value.method,
    input,
    context: {
      caller: entry.sender,
      self: program.contract,
      height: entry.height,
      timeMs: Number(entry.timeMs),
      sequence: entry.sequence,
      seed: commandSeed(program.stateKeys, program.contract, linked.head),
      value: entry.value,
    },
    state: state.values,
    gasLimit: entry.gasLimit,
    deadlineMs: deadlineOf(entry, env.limits),
  })
  const inputHash = saltedHash(env.hashes, salt, input)
  if (result.ok) return ok(succeeded(entry, env, result.value, salt, inputHash))
  const { error } = result
  if (isMachineFailure(error)) return err({ code: 'machine_failed', reason: error.code })
  return ok(failed(entry, env, error.code, error.gasUsed, { salt, inputHash, said: saidBy(error) }))
}

type OpenedCommand = {
  readonly kind: 'init' | 'command'
  readonly method: string
  readonly input: Uint8Array
  readonly salt: Uint8Array
}
type ReadError =
  | { readonly code: 'keys_missing'; readonly epoch: number }
  | { readonly code: 'sealed_open_failed' }
  | { readonly code: 'command_malformed' }

function readCommand(
  program: ContractProgram,
  { entry, payload }: LinkedEntry,
): Result<OpenedCommand, ReadError> {
  if ((payload.type === 'Init') !== (entry.sequence === 0n)) {
    return err({ code: 'command_malformed' })
  }
  if (payload.type === 'Init') {
    return ok({ kind: 'init', method: '', input: payload.value, salt: NO_SALT })
  }
  const key = program.inboxKey(entry.epoch)
  if (key === undefined) return err({ code: 'keys_missing', epoch: entry.epoch })
  const { genesis, contract, codeHash } = program
  const scope = { genesis, contract, codeHash, epoch: entry.epoch }
  const opened = openCommand(payload.value, entry, scope, key.privateKey)
  return opened.ok ? ok({ kind: 'command', ...opened.value }) : opened
}

function succeeded(
  entry: InboxEntry,
  env: BatchEnv,
  result: CallOutcome,
  salt: Uint8Array,
  inputHash: Hash,
): EntryResult {
  const { sequence } = entry
  return {
    outcome: {
      sequence,
      code: 'ok',
      gasUsed: chargedGas(entry, env.limits, result.gasUsed),
      inputHash,
      outputHash: saltedHash(env.hashes, salt, result.output),
    },
    writes: result.writes,
    outbox: result.outbox.map((item): OutboxItem =>
      item.type === 'event'
        ? { type: 'Event', value: { sequence, topic: item.topic, data: item.data } }
        : { type: 'Transfer', value: { sequence, to: item.to as AccountId, amount: item.amount } },
    ),
    answer: { sequence, sender: entry.sender, code: 'ok', output: result.output, salt },
  }
}

const NOT_OPENED = { salt: NO_SALT, inputHash: NO_HASH, said: undefined }

function failed(
  entry: InboxEntry,
  env: BatchEnv,
  code: string,
  gasUsed: bigint,
  opened: {
    readonly salt: Uint8Array
    readonly inputHash: Hash
    readonly said: Uint8Array | undefined
  } = NOT_OPENED,
): EntryResult {
  const { salt, inputHash, said } = opened
  const output = said ?? NOTHING
  const outputHash = said ? saltedHash(env.hashes, salt, said) : NO_HASH
  return {
    outcome: {
      sequence: entry.sequence,
      code,
      gasUsed: chargedGas(entry, env.limits, gasUsed),
      inputHash,
      outputHash,
    },
    writes: new Map(),
    outbox: [],
    answer: { sequence: entry.sequence, sender: entry.sender, code, output, salt },
  }
}

/** What the contract itself said about its failure, as JSON: for the caller alone, never public. */
export function saidBy(error: SandboxError): Uint8Array | undefined {
  if (error.code === 'contract_failed') {
    return utf8(JSON.stringify({ code: error.failCode, message: error.message }))
  }
  if (error.code === 'contract_threw') return utf8(JSON.stringify({ message: error.message }))
  return undefined
}

function isMachineFailure(error: SandboxError): boolean {
  return (
    error.code === 'deadline_exceeded' ||
    error.code === 'sandbox_crashed' ||
    error.code === 'sandbox_closed'
  )
}

function deadlineOf({ gasLimit }: InboxEntry, limits: BatchLimits): number {
  return limits.deadlineMs + (Number(gasLimit) / 1e6) * limits.deadlineMsPerMillionGas
}

function chargedGas(entry: InboxEntry, limits: BatchLimits, used: bigint): bigint {
  const least = used > limits.baseGas ? used : limits.baseGas
  return least < entry.gasLimit ? least : entry.gasLimit
}

function applyWrites(
  values: ReadonlyMap<string, Uint8Array>,
  writes: ReadonlyMap<string, Uint8Array | undefined>,
): ReadonlyMap<string, Uint8Array> {
  if (writes.size === 0) return values
  const next = new Map(values)
  for (const [key, value] of writes) {
    if (value === undefined) next.delete(key)
    else next.set(key, value)
  }
  return next
}
