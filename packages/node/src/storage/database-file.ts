import { closeSync, existsSync, fstatSync, openSync, readSync } from 'node:fs'
import { join } from 'node:path'
import { NodeError } from '../errors.ts'
import { databaseFault } from './database-fault.ts'

/**
 * LMDB maps its file into memory: a page that is not there ends the process with a signal, and so
 * does a file of another kind. This reads the file's own records first. Layout: lmdb-js's
 * dependencies/lmdb/libraries/liblmdb/mdb.c, data version 2, 64-bit little-endian.
 */
const MAGIC = 0xbeef_c0de
const DATA_VERSION = 2
const PAGE_HEAD = 24
/** Offsets in a meta page. */
const META = {
  magic: 24,
  version: 28,
  pageSize: 48,
  freeRoot: 88,
  mainRoot: 136,
  last: 144,
  id: 152,
}
const MIN_PAGE_BYTES = 512
const MAX_PAGE_BYTES = 65_536
const PAGE = { branch: 0x01, leaf: 0x02 } as const
const NODE = { big: 0x01, tree: 0x02 } as const
const NODE_HEAD = 8
/** Offset of the root in the record of a named tree. */
const TREE_ROOT = 40
const NO_PAGE = 0xffff_ffff_ffff_ffffn

type Meta = {
  readonly pageBytes: number
  readonly pages: number
  readonly roots: readonly bigint[]
  readonly id: bigint
}

/**
 * Looks at a database before it is opened. Throws `database_read_only` where it cannot be read or written,
 * `database_corrupt` where it is no database or lacks pages. An absent or empty file is a new one.
 * @param directory that of the database; must exist.
 */
export function checkDatabaseFile(directory: string, mode: 'read' | 'write'): void {
  const path = join(directory, 'data.mdb')
  for (const one of [path, join(directory, 'lock.mdb')])
    checkAccess(one, mode === 'read' ? 'r' : 'r+')
  if (!existsSync(path)) return
  const reason = findFault(path)
  if (reason) throw new NodeError({ code: 'database_corrupt', path, reason })
}

function checkAccess(path: string, flag: 'r' | 'r+'): void {
  try {
    if (existsSync(path)) closeSync(openSync(path, flag))
  } catch (cause) {
    throw databaseFault(cause, path)
  }
}

function findFault(path: string): string | undefined {
  const file = openSync(path, 'r')
  try {
    const meta = newestMeta(file)
    // After the meta pages: another thread may be writing, and the file only grows.
    const { size } = fstatSync(file)
    if (!meta) return size === 0 ? undefined : 'it is not a database'
    // The last pages may be missing if they are free: then only what is in use counts.
    if (size >= meta.pages * meta.pageBytes) return undefined
    const missing = findMissing(file, size, meta)
    return missing === undefined
      ? undefined
      : `it was cut off: it has ${size} bytes and lacks page ${missing}`
  } finally {
    closeSync(file)
  }
}

function newestMeta(file: number): Meta | undefined {
  const first = readMeta(file, 0)
  const second = first && readMeta(file, first.pageBytes)
  return second && second.id > first.id ? second : second && first
}

function readMeta(file: number, at: number): Meta | undefined {
  const bytes = readAt(file, at, META.id + 8)
  if (!bytes || bytes.getUint32(META.magic, true) !== MAGIC) return undefined
  if ((bytes.getUint32(META.version, true) & 0xffff) !== DATA_VERSION) return undefined
  const pageBytes = bytes.getUint32(META.pageSize, true)
  if (pageBytes < MIN_PAGE_BYTES || pageBytes > MAX_PAGE_BYTES) return undefined
  return {
    pageBytes,
    pages: Number(bytes.getBigUint64(META.last, true)) + 1,
    roots: [META.freeRoot, META.mainRoot].map((offset) => bytes.getBigUint64(offset, true)),
    id: bytes.getBigUint64(META.id, true),
  }
}

/** A page, and how many from there on belong together. */
type Pages = readonly [page: bigint, count: bigint]

/** A page in use that lies behind the end of the file, wholly or in part. */
function findMissing(file: number, size: number, { pageBytes, roots }: Meta): number | undefined {
  const waiting = roots.filter((root) => root !== NO_PAGE).map((root): Pages => [root, 1n])
  for (let next = waiting.pop(); next; next = waiting.pop()) {
    const [page, count] = next
    const isThere = Number(page + count) * pageBytes <= size
    if (!isThere) return Number(page)
    const bytes = count === 1n ? readAt(file, Number(page) * pageBytes, pageBytes) : undefined
    if (bytes) waiting.push(...pagesBelow(bytes))
  }
  return undefined
}

/** The pages that a page of a tree points to. */
function pagesBelow(page: DataView): readonly Pages[] {
  const flags = page.getUint16(18, true)
  if ((flags & (PAGE.branch | PAGE.leaf)) === 0) return []
  const count = page.getUint16(20, true) >> 1
  const below: Pages[] = []
  for (let index = 0; index < count; index++) {
    const at = PAGE_HEAD + page.getUint16(PAGE_HEAD + 2 * index, true)
    const nodeFlags = page.getUint16(at + 4, true)
    const data = at + NODE_HEAD + page.getUint16(at + 6, true)
    if ((flags & PAGE.branch) !== 0) {
      const low = page.getUint32(at, true)
      below.push([BigInt(low) + (BigInt(nodeFlags) << 32n), 1n])
    } else if ((nodeFlags & NODE.big) !== 0) {
      below.push([page.getBigUint64(data, true), page.getBigUint64(data + 16, true)])
    } else if ((nodeFlags & NODE.tree) !== 0) {
      const root = page.getBigUint64(data + TREE_ROOT, true)
      if (root !== NO_PAGE) below.push([root, 1n])
    }
  }
  return below
}

function readAt(file: number, at: number, length: number): DataView | undefined {
  const bytes = new Uint8Array(length)
  const read = readSync(file, bytes, 0, length, at)
  return read === length ? new DataView(bytes.buffer) : undefined
}
