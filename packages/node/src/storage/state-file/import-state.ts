import { existsSync, mkdirSync, renameSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import {
  compareBytes,
  decode,
  encode,
  equalBytes,
  err,
  ok,
  u32,
  u64,
  type Hash,
  type Result,
} from '@tacit/base'
import type { CryptoProvider } from '@tacit/crypto'
import {
  authorityList,
  checkpointKeys,
  handsOver,
  storedAuthorities,
  type AuthoritySet,
} from '@tacit/light'
import { fileOf, isKey, openColumns, read, write, type Columns } from '../columns.ts'
import { commitFault, databaseFault } from '../database-fault.ts'
import { lockDirectory } from '../lock.ts'
import {
  bytesListCodec,
  CHECKPOINT_KEY,
  DATABASE_VERSION,
  LAST_SIGNED_KEY,
  lastSignedCodec,
  numberKey,
  writeMetadata,
} from '../records.ts'
import { createStateWriter } from '../state-writer.ts'
import { endRecord, entriesRecord, KIND } from './format.ts'
import { readRecords, StateFileFault, type RawRecord } from './read-records.ts'
import type { StateFileError } from './state-file-error.ts'
import {
  malformed,
  parse,
  takeProofs,
  type KnownHeader,
  type Proofs,
  type RecordSource,
} from './take-proofs.ts'

export type ImportOptions = {
  /** The chain that the caller trusts. */
  readonly genesisHash: Hash
  readonly crypto: Pick<CryptoProvider, 'hashes' | 'verify'>
  /** Called now and then with the entries taken so far. */
  readonly onProgress?: (entries: number) => void
}

export type Imported = { readonly number: number; readonly hash: Hash; readonly entries: number }

/** Where an import is made before it counts, below the database's directory. */
const STAGING = 'importing'

/**
 * Makes a database that begins at the block of an exported state. Trust comes from the genesis hash
 * alone: the handovers are followed as a light client does, the block's justification must be by the
 * set that they lead to, and the values must come to the header's state root. One record at a time is
 * in memory. Where anything is wrong, nothing is left behind. Throws NodeError for faults of the disk
 * and `base_path_in_use`.
 * @param directory that of the chain's database, absent or empty.
 */
export async function importState(
  path: string,
  directory: string,
  options: ImportOptions,
): Promise<Result<Imported, StateFileError>> {
  const unlock = lockDirectory(directory)
  const staging = join(directory, STAGING)
  try {
    if (isDatabase(directory)) return err({ code: 'target_not_empty', path: directory })
    rmSync(staging, { recursive: true, force: true })
    mkdirSync(staging)
    const imported = await fill(path, staging, options)
    renameSync(fileOf(staging), fileOf(directory))
    return ok(imported)
  } catch (fault) {
    if (fault instanceof StateFileFault) return err(fault.error)
    throw databaseFault(fault, fileOf(staging))
  } finally {
    rmSync(staging, { recursive: true, force: true })
    unlock()
  }
}

function isDatabase(directory: string): boolean {
  const file = fileOf(directory)
  return existsSync(file) && statSync(file).size > 0
}

async function fill(path: string, staging: string, options: ImportOptions): Promise<Imported> {
  const { genesisHash, crypto } = options
  const columns = openColumns(staging)
  const records = readRecords(path)
  const source = toSource(records)
  try {
    const proofs = await takeProofs(source, genesisHash, crypto)
    const { header } = proofs.block
    const { entries, root } = await takeEntries(source, columns, options)
    if (!(await records.next()).done) throw malformed('something follows the end')
    if (!equalBytes(root, header.stateRoot)) throw new StateFileFault({ code: 'state_file_root' })
    checkAuthorities(columns, proofs, options)
    await writeChain(columns, proofs, options)
    return { number: header.number, hash: proofs.light.head.hash, entries }
  } catch (cause) {
    if (cause instanceof StateFileFault) throw cause
    throw await commitFault(cause, fileOf(staging))
  } finally {
    await records.return(undefined)
    await columns.root.close()
  }
}

function toSource(records: AsyncGenerator<RawRecord>): RecordSource {
  return {
    next: async () => {
      const record = await records.next()
      if (record.done) throw new StateFileFault({ code: 'state_file_truncated' })
      return record.value
    },
  }
}

async function takeEntries(
  source: RecordSource,
  columns: Columns,
  { crypto, onProgress = () => {} }: ImportOptions,
): Promise<{ readonly entries: number; readonly root: Hash }> {
  const writer = createStateWriter(columns, crypto.hashes)
  let entries = 0
  let last: Uint8Array | undefined
  let record = await source.next()
  for (; record.kind === KIND.entries; record = await source.next()) {
    for (const [key, value] of parse(entriesRecord, record, KIND.entries)) {
      if (!isKey(key)) throw malformed(`a key of ${key.length} bytes`)
      if (last && compareBytes(last, key) >= 0) throw malformed('keys that do not rise')
      writer.add(key, value)
      last = key
      entries++
    }
    onProgress(entries)
  }
  const end = parse(endRecord, record, KIND.end)
  if (!equalBytes(end.checksum, record.checksumBefore) || end.entries !== BigInt(entries))
    throw new StateFileFault({ code: 'state_file_checksum' })
  return { entries, root: writer.finish() }
}

/** The state must name the set that signed its block, or the one that the block hands over to. */
function checkAuthorities(
  { values }: Columns,
  { light, signers }: Proofs,
  { crypto }: ImportOptions,
): void {
  const [authorities, setId] = checkpointKeys(crypto.hashes).map((key) => read(values, key))
  const list = authorities && decode(storedAuthorities, authorities)
  const id = setId ? decode(u64, setId) : ok(0n)
  const isNamed = (set: AuthoritySet): boolean =>
    list?.ok === true &&
    id.ok &&
    id.value === set.setId &&
    equalBytes(encode(authorityList, list.value), encode(authorityList, set.authorities))
  if (!isNamed(signers) && !isNamed(light.set))
    throw new StateFileFault({ code: 'state_file_authorities' })
}

/** Everything beside the state, in the transaction that makes the database one. */
async function writeChain(
  columns: Columns,
  { genesis, handovers, block, ancestors, light }: Proofs,
  { genesisHash, crypto }: ImportOptions,
): Promise<void> {
  const { root, meta, headers, numbers, bodies, justifications, handovers: marks } = columns
  const { number, hash } = light.head
  const writeHeader = ({ header, bytes }: KnownHeader): void => {
    write(headers, numberKey(header.number), bytes)
    write(numbers, crypto.hashes.blake2b256(bytes), encode(u32, header.number))
  }
  await root.batch(() => {
    write(headers, numberKey(0), genesis.header)
    write(numbers, genesisHash, encode(u32, 0))
    write(bodies, numberKey(0), encode(bytesListCodec, []))
    write(meta, CHECKPOINT_KEY, encode(bytesListCodec, genesis.proof))
    for (const ancestor of ancestors) writeHeader(ancestor)
    for (const handover of handovers) {
      writeHeader(handover)
      write(marks, numberKey(handover.header.number), new Uint8Array())
    }
    for (const justified of [...handovers, block])
      write(justifications, numberKey(justified.header.number), justified.justification)
    writeHeader(block)
    if (handsOver(block.header)) write(marks, numberKey(number), new Uint8Array())
    write(meta, LAST_SIGNED_KEY, encode(lastSignedCodec, { number, hash }))
    writeMetadata(columns, {
      version: DATABASE_VERSION,
      genesisHash,
      bestNumber: number,
      bestHash: hash,
      firstNumber: number,
      oldestState: number,
      oldestBody: number + 1,
      indexed: undefined,
    })
  })
  await root.flushed
}
