import { createHash } from 'node:crypto'
import { createWriteStream, existsSync, renameSync, rmSync } from 'node:fs'
import { pipeline } from 'node:stream/promises'
import { createGzip, createZstdCompress } from 'node:zlib'
import { concatBytes, encode, err, ok, type Codec, type Hash, type Result } from '@tacit/base'
import { databaseFault } from '../database-fault.ts'
import type { StateAt, Store } from '../store.ts'
import {
  blockRecord,
  encodeHead,
  endRecord,
  entriesRecord,
  genesisRecord,
  handoverRecord,
  KIND,
  MAX_ANCESTORS,
  recordHead,
  type Compression,
  type Kind,
} from './format.ts'
import type { StateFileError } from './state-file-error.ts'

export type ExportOptions = {
  /** Default zstd. */
  readonly compression?: Compression
  /** Called now and then with the entries written so far. */
  readonly onProgress?: (entries: number) => void
}

export type Exported = {
  readonly number: number
  readonly entries: number
  /** SHA-256 over the records. */
  readonly checksum: Hash
}

/** Where a state is exported from; a Store is one. */
export type StateSource = Pick<
  Store,
  'metadata' | 'checkpointProof' | 'header' | 'justification' | 'handovers' | 'stateAt'
>

/** Keys of one look into the state, and bytes after which a record of entries ends. */
const KEYS_AT_ONCE = 1_024
const RECORD_BYTES = 256 * 1024

/**
 * Writes the state behind a block into a file, with all that a stranger needs to trust it: genesis,
 * handovers, header and justification. One record at a time is in memory. Nothing may write to the
 * store meanwhile. The file appears when it is whole.
 * @param number a justified block whose state is kept.
 */
export async function exportState(
  store: StateSource,
  number: number,
  path: string,
  { compression = 'zstd', onProgress = () => {} }: ExportOptions = {},
): Promise<Result<Exported, StateFileError>> {
  const state = store.stateAt(number)
  if (!state.ok) {
    const oldest = store.metadata?.oldestState ?? 0
    return err({ code: 'state_unavailable', number, oldest })
  }
  const block = justified(store, number)
  if (!block) return err({ code: 'state_not_justified', number })
  if (existsSync(path)) return err({ code: 'state_file_exists', path })
  const part = `${path}.part`
  const out = createWriteStream(part)
  const counted = { entries: 0, checksum: new Uint8Array(32) as Hash }
  const records = writeRecords({ store, number, block, state: state.value }, counted, onProgress)
  try {
    await new Promise<void>((resolve, reject) => {
      out.once('error', reject)
      out.write(encodeHead(compression), () => resolve())
    })
    if (compression === 'none') await pipeline(records, out)
    else await pipeline(records, compression === 'zstd' ? createZstdCompress() : createGzip(), out)
    renameSync(part, path)
  } catch (fault) {
    rmSync(part, { force: true })
    throw databaseFault(fault, path)
  }
  return ok({ number, ...counted })
}

/** The newest block that has its justification. */
export function newestJustified(store: StateSource): number {
  let number = store.metadata?.bestNumber ?? 0
  while (number > 0 && !store.justification(number)) number--
  return number
}

type Justified = { readonly header: Uint8Array; readonly justification: Uint8Array }

function justified(store: StateSource, number: number): Justified | undefined {
  const header = store.header(number)
  const justification = store.justification(number)
  return header && justification && number > 0 ? { header, justification } : undefined
}

type Subject = {
  readonly store: StateSource
  readonly number: number
  readonly block: Justified
  readonly state: StateAt
}

function* writeRecords(
  { store, number, block, state }: Subject,
  counted: { entries: number; checksum: Hash },
  onProgress: (entries: number) => void,
): Generator<Uint8Array> {
  const checksum = createHash('sha256')
  const record = <T>(kind: Kind, codec: Codec<T>, value: T): Uint8Array => {
    const payload = encode(codec, value)
    const bytes = concatBytes(encode(recordHead, { kind, length: payload.length }), payload)
    checksum.update(bytes)
    return bytes
  }
  const genesis = { header: store.header(0) ?? new Uint8Array(), proof: store.checkpointProof }
  yield record(KIND.genesis, genesisRecord, genesis)
  for (const at of store.handovers()) {
    const handover = at < number ? justified(store, at) : undefined
    if (handover) yield record(KIND.handover, handoverRecord, handover)
  }
  yield record(KIND.block, blockRecord, { ...block, ancestors: ancestorsOf(store, number) })
  for (const entries of entriesOf(state)) {
    counted.entries += entries.length
    onProgress(counted.entries)
    yield record(KIND.entries, entriesRecord, entries)
  }
  counted.checksum = Uint8Array.from(checksum.copy().digest()) as Hash
  const end = { entries: BigInt(counted.entries), checksum: counted.checksum }
  yield record(KIND.end, endRecord, end)
}

function ancestorsOf(store: StateSource, number: number): readonly Uint8Array[] {
  const headers: Uint8Array[] = []
  for (let at = number - 1; at > 0 && headers.length < MAX_ANCESTORS; at--) {
    const header = store.header(at)
    if (!header) break
    headers.unshift(header)
  }
  return headers
}

type Entry = readonly [key: Uint8Array, value: Uint8Array]

/** All entries in order of their keys, in portions of about RECORD_BYTES. */
function* entriesOf({ values }: StateAt): Generator<readonly Entry[]> {
  let entries: Entry[] = []
  let bytes = 0
  let after: Uint8Array | undefined
  for (;;) {
    const keys = values.keysWithPrefix(new Uint8Array(), after, KEYS_AT_ONCE)
    for (const key of keys) {
      const value = values.get(key) ?? new Uint8Array()
      entries.push([key, value])
      bytes += key.length + value.length
      if (bytes < RECORD_BYTES) continue
      yield entries
      entries = []
      bytes = 0
    }
    after = keys.at(-1)
    if (keys.length < KEYS_AT_ONCE) break
  }
  if (entries.length > 0) yield entries
}
