import { bytesToHex, encode, ok, unwrap, type Hash, type Result } from '@tacit/base'
import { createVerifyCache, type CryptoProvider, type VerifyCache } from '@tacit/crypto'
import { checkpointKeys } from '@tacit/light'
import {
  headerCodec,
  timestampStorage,
  type Applied,
  type Block,
  type BlockError,
  type BlockExecution,
  type GenesisSpec,
  type Header,
  type Host,
} from '@tacit/runtime'
import type { Runtime } from '@tacit/runtime/runtime'
import { createOverlay, proveKeys, type Change, type KeyValue, type Overlay } from '@tacit/state'
import type { Log } from './log.ts'
import { computeRoot, nodeReader } from './storage/state-root.ts'
import type { StateAt } from './storage/store.ts'

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

/** What was put into a block. */
export type Filled = { readonly extrinsics: Uint8Array[]; readonly applied: Applied[] }

/** What a node executes with. */
export type ExecutionServices = {
  readonly runtime: Runtime
  readonly crypto: CryptoProvider
  readonly log: Log
}

/** Runs the rules on a state; changes nothing but what it returns. */
export interface Executor {
  /** Signature checks that the pool made and that blocks do not repeat. */
  readonly signatures: VerifyCache
  /** The host of the rules over an overlay; signatures are checked through the cache by default. */
  hostOn(overlay: Overlay, verify?: Host['verify']): Host
  genesis(spec: GenesisSpec): GenesisBlock
  /** Runs one block from its first step to its header. */
  run(
    state: StateAt,
    start: Pick<Header, 'number' | 'parentHash' | 'digest'>,
    fill: (execution: BlockExecution) => Filled,
  ): Result<ExecutedBlock, BlockError>
}

/** Block 0, with the proof of what light clients read of it. */
export type GenesisBlock = ExecutedBlock & { readonly checkpointProof: readonly Uint8Array[] }

/** Several times what waits in the pool. */
const VERIFY_CACHE_ENTRIES = 65_536
const EMPTY: KeyValue = { get: () => undefined, keysWithPrefix: () => [] }

export function createExecutor({ runtime, crypto, log }: ExecutionServices): Executor {
  const { hashes } = crypto
  const signatures = createVerifyCache(crypto, VERIFY_CACHE_ENTRIES)
  const hostOn: Executor['hostOn'] = (overlay, verify = signatures.verify) =>
    createHost(overlay, { crypto, verify, log })
  return {
    signatures,
    hostOn,
    genesis: (spec) => {
      const overlay = createOverlay(EMPTY)
      runtime.genesis(hostOn(overlay), spec)
      const values = overlay.changes()
      const { root, nodes } = computeRoot(EMPTY, values, hashes)
      const stored = { nodes: nodeReader(createMap(nodes)), values: overlay }
      const trie = { ...stored, hash: hashes.blake2b256 }
      const block = { header: runtime.genesisHeader(root, hashes), extrinsics: [] }
      const { timeMs } = spec
      return {
        ...finish(block, [], { values, nodes, timeMs }, hashes),
        checkpointProof: proveKeys(trie, checkpointKeys(hashes)),
      }
    },
    run: (state, start, fill) => {
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
      return ok(finish({ header: header.value, extrinsics }, applied, { ...made, timeMs }, hashes))
    },
  }
}

/** What the rules get from a node: storage, hashes, signature checks, log. */
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

/** The chain's clock in a state, Unix milliseconds. */
export function readTime(values: Pick<KeyValue, 'get'>, hashes: CryptoProvider['hashes']): bigint {
  const raw = values.get(timestampStorage.Now.key(hashes))
  return raw ? unwrap(timestampStorage.Now.decode(raw), 'Timestamp.Now') : 0n
}

function createMap(changes: readonly Change[]): Pick<KeyValue, 'get'> {
  const values = new Map(changes.map(({ key, value }) => [bytesToHex(key), value]))
  return { get: (key) => values.get(bytesToHex(key)) }
}

function finish(
  { header, extrinsics }: Block,
  applied: readonly Applied[],
  made: Pick<ExecutedBlock, 'values' | 'nodes' | 'timeMs'>,
  hashes: CryptoProvider['hashes'],
): ExecutedBlock {
  const headerBytes = encode(headerCodec, header)
  const hash = hashes.blake2b256(headerBytes) as Hash
  return { number: header.number, hash, header, headerBytes, extrinsics, applied, ...made }
}
