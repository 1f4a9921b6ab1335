import {
  compareBytes,
  decode,
  encode,
  err,
  InvariantError,
  ok,
  u32,
  unwrap,
  utf8,
  type Codec,
  type Hash,
  type Result,
} from '@tacit/base'
import type { Change, KeyValue } from '@tacit/state'
import { NodeError } from '../errors.ts'
import {
  isKey,
  latestValues,
  openColumns,
  read,
  write,
  type Column,
  type Columns,
} from './columns.ts'
import { historicValues } from './historic-values.ts'
import {
  bytesListCodec,
  DATABASE_VERSION,
  lastSignedCodec,
  metadataCodec,
  numberKey,
  type LastSigned,
  type Metadata,
} from './records.ts'
import { encodeUndo, type Undo } from './undo.ts'

/** Everything that one block adds. */
export type BlockRecord = {
  readonly number: number
  readonly hash: Hash
  readonly header: Uint8Array
  readonly body: readonly Uint8Array[]
  readonly values: readonly Change[]
  /** Trie nodes by a key made of their path, never empty. */
  readonly nodes: readonly Change[]
  /** The authority key's promise, if it is about to sign this block. */
  readonly lastSigned?: LastSigned
  /** Of genesis: from where light clients start, however old the chain is. */
  readonly checkpointProof?: readonly Uint8Array[]
}

/** State behind one block. */
export type StateAt = { readonly values: KeyValue; readonly nodes: KeyValue }

/** The block is unknown, or older than what is kept of the state. */
export type StateUnavailable =
  | { readonly code: 'block_unknown' }
  | { readonly code: 'state_pruned'; readonly oldest: number }

export type StoreOptions = {
  /** Blocks behind the best one whose state can still be read, at least 1. */
  readonly retention: number
}

const META_KEY = utf8('metadata')
const LAST_SIGNED_KEY = utf8('last-signed')
const CHECKPOINT_KEY = utf8('checkpoint')
/** Bytes of undo records that are held in memory. */
const MAX_UNDO_CACHE_BYTES = 32 * 1024 * 1024

type UndoPair = { readonly values: Undo; readonly nodes: Undo }

/**
 * The chain on disk. A block is one transaction: after a crash the database shows it whole or not
 * at all. Reads are synchronous; what is being written is not visible before it is durable.
 */
export class Store {
  readonly #columns: Columns
  readonly #retention: number
  readonly #latest: StateAt
  readonly #undos = new Map<number, UndoPair>()
  readonly #unwritten = new Map<number, Uint8Array>()
  #undoBytes = 0
  #metadata: Metadata | undefined
  /** The block whose transaction is under way: the columns may show its values already. */
  #writing: number | undefined

  constructor(path: string, options: StoreOptions) {
    this.#columns = attempt(() => openColumns(path))
    this.#retention = options.retention
    const { values, nodes } = this.#columns
    this.#latest = { values: latestValues(values), nodes: latestValues(nodes) }
    this.#metadata = this.#record(META_KEY, metadataCodec)
    const stored = this.#metadata?.version ?? DATABASE_VERSION
    if (stored !== DATABASE_VERSION)
      throw new NodeError({ code: 'database_version', stored, expected: DATABASE_VERSION })
  }

  /** Absent before genesis is written. */
  get metadata(): Metadata | undefined {
    return this.#metadata
  }

  get lastSigned(): LastSigned | undefined {
    return this.#record(LAST_SIGNED_KEY, lastSignedCodec)
  }

  /** Proof of light's checkpointKeys in the state of genesis; empty before it is written. */
  get checkpointProof(): readonly Uint8Array[] {
    return this.#record(CHECKPOINT_KEY, bytesListCodec) ?? []
  }

  /** Writes the first block; the database must be empty. */
  async writeGenesis(record: BlockRecord): Promise<void> {
    if (this.#metadata) throw new InvariantError('genesis is written')
    checkKeys(record)
    await this.#writeBlock(record, record.hash)
  }

  /** Writes the block behind the best one; resolved when it is durable. */
  async commit(record: BlockRecord): Promise<void> {
    const { genesisHash, bestNumber } = this.#required()
    if (record.number !== bestNumber + 1 || this.#writing !== undefined)
      throw new InvariantError(`block ${record.number} does not follow ${bestNumber}`)
    checkKeys(record)
    const { values, nodes } = this.#latest
    const pair = { values: undoOf(values, record.values), nodes: undoOf(nodes, record.nodes) }
    this.#remember(record.number, pair)
    this.#writing = record.number
    await this.#writeBlock(record, genesisHash, pair)
  }

  /** Resolves when everything written so far has reached the disk. */
  async flushed(): Promise<void> {
    await this.#columns.root.flushed
  }

  /** Header bytes; undefined above the best block. */
  header(number: number): Uint8Array | undefined {
    return this.#ofBlock(this.#columns.headers, number)
  }

  body(number: number): readonly Uint8Array[] | undefined {
    const bytes = this.#ofBlock(this.#columns.bodies, number)
    return bytes && unwrap(decode(bytesListCodec, bytes), 'stored body')
  }

  justification(number: number): Uint8Array | undefined {
    return this.#unwritten.get(number) ?? this.#ofBlock(this.#columns.justifications, number)
  }

  /** Keeps a justification; it reaches the disk with the next block, or at the end. */
  putJustification(number: number, justification: Uint8Array): void {
    this.#unwritten.set(number, justification)
  }

  /** The number of a committed block. */
  numberOf(hash: Uint8Array): number | undefined {
    if (hash.length !== 32) return undefined
    const bytes = read(this.#columns.numbers, hash)
    const number = bytes && unwrap(decode(u32, bytes), 'stored number')
    return number !== undefined && this.#isCommitted(number) ? number : undefined
  }

  /**
   * State behind a block, to be read before the caller yields to the event loop: later it may
   * be pruned.
   */
  stateAt(number: number): Result<StateAt, StateUnavailable> {
    const best = this.#metadata?.bestNumber ?? -1
    if (number < 0 || number > best) return err({ code: 'block_unknown' })
    const oldest = Math.max(0, best - this.#retention)
    if (number < oldest) return err({ code: 'state_pruned', oldest })
    const undos: UndoPair[] = []
    for (let above = number + 1; above <= (this.#writing ?? best); above++)
      undos.push(this.#undo(above))
    return ok({
      values: historicValues(
        this.#latest.values,
        undos.map(({ values }) => values),
      ),
      nodes: historicValues(
        this.#latest.nodes,
        undos.map(({ nodes }) => nodes),
      ),
    })
  }

  /** Writes what is not written yet and closes the database. */
  async close(): Promise<void> {
    if (this.#unwritten.size > 0) {
      await this.#columns.root.batch(() => this.#writeJustifications([...this.#unwritten]))
      await this.flushed()
    }
    await this.#columns.root.close()
  }

  async #writeBlock(record: BlockRecord, genesisHash: Hash, undo?: UndoPair): Promise<void> {
    const { number: bestNumber, hash: bestHash } = record
    const metadata = { version: DATABASE_VERSION, genesisHash, bestNumber, bestHash }
    const { root, meta } = this.#columns
    const waiting = [...this.#unwritten]
    try {
      await root.batch(() => {
        this.#writeBody(record)
        if (undo) this.#writeUndo(bestNumber, undo)
        const { lastSigned, checkpointProof } = record
        if (lastSigned) write(meta, LAST_SIGNED_KEY, encode(lastSignedCodec, lastSigned))
        if (checkpointProof) write(meta, CHECKPOINT_KEY, encode(bytesListCodec, checkpointProof))
        write(meta, META_KEY, encode(metadataCodec, metadata))
        this.#writeJustifications(waiting)
      })
    } catch (cause) {
      throw databaseFailed(cause)
    }
    root.resetReadTxn()
    for (const [number] of waiting) this.#unwritten.delete(number)
    this.#metadata = metadata
    this.#writing = undefined
  }

  #writeBody(record: BlockRecord): void {
    const { values, nodes, headers, bodies, numbers } = this.#columns
    const key = numberKey(record.number)
    for (const change of record.values) write(values, change.key, change.value)
    for (const change of record.nodes) write(nodes, change.key, change.value)
    write(headers, key, record.header)
    write(bodies, key, encode(bytesListCodec, record.body))
    write(numbers, record.hash, encode(u32, record.number))
  }

  /** The record of the block that just left the window goes; one more stays for the transition. */
  #writeUndo(number: number, { values, nodes }: UndoPair): void {
    const { valueUndos, nodeUndos } = this.#columns
    const key = numberKey(number)
    write(valueUndos, key, values)
    write(nodeUndos, key, nodes)
    const expired = number - this.#retention - 1
    if (expired < 1) return
    write(valueUndos, numberKey(expired), undefined)
    write(nodeUndos, numberKey(expired), undefined)
    this.#forget(expired)
  }

  #writeJustifications(waiting: readonly (readonly [number, Uint8Array])[]): void {
    for (const [number, justification] of waiting)
      write(this.#columns.justifications, numberKey(number), justification)
  }

  #undo(number: number): UndoPair {
    const cached = this.#undos.get(number)
    if (cached) return cached
    const key = numberKey(number)
    const values = read(this.#columns.valueUndos, key)
    const nodes = read(this.#columns.nodeUndos, key)
    if (!values || !nodes) throw new InvariantError(`no undo record of block ${number}`)
    const pair = { values, nodes }
    this.#remember(number, pair)
    return pair
  }

  /** Keeps the newest in memory: they are what clients ask for. */
  #remember(number: number, pair: UndoPair): void {
    this.#undos.set(number, pair)
    this.#undoBytes += sizeOf(pair)
    for (const oldest of this.#undos.keys()) {
      if (this.#undoBytes <= MAX_UNDO_CACHE_BYTES || oldest === number) break
      this.#forget(oldest)
    }
  }

  #forget(number: number): void {
    const pair = this.#undos.get(number)
    if (pair && this.#undos.delete(number)) this.#undoBytes -= sizeOf(pair)
  }

  #ofBlock(column: Column, number: number): Uint8Array | undefined {
    return this.#isCommitted(number) ? read(column, numberKey(number)) : undefined
  }

  #isCommitted(number: number): boolean {
    return number >= 0 && number <= (this.#metadata?.bestNumber ?? -1)
  }

  #record<T>(key: Uint8Array, codec: Codec<T>): T | undefined {
    const bytes = read(this.#columns.meta, key)
    return bytes && unwrap(decode(codec, bytes), 'stored record')
  }

  #required(): Metadata {
    if (!this.#metadata) throw new InvariantError('genesis is not written')
    return this.#metadata
  }
}

/** Checked before the first write: an exception between writes would leave half a block. */
function checkKeys({ values, nodes }: BlockRecord): void {
  for (const { key } of [...values, ...nodes])
    if (!isKey(key)) throw new InvariantError(`a key of ${key.length} bytes cannot be stored`)
}

function undoOf(latest: KeyValue, changes: readonly Change[]): Undo {
  const before = changes.map(({ key }) => ({ key, value: latest.get(key) }))
  return encodeUndo(before.sort((a, b) => compareBytes(a.key, b.key)))
}

function sizeOf({ values, nodes }: UndoPair): number {
  return values.length + nodes.length
}

function attempt<T>(run: () => T): T {
  try {
    return run()
  } catch (cause) {
    throw databaseFailed(cause)
  }
}

function databaseFailed(cause: unknown): NodeError {
  const reason = cause instanceof Error ? cause.message : String(cause)
  return new NodeError({ code: 'database_failed', reason }, { cause })
}
