import { compareBytes, startsWith } from '@tacit/base'
import type { Change } from '@tacit/state'

/**
 * What keys held before a block, as one value that is searched without being decoded:
 * u32 count, u32 offset of each entry and of the end, then entries ascending by key:
 * u16 length of the key, key, 1 and the value or 0 for an absent one.
 */
export type Undo = Uint8Array

const HEAD_LENGTH = 4

/** @param before ascending by key; a key is at most 65,535 bytes long. */
export function encodeUndo(before: readonly Change[]): Undo {
  const start = HEAD_LENGTH + 4 * (before.length + 1)
  const length = before.reduce((sum, change) => sum + entryLength(change), start)
  const out = new Uint8Array(length)
  const view = viewOf(out)
  view.setUint32(0, before.length)
  let at = start
  for (const [index, change] of before.entries()) {
    view.setUint32(HEAD_LENGTH + 4 * index, at)
    view.setUint16(at, change.key.length)
    out.set(change.key, at + 2)
    if (change.value) {
      out[at + 2 + change.key.length] = 1
      out.set(change.value, at + 3 + change.key.length)
    }
    at += entryLength(change)
  }
  view.setUint32(HEAD_LENGTH + 4 * before.length, at)
  return out
}

/** What the key held before the block; undefined if the block left it alone. */
export function findBefore(undo: Undo, key: Uint8Array): Change | undefined {
  const index = lowerBound(undo, key)
  const entry = index < countOf(undo) ? entryAt(undo, index) : undefined
  return entry && compareBytes(entry.key, key) === 0 ? entry : undefined
}

/** What the keys under a prefix held that the block changed, ascending. */
export function findBeforeUnder(undo: Undo, prefix: Uint8Array): Change[] {
  const found: Change[] = []
  const count = countOf(undo)
  for (let index = lowerBound(undo, prefix); index < count; index++) {
    const entry = entryAt(undo, index)
    if (!startsWith(entry.key, prefix)) break
    found.push(entry)
  }
  return found
}

/** All entries, ascending by key. */
export function* undoEntries(undo: Undo): Generator<Change> {
  const count = countOf(undo)
  for (let index = 0; index < count; index++) yield entryAt(undo, index)
}

function entryLength({ key, value }: Change): number {
  return 3 + key.length + (value?.length ?? 0)
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}

function countOf(undo: Undo): number {
  return viewOf(undo).getUint32(0)
}

function entryAt(undo: Undo, index: number): Change {
  const view = viewOf(undo)
  const at = view.getUint32(HEAD_LENGTH + 4 * index)
  const end = view.getUint32(HEAD_LENGTH + 4 * (index + 1))
  const tagAt = at + 2 + view.getUint16(at)
  const key = undo.subarray(at + 2, tagAt)
  return { key, value: undo[tagAt] === 1 ? undo.subarray(tagAt + 1, end) : undefined }
}

function lowerBound(undo: Undo, key: Uint8Array): number {
  let low = 0
  let high = countOf(undo)
  while (low < high) {
    const middle = (low + high) >> 1
    if (compareBytes(entryAt(undo, middle).key, key) < 0) low = middle + 1
    else high = middle
  }
  return low
}
