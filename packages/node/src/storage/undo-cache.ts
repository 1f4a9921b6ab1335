import { InvariantError } from '@tacit/base'
import { read, type Column } from './columns.ts'
import { numberKey } from './records.ts'
import type { Undo } from './undo.ts'

/** Undo records of one column, the newest of them in memory. */
export interface UndoCache {
  /** The record of a block of the window; its absence is a bug and throws. */
  get(number: number): Undo
  /** Keeps a record that is about to be written. */
  put(number: number, undo: Undo): void
  forget(number: number): void
}

/** @param maxBytes of records in memory: those of the oldest blocks go first. */
export function createUndoCache(column: Column, maxBytes: number): UndoCache {
  const kept = new Map<number, Undo>()
  let total = 0
  function forget(number: number): void {
    total -= kept.get(number)?.length ?? 0
    kept.delete(number)
  }
  function put(number: number, undo: Undo): void {
    forget(number)
    kept.set(number, undo)
    total += undo.length
    while (total > maxBytes && kept.size > 1) forget(Math.min(...kept.keys()))
  }
  return {
    put,
    forget,
    get: (number) => {
      const known = kept.get(number)
      if (known) return known
      const undo = read(column, numberKey(number))
      if (!undo) throw new InvariantError(`no undo record of block ${number}`)
      put(number, undo)
      return undo
    },
  }
}
