import {
  encode,
  equalBytes,
  err,
  InvariantError,
  ok,
  unwrap,
  type Hash,
  type Result,
} from '@tacit/base'
import type { VerifyCache } from '@tacit/crypto'
import { handsOver } from '@tacit/light'
import {
  headerCodec,
  type Applied,
  type Block,
  type BlockError,
  type BlockExecution,
  type ExtrinsicError,
  type GenesisSpec,
  type Head,
  type Judged,
  type TransactionSource,
} from '@tacit/runtime'
import type { Runtime } from '@tacit/runtime/runtime'
import {
  createExecutor,
  readTime,
  type ExecutedBlock,
  type ExecutionServices,
  type Executor,
  type Filled,
} from './executor.ts'
import { createPoolJudge } from './pool-judge.ts'
import type { LastSigned } from './storage/records.ts'
import type { StateAt, Store } from './storage/store.ts'

/** Where the chain stands. */
export type ChainInfo = {
  readonly genesisHash: Hash
  readonly best: Head
  /** The chain's clock at the best block, Unix milliseconds. */
  readonly timeMs: bigint
}

/** What an engine wants the next block to be made of. */
export type Proposal = {
  /** Unix milliseconds. */
  readonly nowMs: bigint
  /** ed25519 key of the proposer. */
  readonly proposer: Uint8Array
  /**
   * In the order of their inclusion; taken one by one while there is room. An iterator is told of
   * each whether the block has it, before it gives the next.
   */
  readonly candidates: Iterable<Uint8Array, void, boolean>
  /** Bytes of extrinsics, above the runtime's own limit if none. */
  readonly maxBytes?: number
}

export type PreparedBlock = {
  readonly block: ExecutedBlock
  /** Candidates that may not be included, now or ever. */
  readonly refused: readonly { readonly bytes: Uint8Array; readonly error: ExtrinsicError }[]
}

export type ProcessError =
  | BlockError
  /** The block does not stand on the best one. */
  | { readonly code: 'parent_wrong' }
  /** The block's clock is further ahead of ours than the drift allows. */
  | { readonly code: 'time_ahead'; readonly timeMs: bigint; readonly limitMs: bigint }

/** Milliseconds by which the chain's clock may run ahead of a node's own. */
export const MAX_DRIFT_MS = 30_000n

/** Candidates without room behind which a block counts as full. */
const MAX_MISFITS = 16

/**
 * The state machine as an engine drives it: embedded or CometBFT. Nothing is durable before
 * commit. An exception out of any method is a bug: the engine halts.
 */
export interface Application {
  /** Absent before genesis. */
  info(): ChainInfo | undefined
  /** Writes the first state and gives its header's hash. */
  genesis(spec: GenesisSpec): Promise<Hash>
  /** Hash of the genesis that a specification makes; writes nothing. */
  genesisHash(spec: GenesisSpec): Hash
  /** Answers to signature checks: what is put here is not checked again in a block. */
  readonly signatures: VerifyCache
  /** The best block; genesis must be written. */
  head(): Head
  /**
   * Judges an extrinsic for the pool, behind the best block.
   * @param verify decides its signatures, through the cache if absent.
   */
  checkTx(
    bytes: Uint8Array,
    source: TransactionSource,
    verify?: VerifyCache['verify'],
  ): Result<Judged, ExtrinsicError>
  /** Makes a block of the candidates that may be included. Never fails. */
  prepare(proposal: Proposal): PreparedBlock
  /** Judges another proposer's block completely. */
  process(block: Block, nowMs: bigint): Result<void, ProcessError>
  /** Executes a block on the best one, or gives what prepare or process made of it. */
  execute(block: Block): Result<ExecutedBlock, ProcessError>
  /** Makes a block durable; it must stand on the best one. */
  commit(block: ExecutedBlock, records?: { readonly lastSigned?: LastSigned }): Promise<void>
}

export type ApplicationOptions = ExecutionServices & { readonly store: Store }

/** Composes runtime, store and crypto into the application. */
export function createApplication(options: ApplicationOptions): Application {
  const { runtime, store, crypto } = options
  const executor = createExecutor(options)
  /** The block that was made or judged last, which is probably the next to be committed. */
  let known: ExecutedBlock | undefined

  const judge = createPoolJudge({ runtime, store, executor })

  function execute(block: Block): Result<ExecutedBlock, ProcessError> {
    const hash = crypto.hashes.blake2b256(encode(headerCodec, block.header))
    if (known && equalBytes(known.hash, hash)) return ok(known)
    const { best } = required(store)
    if (!equalBytes(block.header.parentHash, best.hash)) return err({ code: 'parent_wrong' })
    if (block.header.number !== best.number + 1) return err({ code: 'number_wrong' })
    const replayed = replay(executor, bestState(store), block)
    if (replayed.ok) known = replayed.value
    return replayed
  }

  return {
    info: () => {
      if (!store.metadata) return undefined
      const timeMs = readTime(bestState(store).values, crypto.hashes)
      return { ...required(store), timeMs }
    },
    genesisHash: (spec) => executor.genesis(spec).hash,
    genesis: async (spec) => {
      const block = executor.genesis(spec)
      const { checkpointProof } = block
      await store.writeGenesis({ ...toRecord(block), checkpointProof })
      await store.flushed()
      return block.hash
    },
    signatures: executor.signatures,
    head: () => required(store).best,
    checkTx: (bytes, source, verify) => judge.check(bytes, source, verify),
    prepare: (proposal) => {
      const prepared = makeBlock(runtime, executor, store, proposal)
      known = prepared.block
      return prepared
    },
    process: (block, nowMs) => {
      const made = execute(block)
      if (!made.ok) return made
      const { timeMs } = made.value
      const limitMs = nowMs + MAX_DRIFT_MS
      return timeMs > limitMs ? err({ code: 'time_ahead', timeMs, limitMs }) : ok()
    },
    execute,
    commit: async (block, records = {}) => {
      // What was opened before would see what is being written.
      judge.close()
      await store.commit({ ...toRecord(block), ...records })
      judge.close()
      known = undefined
    },
  }
}

function bestState(store: Store): StateAt {
  return unwrap(store.stateAt(store.metadata?.bestNumber ?? 0), 'best state')
}

function required({ metadata }: Store): Omit<ChainInfo, 'timeMs'> {
  if (!metadata) throw new InvariantError('genesis is not written')
  const { genesisHash, bestNumber: number, bestHash: hash } = metadata
  return { genesisHash, best: { number, hash } }
}

function makeBlock(
  runtime: Runtime,
  executor: Executor,
  store: Store,
  proposal: Proposal,
): PreparedBlock {
  const { best } = required(store)
  const refused: { bytes: Uint8Array; error: ExtrinsicError }[] = []
  const start = { number: best.number + 1, parentHash: best.hash, digest: { logs: [] } }
  const made = executor.run(bestState(store), start, (execution) => {
    const filled = applyInherents(runtime, execution, proposal)
    fillBlock(execution, proposal, filled, refused)
    return filled
  })
  return { block: unwrap(made, 'own block'), refused }
}

function replay(
  executor: Executor,
  state: StateAt,
  { header, extrinsics }: Block,
): Result<ExecutedBlock, ProcessError> {
  let refused: BlockError | undefined
  const made = executor.run(state, header, (execution) => {
    const applied: Applied[] = []
    for (const [index, bytes] of extrinsics.entries()) {
      const outcome = execution.apply(bytes)
      if (outcome.ok) applied.push(outcome.value)
      else {
        refused = { code: 'extrinsic_refused', index, error: outcome.error }
        break
      }
    }
    return { extrinsics: [...extrinsics], applied }
  })
  if (refused) return err(refused)
  if (!made.ok) return made
  for (const field of ['stateRoot', 'extrinsicsRoot'] as const)
    if (!equalBytes(made.value.header[field], header[field]))
      return err({ code: 'header_mismatch', field })
  return made
}

function applyInherents(
  runtime: Runtime,
  execution: BlockExecution,
  { nowMs, proposer }: Proposal,
): Filled {
  const extrinsics = runtime.inherents({ nowMs, proposer, absent: [], misbehaviour: [] })
  const applied = extrinsics.map((bytes) => unwrap(execution.apply(bytes), 'inherent'))
  return { extrinsics, applied }
}

function fillBlock(
  execution: BlockExecution,
  { candidates, maxBytes = Number.POSITIVE_INFINITY }: Proposal,
  { extrinsics, applied }: Filled,
  refused: { bytes: Uint8Array; error: ExtrinsicError }[],
): void {
  let used = extrinsics.reduce((sum, { length }) => sum + length, 0)
  let misfits = 0
  const offered = candidates[Symbol.iterator]()
  for (let next = offered.next(true); !next.done && misfits < MAX_MISFITS;) {
    const bytes = next.value
    const outcome = used + bytes.length > maxBytes ? NO_ROOM : execution.apply(bytes)
    if (outcome.ok) {
      extrinsics.push(bytes)
      applied.push(outcome.value)
      used += bytes.length
    } else if (outcome.error.code === 'exhausts_resources') misfits++
    else refused.push({ bytes, error: outcome.error })
    next = offered.next(outcome.ok)
  }
  offered.return?.()
}

const NO_ROOM = err({ code: 'exhausts_resources' } as const)

function toRecord(block: ExecutedBlock): Parameters<Store['commit']>[0] {
  const { number, hash, headerBytes: header, extrinsics: body, values, nodes } = block
  return { number, hash, header, handsOver: handsOver(block.header), body, values, nodes }
}
