import type { Change } from '@tacit/state'
import { firstBetween, write, type Column } from './columns.ts'

/**
 * An archive's history of one column: for each key the blocks that changed it, each with what the
 * key held before. Key: u16 length of the key, key, u32 block, big-endian; no such key is a prefix
 * of another's. Value: nothing for an absent one, else 1 and the bytes.
 */
export function historyKey(key: Uint8Array, number: number): Uint8Array {
  const out = new Uint8Array(key.length + 6)
  const view = new DataView(out.buffer)
  view.setUint16(0, key.length)
  out.set(key, 2)
  view.setUint32(2 + key.length, number)
  return out
}

/** Adds what a block replaced. */
export function writeHistory(history: Column, number: number, before: Iterable<Change>): void {
  for (const { key, value } of before) write(history, historyKey(key, number), encodeBefore(value))
}

/**
 * What a key held behind a block, from one seek.
 * @param after the block whose state is read.
 * @param last the newest block that counts as part of the history.
 * @returns undefined if no block of the history changed the key after that one.
 */
export function findInHistory(
  history: Column,
  key: Uint8Array,
  after: number,
  last: number,
): Pick<Change, 'value'> | undefined {
  const found = firstBetween(history, historyKey(key, after + 1), historyKey(key, last + 1))
  return found && { value: found.value.length === 0 ? undefined : found.value.subarray(1) }
}

function encodeBefore(value: Uint8Array | undefined): Uint8Array {
  const out = new Uint8Array(value ? value.length + 1 : 0)
  if (value) {
    out[0] = 1
    out.set(value, 1)
  }
  return out
}
