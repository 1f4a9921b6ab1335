import type { Result } from '@tacit/base'
import type { JustifiedBlock } from '../chain.ts'
import type { BlockReader } from './block-reader.ts'
import { openColumns, type Columns } from './columns.ts'
import {
  readBody,
  readHeader,
  readJustification,
  readNumber,
  type BodyUnavailable,
} from './read-chain.ts'
import {
  bytesListCodec,
  CHECKPOINT_KEY,
  readMetadata,
  readRecord,
  type Metadata,
} from './records.ts'
import {
  readStateAt,
  stateColumns,
  type StateAt,
  type StateColumns,
  type StateUnavailable,
} from './state-at.ts'

/** Justifications that are held in memory: more than a database that is written to may lack. */
const KEPT_JUSTIFICATIONS = 64

/**
 * The database read from a thread that does not write to it. What is read between two turns of the
 * event loop is one snapshot: metadata, values and undo records of the same block, whatever is
 * written meanwhile. A snapshot may be ahead of what was published, never behind it if `refresh` is
 * called for each block.
 */
export class StoreReader implements BlockReader {
  readonly #columns: Columns
  readonly #states: StateColumns
  readonly #justifications = new Map<number, Uint8Array>()

  /** Opens a database that is open for writing in another thread of this process. */
  constructor(path: string) {
    this.#columns = openColumns(path, 'read')
    this.#states = stateColumns(this.#columns)
  }

  /** A block was published: the snapshot that is in use may be older. */
  refresh(): void {
    this.#columns.root.resetReadTxn()
  }

  /** Keeps a justification that may not have reached the disk. */
  putJustification({ number, justification }: JustifiedBlock): void {
    this.#justifications.set(number, justification)
    for (const oldest of this.#justifications.keys()) {
      if (this.#justifications.size <= KEPT_JUSTIFICATIONS) return
      this.#justifications.delete(oldest)
    }
  }

  get checkpointProof(): readonly Uint8Array[] {
    return readRecord(this.#columns, CHECKPOINT_KEY, bytesListCodec) ?? []
  }

  header(number: number): Uint8Array | undefined {
    return readHeader(this.#columns, this.#metadata, number)
  }

  body(number: number): Result<readonly Uint8Array[], BodyUnavailable> {
    return readBody(this.#columns, this.#metadata, number)
  }

  justification(number: number): Uint8Array | undefined {
    return (
      this.#justifications.get(number) ?? readJustification(this.#columns, this.#metadata, number)
    )
  }

  numberOf(hash: Uint8Array): number | undefined {
    return readNumber(this.#columns, this.#metadata, hash)
  }

  stateAt(number: number): Result<StateAt, StateUnavailable> {
    const metadata = this.#metadata
    return readStateAt(this.#states, metadata, number, metadata?.bestNumber ?? 0)
  }

  async close(): Promise<void> {
    await this.#columns.root.close()
  }

  get #metadata(): Metadata | undefined {
    return readMetadata(this.#columns)
  }
}
