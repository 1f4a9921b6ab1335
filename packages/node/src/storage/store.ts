import { compareBytes, encode, InvariantError, u32, type Hash, type Result } from '@tacit/base'
import type { Change, KeyValue } from '@tacit/state'
import { fileOf, isKey, latestValues, openColumns, write, type Columns } from './columns.ts'
import { commitFault } from './database-fault.ts'
import {
  readBody,
  readHandovers,
  readHeader,
  readJustification,
  readNumber,
  type BodyUnavailable,
} from './read-chain.ts'
import {
  bytesListCodec,
  CHECKPOINT_KEY,
  DATABASE_VERSION,
  LAST_SIGNED_KEY,
  lastSignedCodec,
  numberKey,
  readMetadata,
  readRecord,
  writeMetadata,
  type LastSigned,
  type Metadata,
} from './records.ts'
import {
  checkRetention,
  nextRetention,
  toRetention,
  writeRetention,
  type Retention,
  type RetentionOptions,
} from './retention.ts'
import {
  readStateAt,
  stateColumns,
  type StateAt,
  type StateColumns,
  type StateUnavailable,
} from './state-at.ts'
import { encodeUndo, type Undo } from './undo.ts'

export type { StateAt, StateUnavailable } from './state-at.ts'

/** Everything that one block adds. */
export type BlockRecord = {
  readonly number: number
  readonly hash: Hash
  readonly header: Uint8Array
  /** The header hands over to another authority set: its justification is kept for ever. */
  readonly handsOver: boolean
  readonly body: readonly Uint8Array[]
  readonly values: readonly Change[]
  /** Trie nodes by a key made of their path, never empty. */
  readonly nodes: readonly Change[]
  /** The authority key's promise, if it is about to sign this block. */
  readonly lastSigned?: LastSigned
  /** Of genesis: from where light clients start, however old the chain is. */
  readonly checkpointProof?: readonly Uint8Array[]
}

export type StoreOptions = RetentionOptions

/**
 * The chain on disk. A block is one transaction: after a crash the database shows it whole or not
 * at all. Reads are synchronous; what is being written is not visible before it is durable.
 */
export class Store {
  readonly #path: string
  readonly #columns: Columns
  readonly #states: StateColumns
  readonly #retention: Retention
  readonly #latest: StateAt
  readonly #unwritten = new Map<number, Uint8Array>()
  #metadata: Metadata | undefined
  /** The block whose transaction is under way: the columns may show its values already. */
  #writing: number | undefined
  /** A write has failed: nothing else is written. */
  #failed = false

  /**
   * Opens or creates the database of a directory. Throws NodeError: `database_version`,
   * `database_is_archive`, `database_not_archive`, and the faults of the disk.
   */
  constructor(path: string, options: StoreOptions) {
    this.#path = fileOf(path)
    this.#columns = openColumns(path)
    this.#states = stateColumns(this.#columns)
    this.#retention = toRetention(options)
    const { values, nodes } = this.#columns
    this.#latest = { values: latestValues(values), nodes: latestValues(nodes) }
    this.#metadata = readMetadata(this.#columns)
    if (this.#metadata) checkRetention(this.#metadata, this.#retention)
  }

  /** Absent before genesis is written. */
  get metadata(): Metadata | undefined {
    return this.#metadata
  }

  get lastSigned(): LastSigned | undefined {
    return readRecord(this.#columns, LAST_SIGNED_KEY, lastSignedCodec)
  }

  /** Proof of light's checkpointKeys in the state of genesis; empty before it is written. */
  get checkpointProof(): readonly Uint8Array[] {
    return readRecord(this.#columns, CHECKPOINT_KEY, bytesListCodec) ?? []
  }

  /** Writes the first block; the database must be empty. */
  async writeGenesis(record: BlockRecord): Promise<void> {
    if (this.#metadata) throw new InvariantError('genesis is written')
    checkKeys(record)
    await this.#writeBlock(record, {
      version: DATABASE_VERSION,
      genesisHash: record.hash,
      bestNumber: record.number,
      bestHash: record.hash,
      firstNumber: record.number,
      oldestState: record.number,
      oldestBody: record.number,
      indexed: this.#retention.isArchive ? record.number : undefined,
    })
  }

  /** Writes the block behind the best one; resolved when it is durable. */
  async commit(record: BlockRecord): Promise<void> {
    const { number: bestNumber, hash: bestHash } = record
    const old = this.#metadata
    if (!old) throw new InvariantError('genesis is not written')
    if (bestNumber !== old.bestNumber + 1 || this.#writing !== undefined)
      throw new InvariantError(`block ${bestNumber} does not follow ${old.bestNumber}`)
    checkKeys(record)
    const { values, nodes } = this.#latest
    this.#states.valueUndos.put(bestNumber, undoOf(values, record.values))
    this.#states.nodeUndos.put(bestNumber, undoOf(nodes, record.nodes))
    this.#writing = bestNumber
    const kept = nextRetention(old, bestNumber, this.#retention)
    await this.#writeBlock(record, { ...old, bestNumber, bestHash, ...kept }, old)
  }

  /** Resolves when everything written so far has reached the disk. */
  async flushed(): Promise<void> {
    await this.#columns.root.flushed
  }

  /** Header bytes; undefined above the best block, and before an imported one but for handovers. */
  header(number: number): Uint8Array | undefined {
    return readHeader(this.#columns, this.#metadata, number)
  }

  body(number: number): Result<readonly Uint8Array[], BodyUnavailable> {
    return readBody(this.#columns, this.#metadata, number)
  }

  /** Undefined where the block has none, and where it was pruned with the body. */
  justification(number: number): Uint8Array | undefined {
    const { justifications } = this.#columns
    return (
      this.#unwritten.get(number) ?? readJustification({ justifications }, this.#metadata, number)
    )
  }

  /** Keeps a justification; it reaches the disk with the next block, or at the end. */
  putJustification(number: number, justification: Uint8Array): void {
    this.#unwritten.set(number, justification)
  }

  /** The blocks that hand over to another authority set, ascending. */
  handovers(): readonly number[] {
    return readHandovers(this.#columns)
  }

  /** The number of a committed block. */
  numberOf(hash: Uint8Array): number | undefined {
    return readNumber(this.#columns, this.#metadata, hash)
  }

  /**
   * State behind a block, to be read before the caller yields to the event loop: later it may
   * be pruned.
   */
  stateAt(number: number): Result<StateAt, StateUnavailable> {
    const top = this.#writing ?? this.#metadata?.bestNumber ?? 0
    return readStateAt(this.#states, this.#metadata, number, top)
  }

  /**
   * Writes what is not written yet, unless a write has failed before, and closes the database.
   * Throws the faults of the disk once it is closed; engines make the same justifications again.
   */
  async close(): Promise<void> {
    try {
      if (this.#unwritten.size === 0 || this.#failed) return
      await this.#columns.root.batch(() => this.#writeJustifications([...this.#unwritten]))
      await this.flushed()
    } catch (cause) {
      throw await commitFault(cause, this.#path)
    } finally {
      await this.#columns.root.close()
    }
  }

  async #writeBlock(record: BlockRecord, metadata: Metadata, old?: Metadata): Promise<void> {
    const { root, meta } = this.#columns
    const waiting = [...this.#unwritten]
    try {
      await root.batch(() => {
        this.#writeBody(record)
        if (old) this.#writeUndo(record.number)
        const { lastSigned, checkpointProof } = record
        if (lastSigned) write(meta, LAST_SIGNED_KEY, encode(lastSignedCodec, lastSigned))
        if (checkpointProof) write(meta, CHECKPOINT_KEY, encode(bytesListCodec, checkpointProof))
        writeMetadata(this.#columns, metadata)
        this.#writeJustifications(waiting)
        if (old) writeRetention(this.#columns, this.#states, old, metadata)
      })
    } catch (cause) {
      this.#failed = true
      throw await commitFault(cause, this.#path)
    }
    root.resetReadTxn()
    for (const [number] of waiting) this.#unwritten.delete(number)
    this.#metadata = metadata
    this.#writing = undefined
  }

  #writeBody(record: BlockRecord): void {
    const { values, nodes, headers, bodies, numbers, handovers } = this.#columns
    const key = numberKey(record.number)
    for (const change of record.values) write(values, change.key, change.value)
    for (const change of record.nodes) write(nodes, change.key, change.value)
    write(headers, key, record.header)
    write(bodies, key, encode(bytesListCodec, record.body))
    write(numbers, record.hash, encode(u32, record.number))
    if (record.handsOver) write(handovers, key, new Uint8Array())
  }

  #writeUndo(number: number): void {
    const { valueUndos, nodeUndos } = this.#columns
    write(valueUndos, numberKey(number), this.#states.valueUndos.get(number))
    write(nodeUndos, numberKey(number), this.#states.nodeUndos.get(number))
  }

  #writeJustifications(waiting: readonly (readonly [number, Uint8Array])[]): void {
    for (const [number, justification] of waiting)
      write(this.#columns.justifications, numberKey(number), justification)
  }
}

/** Checked before the first write: an exception between writes would leave half a block. */
function checkKeys({ values, nodes }: BlockRecord): void {
  for (const { key } of [...values, ...nodes])
    if (!isKey(key)) throw new InvariantError(`a key of ${key.length} bytes cannot be stored`)
}

function undoOf(latest: Pick<KeyValue, 'get'>, changes: readonly Change[]): Undo {
  const before = changes.map(({ key }) => ({ key, value: latest.get(key) }))
  return encodeUndo(before.sort((a, b) => compareBytes(a.key, b.key)))
}
