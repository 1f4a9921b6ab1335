import { NodeError } from '../errors.ts'
import { DEFAULT_BODY_RETENTION } from './body-retention.ts'
import { write, type Column, type Columns } from './columns.ts'
import { writeHistory } from './history.ts'
import { keyToNumber, numberKey, type Metadata } from './records.ts'
import type { StateColumns } from './state-at.ts'
import { undoEntries } from './undo.ts'

/** How much of the past is kept. */
export type RetentionOptions = {
  /** Blocks behind the best one whose state can be read, at least 1; an archive keeps everything. */
  readonly retention: number | 'archive'
  /** Blocks behind the best one whose body can be read, at least 1; default DEFAULT_BODY_RETENTION. */
  readonly bodyRetention?: number | 'unlimited'
}

/** Blocks of an archive whose changes are records of their own; older ones are in the history. */
export const ARCHIVE_WINDOW = 16

/** Blocks that one commit takes into the history or removes, when many are due at once. */
const MAX_INDEXED = 4
const MAX_REMOVED = 32

/** Retention in numbers. */
export type Retention = {
  readonly isArchive: boolean
  readonly window: number
  readonly bodies: number
}

export function toRetention({ retention, bodyRetention }: RetentionOptions): Retention {
  const isArchive = retention === 'archive'
  const { POSITIVE_INFINITY: all } = Number
  const bodies = bodyRetention ?? DEFAULT_BODY_RETENTION
  return {
    isArchive,
    window: isArchive ? ARCHIVE_WINDOW : retention,
    bodies: isArchive || bodies === 'unlimited' ? all : bodies,
  }
}

/** An archive stays one, and only a database that lost nothing becomes one. Throws NodeError. */
export function checkRetention(
  { indexed, oldestState, firstNumber }: Metadata,
  to: Retention,
): void {
  if (indexed !== undefined && !to.isArchive) throw new NodeError({ code: 'database_is_archive' })
  if (indexed === undefined && to.isArchive && oldestState > firstNumber)
    throw new NodeError({ code: 'database_not_archive', oldest: oldestState })
}

/** What the metadata says of the past behind the next block. */
export function nextRetention(
  old: Metadata,
  bestNumber: number,
  { isArchive, window, bodies }: Retention,
): Pick<Metadata, 'oldestState' | 'oldestBody' | 'indexed'> {
  const oldestBody = Math.max(old.oldestBody, bestNumber - bodies)
  const due = bestNumber - window
  if (!isArchive)
    return { oldestBody, oldestState: Math.max(old.oldestState, due), indexed: undefined }
  const indexed = old.indexed ?? old.oldestState
  const next = Math.min(indexed + MAX_INDEXED, due - 1)
  return { oldestBody, oldestState: old.oldestState, indexed: Math.max(indexed, next) }
}

/**
 * Takes blocks into the history and removes what nobody can ask for any more. What leaves with a
 * block is removed with the next one: until its commit is seen, readers go by the old metadata.
 */
export function writeRetention(
  columns: Columns,
  states: StateColumns,
  old: Metadata,
  next: Pick<Metadata, 'indexed'>,
): void {
  if (next.indexed !== undefined)
    for (let number = (old.indexed ?? old.oldestState) + 1; number <= next.indexed; number++) {
      writeHistory(columns.valueHistory, number, undoEntries(states.valueUndos.get(number)))
      writeHistory(columns.nodeHistory, number, undoEntries(states.nodeUndos.get(number)))
    }
  for (const number of numbersUpTo(columns.valueUndos, old.indexed ?? old.oldestState)) {
    write(columns.valueUndos, numberKey(number), undefined)
    write(columns.nodeUndos, numberKey(number), undefined)
    states.valueUndos.forget(number)
    states.nodeUndos.forget(number)
  }
  for (const number of numbersUpTo(columns.bodies, old.oldestBody - 1)) {
    write(columns.bodies, numberKey(number), undefined)
    if (columns.handovers.doesExist(numberKey(number))) continue
    write(columns.justifications, numberKey(number), undefined)
  }
}

/** The lowest blocks of a column, genesis aside, up to and with `last`. */
function numbersUpTo(column: Column, last: number): readonly number[] {
  if (last < 1) return []
  const range = { start: numberKey(1), end: numberKey(last + 1), limit: MAX_REMOVED }
  return [...column.getKeys(range)].map(keyToNumber)
}
