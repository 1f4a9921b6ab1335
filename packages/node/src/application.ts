import {
  bytesToHex,
  encode,
  equalBytes,
  err,
  ok,
  unwrap,
  type Hash,
  type Result,
} from '@tacit/base'
import { createVerifyCache, type CryptoProvider } from '@tacit/crypto'
import { checkpointKeys } from '@tacit/light'
import {
  headerCodec,
  timestampStorage,
  type Applied,
  type Block,
  type BlockError,
  type BlockExecution,
  type ExtrinsicError,
  type GenesisSpec,
  type Head,
  type Header,
  type Host,
  type TransactionSource,
  type ValidTransaction,
} from '@tacit/runtime'
import type { Runtime } from '@tacit/runtime/runtime'
import { createOverlay, proveKeys, type Change, type KeyValue, type Overlay } from '@tacit/state'
import type { Log } from './log.ts'
import type { LastSigned } from './storage/records.ts'
import { computeRoot, nodeReader } from './storage/state-root.ts'
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
  /** In the order of their inclusion; taken one by one while there is room. */
  readonly candidates: Iterable<Uint8Array>
  /** Bytes of extrinsics, above the runtime's own limit if none. */
  readonly maxBytes?: number
}

/** A block with all that it changes; nothing of it is durable. */
export type ExecutedBlock = {
  readonly number: number
  readonly hash: Hash
  readonly header: Header
  readonly headerBytes: Uint8Array
  readonly extrinsics: readonly Uint8Array[]
  readonly applied: readonly Applied[]
  readonly values: readonly Change[]
  readonly nodes: readonly Change[]
  readonly timeMs: bigint
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

/** Signature checks that the pool made and that blocks do not repeat. */
const VERIFY_CACHE_ENTRIES = 65_536
/** Candidates in a row without room behind which a block counts as full. */
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
  /** Judges an extrinsic for the pool, behind the best block. */
  checkTx(bytes: Uint8Array, source: TransactionSource): Result<ValidTransaction, ExtrinsicError>
  /** Makes a block of the candidates that may be included. Never fails. */
  prepare(proposal: Proposal): PreparedBlock
  /** Judges another proposer's block completely. */
  process(block: Block, nowMs: bigint): Result<void, ProcessError>
  /** Executes a block on the best one, or gives what prepare or process made of it. */
  execute(block: Block): Result<ExecutedBlock, ProcessError>
  /** Makes a block durable; it must stand on the best one. */
  commit(block: ExecutedBlock, records?: { readonly lastSigned?: LastSigned }): Promise<void>
}

export type ApplicationOptions = {
  readonly runtime: Runtime
  readonly store: Store
  readonly crypto: CryptoProvider
  readonly log: Log
}

/** Composes runtime, store and crypto into the application. */
export function createApplication(options: ApplicationOptions): Application {
  const { runtime, store, crypto, log } = options
  const hashes = crypto.hashes
  const verify = createVerifyCache(crypto, VERIFY_CACHE_ENTRIES)
  let known: ExecutedBlock | undefined
  let checking: { readonly best: number; readonly host: Host } | undefined

  const hostOn = (overlay: Overlay): Host => createHost(overlay, { crypto, verify, log })

  function info(): ChainInfo | undefined {
    const metadata = store.metadata
    if (!metadata) return undefined
    const best = { number: metadata.bestNumber, hash: metadata.bestHash }
    const { values } = bestState()
    return { genesisHash: metadata.genesisHash, best, timeMs: readTime(values, hashes) }
  }

  function bestState(): StateAt {
    return unwrap(store.stateAt(store.metadata?.bestNumber ?? 0), 'best state')
  }

  function required(): ChainInfo {
    return unwrap(asResult(info()), 'chain info')
  }

  function makeGenesis(spec: GenesisSpec): ExecutedBlock & { checkpointProof: Uint8Array[] } {
    const overlay = createOverlay(EMPTY)
    runtime.genesis(hostOn(overlay), spec)
    const values = overlay.changes()
    const { root, nodes } = computeRoot(EMPTY, values, hashes)
    const stored = { nodes: nodeReader(createMap(nodes)), values: overlay }
    const proof = proveKeys({ ...stored, hash: hashes.blake2b256 }, checkpointKeys(hashes))
    const block = { header: runtime.genesisHeader(root, hashes), extrinsics: [] }
    const { timeMs } = spec
    return {
      ...executed(block, [], { values, nodes, timeMs }, hashes),
      checkpointProof: [...proof],
    }
  }

  /** Runs one block from its first step to its header. */
  function run(
    start: Pick<Header, 'number' | 'parentHash' | 'digest'>,
    fill: (execution: BlockExecution) => { extrinsics: Uint8Array[]; applied: Applied[] },
  ): Result<ExecutedBlock, BlockError> {
    const state = bestState()
    const overlay = createOverlay(state.values)
    const execution = runtime.initializeBlock(hostOn(overlay), start)
    const { extrinsics, applied } = fill(execution)
    let made: Pick<ExecutedBlock, 'values' | 'nodes'> = { values: [], nodes: [] }
    const header = execution.finalize(() => {
      const values = overlay.changes()
      const { root, nodes } = computeRoot(state.nodes, values, hashes)
      made = { values, nodes }
      return root
    })
    if (!header.ok) return header
    const timeMs = readTime(overlay, hashes)
    return ok(executed({ header: header.value, extrinsics }, applied, { ...made, timeMs }, hashes))
  }

  function execute(block: Block): Result<ExecutedBlock, ProcessError> {
    const hash = hashes.blake2b256(encode(headerCodec, block.header))
    if (known && equalBytes(known.hash, hash)) return ok(known)
    const { best } = required()
    if (!equalBytes(block.header.parentHash, best.hash)) return err({ code: 'parent_wrong' })
    if (block.header.number !== best.number + 1) return err({ code: 'number_wrong' })
    const replayed = replay(block)
    if (replayed.ok) known = replayed.value
    return replayed
  }

  function replay(block: Block): Result<ExecutedBlock, ProcessError> {
    let refused: BlockError | undefined
    const made = run(block.header, (execution) => {
      const applied: Applied[] = []
      for (const [index, bytes] of block.extrinsics.entries()) {
        const outcome = execution.apply(bytes)
        if (!outcome.ok) {
          refused = { code: 'extrinsic_refused', index, error: outcome.error }
          break
        }
        applied.push(outcome.value)
      }
      return { extrinsics: [...block.extrinsics], applied }
    })
    if (refused) return err(refused)
    if (!made.ok) return made
    for (const field of ['stateRoot', 'extrinsicsRoot'] as const)
      if (!equalBytes(made.value.header[field], block.header[field]))
        return err({ code: 'header_mismatch', field })
    return made
  }

  return {
    info,
    genesisHash: (spec) => makeGenesis(spec).hash,
    genesis: async (spec) => {
      const block = makeGenesis(spec)
      await store.writeGenesis({ ...toRecord(block), checkpointProof: block.checkpointProof })
      await store.flushed()
      return block.hash
    },
    checkTx: (bytes, source) => {
      const { best } = required()
      if (checking?.best !== best.number) {
        checking = { best: best.number, host: hostOn(createOverlay(bestState().values)) }
      }
      return runtime.validateTransaction(checking.host, best, source, bytes)
    },
    prepare: (proposal) => {
      const { best } = required()
      const refused: { bytes: Uint8Array; error: ExtrinsicError }[] = []
      const start = { number: best.number + 1, parentHash: best.hash, digest: { logs: [] } }
      const made = run(start, (execution) => {
        const filled = applyInherents(runtime, execution, proposal)
        fillBlock(execution, proposal, filled, refused)
        return filled
      })
      const block = unwrap(made, 'own block')
      known = block
      return { block, refused }
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
      await store.commit({ ...toRecord(block), ...records })
      known = undefined
    },
  }
}

function createMap(changes: readonly Change[]): Pick<KeyValue, 'get'> {
  const values = new Map(changes.map(({ key, value }) => [bytesToHex(key), value]))
  return { get: (key) => values.get(bytesToHex(key)) }
}

const EMPTY: KeyValue = { get: () => undefined, keysWithPrefix: () => [] }

/** What the rules get from a node: storage, hashes, cached signature checks, log. */
export function createHost(
  overlay: Overlay,
  services: {
    readonly crypto: CryptoProvider
    readonly verify: Host['verify']
    readonly log: Log
  },
): Host {
  const { crypto, verify, log } = services
  return { storage: overlay, hashes: crypto.hashes, verify, log: (level, text) => log(level, text) }
}

type Filled = { readonly extrinsics: Uint8Array[]; readonly applied: Applied[] }

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
  for (const bytes of candidates) {
    if (misfits >= MAX_MISFITS) return
    if (used + bytes.length > maxBytes) {
      misfits++
      continue
    }
    const outcome = execution.apply(bytes)
    if (outcome.ok) {
      extrinsics.push(bytes)
      applied.push(outcome.value)
      used += bytes.length
    } else if (outcome.error.code === 'exhausts_resources') misfits++
    else refused.push({ bytes, error: outcome.error })
  }
}

function executed(
  { header, extrinsics }: Block,
  applied: readonly Applied[],
  made: Pick<ExecutedBlock, 'values' | 'nodes' | 'timeMs'>,
  hashes: CryptoProvider['hashes'],
): ExecutedBlock {
  const headerBytes = encode(headerCodec, header)
  const hash = hashes.blake2b256(headerBytes) as Hash
  return { number: header.number, hash, header, headerBytes, extrinsics, applied, ...made }
}

function toRecord(block: ExecutedBlock): Parameters<Store['commit']>[0] {
  const { number, hash, headerBytes: header, extrinsics: body, values, nodes } = block
  return { number, hash, header, body, values, nodes }
}

function readTime(values: Pick<KeyValue, 'get'>, hashes: CryptoProvider['hashes']): bigint {
  const raw = values.get(timestampStorage.Now.key(hashes))
  return raw ? unwrap(timestampStorage.Now.decode(raw), 'Timestamp.Now') : 0n
}

function asResult<T>(value: T | undefined): Result<T, { code: 'genesis_missing' }> {
  return value === undefined ? err({ code: 'genesis_missing' }) : ok(value)
}
