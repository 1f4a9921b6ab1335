import { createHash, type Hash as Digest } from 'node:crypto'
import { createReadStream } from 'node:fs'
import type { Readable } from 'node:stream'
import { createGunzip, createZstdDecompress } from 'node:zlib'
import { decode, startsWith, unwrap } from '@tacit/base'
import {
  COMPRESSIONS,
  FORMAT_VERSION,
  HEAD_BYTES,
  MAGIC,
  MAX_RECORD_BYTES,
  RECORD_HEAD_BYTES,
  recordHead,
} from './format.ts'
import type { StateFileError } from './state-file-error.ts'

/** Leaves a reader below; caught by importState alone. */
export class StateFileFault {
  readonly error: StateFileError

  constructor(error: StateFileError) {
    this.error = error
  }
}

export type RawRecord = {
  readonly kind: number
  readonly payload: Uint8Array
  /** SHA-256 over all records before this one. */
  readonly checksumBefore: Uint8Array
}

/** The records of a file, one at a time, each no longer than MAX_RECORD_BYTES. */
export async function* readRecords(path: string): AsyncGenerator<RawRecord> {
  const checksum = createHash('sha256')
  let buffer: Uint8Array = new Uint8Array()
  try {
    for await (const chunk of openBody(path, await readHead(path))) {
      buffer = Buffer.concat([buffer, chunk])
      let next = takeRecord(buffer, checksum)
      while (next) {
        yield next.record
        buffer = buffer.subarray(next.length)
        next = takeRecord(buffer, checksum)
      }
    }
  } catch (fault) {
    throw toFault(fault, path)
  }
  if (buffer.length > 0) throw new StateFileFault({ code: 'state_file_truncated' })
}

function takeRecord(
  buffer: Uint8Array,
  checksum: Digest,
): { readonly record: RawRecord; readonly length: number } | undefined {
  if (buffer.length < RECORD_HEAD_BYTES) return undefined
  const { kind, length } = unwrap(decode(recordHead, buffer.subarray(0, RECORD_HEAD_BYTES)))
  if (length > MAX_RECORD_BYTES)
    throw new StateFileFault({ code: 'state_file_malformed', reason: 'a record is too long' })
  const end = RECORD_HEAD_BYTES + length
  if (buffer.length < end) return undefined
  const checksumBefore = checksum.copy().digest()
  checksum.update(buffer.subarray(0, end))
  const payload = new Uint8Array(buffer.subarray(RECORD_HEAD_BYTES, end))
  return { record: { kind, payload, checksumBefore }, length: end }
}

async function readHead(path: string): Promise<Uint8Array> {
  const parts: Uint8Array[] = []
  for await (const chunk of createReadStream(path, { end: HEAD_BYTES - 1 })) parts.push(chunk)
  return Buffer.concat(parts)
}

function openBody(path: string, head: Uint8Array): Readable {
  const compression = COMPRESSIONS[head[MAGIC.length + 1] ?? -1]
  const isKnown = startsWith(head, MAGIC) && head[MAGIC.length] === FORMAT_VERSION
  if (!isKnown || !compression) {
    const isCut = head.length < HEAD_BYTES && startsWith(MAGIC, head.subarray(0, MAGIC.length))
    throw new StateFileFault({ code: isCut ? 'state_file_truncated' : 'state_file_unknown' })
  }
  const file = createReadStream(path, { start: HEAD_BYTES })
  if (compression === 'none') return file
  const plain = compression === 'zstd' ? createZstdDecompress() : createGunzip()
  file.once('error', (fault) => plain.destroy(fault))
  return file.pipe(plain)
}

function toFault(fault: unknown, path: string): unknown {
  const { code, message } = fault as { readonly code?: unknown; readonly message?: unknown }
  if (fault instanceof StateFileFault || typeof code !== 'string') return fault
  if (code === 'Z_BUF_ERROR' || String(message).includes('unexpected end'))
    return new StateFileFault({ code: 'state_file_truncated' })
  if (code.startsWith('Z') || code.startsWith('ERR_Z'))
    return new StateFileFault({ code: 'state_file_malformed', reason: 'it cannot be decompressed' })
  return new StateFileFault({ code: 'state_file_unreadable', path, reason: String(message) })
}
