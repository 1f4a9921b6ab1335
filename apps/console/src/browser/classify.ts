import { err, ok, parseUtf8, type Result } from '@tacit/base'
import { assembleEvidence, explainEvidenceError, type EvidenceSet } from '@tacit/attestation'
import { isReceiptJson, parseReceipt, type Receipt } from '@tacit/sdk'
import { oneLine } from './format.ts'

/** Bytes of one dropped file: the largest receipt. */
export const MAX_FILE_BYTES = 4_000_000
/** Evidence of a whole machine with what vouches for it. */
export const MAX_FILES = 64

export type DroppedFile = { readonly name: string; readonly bytes: Uint8Array }

/** What was dropped, ready to be verified. */
export type Dropped =
  | { readonly type: 'receipt'; readonly receipt: Receipt }
  | { readonly type: 'evidence'; readonly set: EvidenceSet }

/** Why it cannot be verified; `why` says to a person what to do. */
export type DropError = {
  /** Beside those here, every code of assembleEvidence(). */
  readonly code:
    | 'no_file'
    | 'too_many_files'
    | 'file_too_large'
    | 'file_unreadable'
    | 'receipt_malformed'
    | (string & {})
  readonly why: string
}

/** Refuses files by number and size, before any is read. */
export function checkSizes(
  files: readonly { readonly name: string; readonly size: number }[],
): Result<void, DropError> {
  if (files.length === 0) return refuse('no_file', 'Nothing that is a file was dropped.')
  if (files.length > MAX_FILES) {
    return refuse('too_many_files', `Drop one piece of evidence: at most ${MAX_FILES} files.`)
  }
  const large = files.find(({ size }) => size > MAX_FILE_BYTES)
  if (!large) return ok()
  const size = (large.size / 1_000_000).toFixed(1)
  return refuse(
    'file_too_large',
    `${oneLine(large.name, 80)} has ${size} MB; no receipt and no evidence has more than 4 MB.`,
  )
}

/** Tells a receipt from evidence, and puts evidence together from its files. */
export function classifyFiles(files: readonly DroppedFile[]): Result<Dropped, DropError> {
  const sized = checkSizes(files.map(({ name, bytes }) => ({ name, size: bytes.length })))
  if (!sized.ok) return sized
  const receipt = files.find(isReceipt)
  if (receipt !== undefined) {
    return files.length === 1
      ? classifyReceipt(receipt)
      : refuse('too_many_files', 'Drop a receipt alone.')
  }
  const named = files.map(({ name, bytes }) => ({ name: oneLine(name, 80), bytes }))
  const set = assembleEvidence(named)
  if (set.ok) return ok({ type: 'evidence', set: set.value })
  return refuse(set.error.code, explainEvidenceError(set.error))
}

function classifyReceipt({ bytes }: DroppedFile): Result<Dropped, DropError> {
  const receipt = parseReceipt(parseUtf8(bytes) ?? '')
  if (receipt.ok) return ok({ type: 'receipt', receipt: receipt.value })
  const { field } = receipt.error
  return refuse(
    'receipt_malformed',
    `It is no receipt: the field ${oneLine(field, 80)} is not as it must be.`,
  )
}

function isReceipt({ bytes }: DroppedFile): boolean {
  try {
    return isReceiptJson(JSON.parse(parseUtf8(bytes) ?? ''))
  } catch {
    return false
  }
}

function refuse(code: DropError['code'], why: string): Result<never, DropError> {
  return err({ code, why })
}
