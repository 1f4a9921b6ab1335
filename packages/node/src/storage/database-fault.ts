import { closeSync, openSync, rmSync, statfsSync, statSync, writeSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { NodeError } from '../errors.ts'

/** Numbers of errno on Linux and macOS, as the database gives them, and their names. */
const FULL: ReadonlySet<unknown> = new Set(['ENOSPC', 'EDQUOT', 'EFBIG', 28, 27, 69, 122])
const READ_ONLY: ReadonlySet<unknown> = new Set(['EACCES', 'EPERM', 'EROFS', 1, 13, 30])
/** MDB_PAGE_NOTFOUND, MDB_CORRUPTED, MDB_PANIC, MDB_VERSION_MISMATCH, MDB_INVALID. */
const CORRUPT: ReadonlySet<unknown> = new Set([-30_797, -30_796, -30_795, -30_794, -30_793])
/** LMDB's word for a write that came out short. */
const IO: ReadonlySet<unknown> = new Set(['EIO', 5])

/** Free bytes below which a short write is laid to the disk. */
const LOW_BYTES = 64 * 1024 * 1024
const PROBE_BYTES = 1024 * 1024

/**
 * What an exception of the database or of the file system means: `disk_full`, `database_read_only`,
 * `database_corrupt`, or `database_failed` with its text.
 * @param path the file that was written or read.
 */
export function databaseFault(cause: unknown, path: string): NodeError {
  if (cause instanceof NodeError) return cause
  const reason = cause instanceof Error ? cause.message : String(cause)
  const { code } = Object(cause) as { readonly code?: unknown }
  if (FULL.has(code) || (IO.has(code) && isFull(path)))
    return new NodeError({ code: 'disk_full', path }, { cause })
  if (READ_ONLY.has(code)) return new NodeError({ code: 'database_read_only', path }, { cause })
  if (CORRUPT.has(code)) return new NodeError({ code: 'database_corrupt', path, reason }, { cause })
  return new NodeError({ code: 'database_failed', reason }, { cause })
}

/**
 * What a failed transaction means.
 * @param cause the exception of a batch, which carries the reason as a promise of its own.
 */
export async function commitFault(cause: unknown, path: string): Promise<NodeError> {
  const { commitError } = Object(cause) as { readonly commitError?: Promise<unknown> }
  const reason = await commitError?.catch((error: unknown) => error)
  return databaseFault(reason ?? cause, path)
}

/** Whether the file cannot grow: space, quota or the limit of a file's size is used up. */
function isFull(path: string): boolean {
  const directory = dirname(path)
  const probe = join(directory, `probe-${process.pid}`)
  try {
    const { bavail, bsize } = statfsSync(directory)
    if (bavail * bsize < LOW_BYTES) return true
    const end = statSync(path).size
    const file = openSync(probe, 'w')
    try {
      writeSync(file, new Uint8Array(PROBE_BYTES), 0, PROBE_BYTES, end)
    } finally {
      closeSync(file)
    }
    return false
  } catch (fault) {
    return FULL.has((fault as NodeJS.ErrnoException).code)
  } finally {
    rmSync(probe, { force: true })
  }
}
