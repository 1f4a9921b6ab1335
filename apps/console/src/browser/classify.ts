import { bytesToHex, err, ok, parseHex, parseUtf8, type Result } from '@tacit/base'
import { parseBundle, type DcapBundle } from '@tacit/attestation'
import { isReceiptJson, parseReceipt, type Receipt } from '@tacit/sdk'
import { oneLine } from './format.ts'

/** Bytes of one dropped file: the largest receipt. */
export const MAX_FILE_BYTES = 4_000_000
/** A bundle and its quote. */
export const MAX_FILES = 2

export type DroppedFile = { readonly name: string; readonly bytes: Uint8Array }

/** What was dropped, ready to be verified. */
export type Dropped =
  | { readonly type: 'receipt'; readonly name: string; readonly receipt: Receipt }
  | {
      readonly type: 'bundle'
      readonly name: string
      readonly bundle: DcapBundle
      readonly quote: Uint8Array
    }

/** Why it cannot be verified; `why` says to a person what to do. */
export type DropError = {
  readonly code:
    | 'no_file'
    | 'too_many_files'
    | 'file_too_large'
    | 'file_unreadable'
    | 'file_unknown'
    | 'receipt_malformed'
    | 'bundle_malformed'
    | 'quote_missing'
  readonly why: string
}

/** Refuses files by number and size, before any is read. */
export function checkSizes(
  files: readonly { readonly name: string; readonly size: number }[],
): Result<void, DropError> {
  if (files.length === 0) return refuse('no_file', 'Nothing that is a file was dropped.')
  if (files.length > MAX_FILES) {
    return refuse('too_many_files', 'Drop one receipt, one bundle, or a bundle with its quote.')
  }
  const large = files.find(({ size }) => size > MAX_FILE_BYTES)
  if (!large) return ok()
  const size = (large.size / 1_000_000).toFixed(1)
  return refuse(
    'file_too_large',
    `${oneLine(large.name, 80)} has ${size} MB; no receipt or bundle has more than 4 MB.`,
  )
}

/** Tells a receipt from an evidence bundle, and a bundle from the quote that was dropped with it. */
export function classifyFiles(files: readonly DroppedFile[]): Result<Dropped, DropError> {
  const sized = checkSizes(files.map(({ name, bytes }) => ({ name, size: bytes.length })))
  if (!sized.ok) return sized
  const documents = files.filter(({ bytes }) => isJsonObject(bytes))
  const [document] = documents
  if (!document) {
    return refuse('file_unknown', 'It is neither a receipt nor an evidence bundle: it is not JSON.')
  }
  if (documents.length > 1) {
    return refuse('too_many_files', 'Drop one receipt or bundle at a time.')
  }
  return isReceipt(document)
    ? classifyReceipt(document)
    : classifyBundle(
        document,
        files.find((file) => file !== document),
      )
}

function classifyReceipt({ name, bytes }: DroppedFile): Result<Dropped, DropError> {
  const receipt = parseReceipt(parseUtf8(bytes) ?? '')
  if (receipt.ok) return ok({ type: 'receipt', name, receipt: receipt.value })
  const { field } = receipt.error
  return refuse(
    'receipt_malformed',
    `It is no receipt: the field ${oneLine(field, 80)} is not as it must be.`,
  )
}

function classifyBundle(
  { name, bytes }: DroppedFile,
  quoteFile: DroppedFile | undefined,
): Result<Dropped, DropError> {
  const parsed = parseBundle(bytes)
  if (!parsed.ok) {
    const { reason, path } = parsed.error
    const where = path === '' ? '' : ` at ${oneLine(path, 80)}`
    return refuse(
      'bundle_malformed',
      `It is neither a receipt nor an evidence bundle: ${reason}${where}.`,
    )
  }
  const bundle = parsed.value
  if (bundle.quote.type === 'bytes')
    return ok({ type: 'bundle', name, bundle, quote: bundle.quote.bytes })
  if (quoteFile) return ok({ type: 'bundle', name, bundle, quote: quoteBytes(quoteFile) })
  return refuse(
    'quote_missing',
    `The bundle names its quote by the path ${bundle.quote.path}. Drop the bundle and that file ` +
      'together, or write the quote into the bundle as hex.',
  )
}

/** A quote is its bytes, or the same as hex text. */
function quoteBytes({ bytes }: DroppedFile): Uint8Array {
  const text = parseUtf8(bytes)?.trim()
  const hex = text === undefined || text === '' ? undefined : parseHex(text)
  return hex?.ok ? hex.value : bytes
}

const OPEN_BRACE = '7b'

function isJsonObject(bytes: Uint8Array): boolean {
  const start = bytes.find((byte) => byte !== 0x20 && (byte < 0x09 || byte > 0x0d))
  return start !== undefined && bytesToHex(Uint8Array.of(start)) === OPEN_BRACE
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
