import { decode, equalBytes, u32, type Hash } from '@tacit/base'
import type { CryptoProvider } from '@tacit/crypto'
import {
  grandpaJustification,
  handsOver,
  headerCodec,
  nextSet,
  startFromCheckpoint,
  verifyJustification,
  type AuthoritySet,
  type Header,
} from '@tacit/light'
import { orderedTrieRoot } from '@tacit/state'
import { read, type Columns } from '../columns.ts'
import { bytesListCodec, CHECKPOINT_KEY, numberKey, readRecord, type Metadata } from '../records.ts'
import type { StateColumns } from '../state-at.ts'
import { checkPast } from './check-past.ts'
import type { CheckProgress, Report } from './database-flaw.ts'

/** What is checked, and with what. */
export type Subject = {
  readonly columns: Columns
  readonly states: StateColumns
  readonly metadata: Metadata
  readonly crypto: Pick<CryptoProvider, 'hashes' | 'verify'>
  readonly report: Report
  readonly onProgress: (progress: CheckProgress) => void
}

/** A header that is there, with its hash. */
type Known = { readonly header: Header; readonly hash: Hash }

const PROGRESS_EVERY = 1_024

/** Walks all blocks from genesis up. @returns how many are there. */
export function checkBlocks(subject: Subject): number {
  const { columns, metadata, report, onProgress } = subject
  const { bestNumber: of, firstNumber } = metadata
  let before: Known | undefined
  let set: AuthoritySet | undefined
  let blocks = 0
  for (let number = 0; number <= of; number++) {
    const isAbsent = number > 0 && number < firstNumber
    const known = readKnown(subject, number, isAbsent)
    if (number === 0) set = known && startSet(subject, known)
    if (known) {
      blocks++
      checkHeader(subject, known, number, before)
      if (set) set = checkJustification(subject, known, set)
      checkBody(subject, known.header)
      if (number >= metadata.oldestState)
        checkPast(subject.states, metadata, known.header, subject.crypto.hashes, report)
    }
    before = known
    if (number % PROGRESS_EVERY === 0) onProgress({ step: 'blocks', done: number, of })
  }
  if (before && !equalBytes(before.hash, metadata.bestHash))
    report({ code: 'metadata_wrong', field: 'bestHash' })
  const count = columns.numbers.getCount() - blocks
  if (count > 0) report({ code: 'number_extra', count })
  onProgress({ step: 'blocks', done: of, of })
  return blocks
}

function readKnown(
  { columns, crypto, report }: Subject,
  number: number,
  isAbsent: boolean,
): Known | undefined {
  const bytes = read(columns.headers, numberKey(number))
  if (!bytes) {
    if (!isAbsent) report({ code: 'header_missing', number })
    return undefined
  }
  const header = decode(headerCodec, bytes)
  if (!header.ok) {
    report({ code: 'header_malformed', number })
    return undefined
  }
  return { header: header.value, hash: crypto.hashes.blake2b256(bytes) as Hash }
}

function checkHeader(
  { columns, report }: Subject,
  { header, hash }: Known,
  number: number,
  before: Known | undefined,
): void {
  if (header.number !== number) report({ code: 'header_number_wrong', number })
  if (before && !equalBytes(header.parentHash, before.hash))
    report({ code: 'parent_wrong', number })
  const indexed = read(columns.numbers, hash)
  const found = indexed && decode(u32, indexed)
  const isIndexed = found?.ok === true && found.value === number
  if (!isIndexed) report({ code: 'number_wrong', number })
}

/** The set of genesis, from the proof that light clients get. */
function startSet(
  { columns, metadata, crypto, report }: Subject,
  genesis: Known,
): AuthoritySet | undefined {
  if (!equalBytes(genesis.hash, metadata.genesisHash))
    report({ code: 'metadata_wrong', field: 'genesisHash' })
  const proof = readRecord(columns, CHECKPOINT_KEY, bytesListCodec) ?? []
  const started = startFromCheckpoint(genesis.hash, { header: genesis.header, proof }, crypto)
  if (started.ok) return started.value.set
  report({ code: 'checkpoint_wrong' })
  return undefined
}

/** @returns the set that signs the next block. */
function checkJustification(
  { columns, metadata, crypto, report }: Subject,
  { header, hash }: Known,
  set: AuthoritySet,
): AuthoritySet {
  const { number } = header
  if (number === 0) return nextSet(set, header)
  const bytes = read(columns.justifications, numberKey(number))
  const isHandover = handsOver(header)
  if (isHandover && !columns.handovers.doesExist(numberKey(number)))
    report({ code: 'handover_unmarked', number })
  // The newest one reaches the disk with the next block.
  const isKept = isHandover || number >= Math.max(metadata.oldestBody, metadata.firstNumber)
  if (!bytes) {
    if (isKept && number < metadata.bestNumber) report({ code: 'justification_missing', number })
    return nextSet(set, header)
  }
  const justification = decode(grandpaJustification, bytes)
  if (!justification.ok) report({ code: 'justification_malformed', number })
  else {
    const target = { hash, number }
    const input = { justification: justification.value, target, set, ...crypto }
    const verdict = verifyJustification(input)
    if (!verdict.ok) report({ code: 'justification_invalid', number, reason: verdict.error.code })
  }
  return nextSet(set, header)
}

function checkBody({ columns, metadata, crypto, report }: Subject, header: Header): void {
  const { number, extrinsicsRoot } = header
  const isKept = number === 0 || number >= Math.max(metadata.oldestBody, metadata.firstNumber)
  if (!isKept) return
  const bytes = read(columns.bodies, numberKey(number))
  if (!bytes) return report({ code: 'body_missing', number })
  const body = decode(bytesListCodec, bytes)
  if (!body.ok) return report({ code: 'body_malformed', number })
  const root = orderedTrieRoot(body.value, crypto.hashes.blake2b256)
  if (!equalBytes(root, extrinsicsRoot)) report({ code: 'body_root_wrong', number })
}
