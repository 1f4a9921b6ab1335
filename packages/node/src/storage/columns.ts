import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { compareBytes, startsWith } from '@tacit/base'
import type { KeyValue } from '@tacit/state'
import { open, type Database, type RootDatabase } from 'lmdb'
import { NodeError } from '../errors.ts'
import { databaseFault } from './database-fault.ts'
import { checkDatabaseFile } from './database-file.ts'

export type Column = Database<Uint8Array, Uint8Array>

/** The database's columns; docs/storage.md says what each holds and how long. */
export const COLUMNS = [
  /** What the database says of itself, the last-signed record, genesis' checkpoint proof. */
  'meta',
  /** Latest values by storage key. */
  'values',
  /** Latest trie nodes by path. */
  'nodes',
  'headers',
  /** Block numbers by hash. */
  'numbers',
  'bodies',
  'justifications',
  /** Numbers of the blocks that hand over to another authority set; the values are empty. */
  'handovers',
  /** What the blocks of the window replaced: one record a block. */
  'valueUndos',
  'nodeUndos',
  /** What older blocks replaced, by key and block: archives only. */
  'valueHistory',
  'nodeHistory',
] as const

export type ColumnName = (typeof COLUMNS)[number]

export type Columns = {
  readonly root: RootDatabase
} & { readonly [C in ColumnName]: Column }

/**
 * Opens the database of a directory, or creates it to be written. A commit returns when it is on
 * the disk. Throws NodeError: `database_corrupt`, `database_read_only`, `disk_full`,
 * `database_failed`.
 */
export function openColumns(directory: string, mode: 'read' | 'write' = 'write'): Columns {
  checkDatabaseFile(directory, mode)
  try {
    return openAll(directory, mode)
  } catch (cause) {
    throw databaseFault(cause, fileOf(directory))
  }
}

/** Opens a database that must be there, to be read. Throws `database_absent` beside the others. */
export function openExisting(directory: string): Columns {
  requireDatabase(directory)
  return openColumns(directory, 'read')
}

/** Throws `database_absent`. */
export function requireDatabase(directory: string): void {
  const path = fileOf(directory)
  if (!existsSync(path)) throw new NodeError({ code: 'database_absent', path })
}

/** The database's file. */
export function fileOf(directory: string): string {
  return join(directory, 'data.mdb')
}

function openAll(path: string, mode: 'read' | 'write'): Columns {
  const readOnly = mode === 'read'
  const root = open({
    path,
    readOnly,
    overlappingSync: false,
    // A batch is a transaction. Batching a turn of the event loop besides leaves a promise behind
    // that nobody can wait for, and whose rejection ends the process.
    eventTurnBatching: false,
    maxDbs: COLUMNS.length,
    noSubdir: false,
  })
  const column = (name: string): Column =>
    root.openDB<Uint8Array, Uint8Array>({ name, encoding: 'binary', keyEncoding: 'binary' })
  // One transaction: twelve flushes would make up most of a first start.
  const openEach = (): (readonly [string, Column])[] => COLUMNS.map((name) => [name, column(name)])
  const columns = readOnly ? openEach() : root.transactionSync(openEach)
  return { root, ...Object.fromEntries(columns) } as Columns
}

/** LMDB's limit with pages of 4,096 bytes, less what the history puts around a key. */
const MAX_KEY_BYTES = 1_972

/** Whether the database can hold something under the key. */
export function isKey(key: Uint8Array): boolean {
  return key.length > 0 && key.length <= MAX_KEY_BYTES
}

/** A value as plain bytes. */
export function read(column: Column, key: Uint8Array): Uint8Array | undefined {
  const value = column.get(key)
  return value && plain(value)
}

export function write(column: Column, key: Uint8Array, value: Uint8Array | undefined): void {
  void (value ? column.put(key, value) : column.remove(key))
}

/** The first entry from one key up to and without another. */
export function firstBetween(
  column: Column,
  start: Uint8Array,
  end: Uint8Array,
): { readonly key: Uint8Array; readonly value: Uint8Array } | undefined {
  for (const { key, value } of column.getRange({ start, end, limit: 1 }))
    return { key: plain(key), value: plain(value) }
  return undefined
}

/** All entries in the order of their keys, of one snapshot. */
export function* entriesOf(
  column: Column,
): Generator<{ readonly key: Uint8Array; readonly value: Uint8Array }> {
  for (const { key, value } of column.getRange({})) yield { key: plain(key), value: plain(value) }
}

/** The latest values. */
export function latestValues(column: Column): KeyValue {
  return {
    get: (key) => (isKey(key) ? read(column, key) : undefined),
    keysWithPrefix: (prefix, after, limit = Number.POSITIVE_INFINITY) => {
      const keys: Uint8Array[] = []
      if (limit <= 0) return keys
      const isWithin = after !== undefined && compareBytes(after, prefix) >= 0
      const options = isWithin ? { start: after, exclusiveStart: true } : { start: prefix }
      for (const found of column.getKeys(options)) {
        const key = plain(found)
        if (!startsWith(key, prefix) || keys.length >= limit) break
        keys.push(key)
      }
      return keys
    },
  }
}

/** Buffers are a subclass whose slice() does not copy. */
export function plain(buffer: Uint8Array): Uint8Array {
  return new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.byteLength)
}
