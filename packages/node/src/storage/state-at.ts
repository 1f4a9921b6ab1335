import { err, ok, type Result } from '@tacit/base'
import { keysInTrie, type KeyValue } from '@tacit/state'
import { isKey, latestValues, type Column, type Columns } from './columns.ts'
import { findInHistory } from './history.ts'
import { historicValues } from './historic-values.ts'
import type { Metadata } from './records.ts'
import { nodeReader } from './state-root.ts'
import { createUndoCache, type UndoCache } from './undo-cache.ts'

/** State behind one block. */
export type StateAt = { readonly values: KeyValue; readonly nodes: Pick<KeyValue, 'get'> }

/** The block is unknown, or older than what is kept of the state. */
export type StateUnavailable =
  | { readonly code: 'block_unknown' }
  | { readonly code: 'state_pruned'; readonly oldest: number }

/** The columns that states are read from. */
export type StateColumns = Pick<Columns, 'values' | 'nodes' | 'valueHistory' | 'nodeHistory'> & {
  readonly valueUndos: UndoCache
  readonly nodeUndos: UndoCache
}

/** Bytes of undo records of each column that are held in memory. */
const MAX_UNDO_CACHE_BYTES = 16 * 1024 * 1024

export function stateColumns(columns: Columns): StateColumns {
  const { values, nodes, valueHistory, nodeHistory } = columns
  return {
    values,
    nodes,
    valueHistory,
    nodeHistory,
    valueUndos: createUndoCache(columns.valueUndos, MAX_UNDO_CACHE_BYTES),
    nodeUndos: createUndoCache(columns.nodeUndos, MAX_UNDO_CACHE_BYTES),
  }
}

/**
 * State behind a block. Costs one seek in the history and a look at each record of the window,
 * however many blocks lie between.
 * @param top the newest block whose values the columns may show: the best one, or the one that
 *   is being written.
 */
export function readStateAt(
  columns: StateColumns,
  metadata: Metadata | undefined,
  number: number,
  top: number,
): Result<StateAt, StateUnavailable> {
  if (!metadata || number < 0 || number > metadata.bestNumber) return err({ code: 'block_unknown' })
  const { oldestState: oldest, indexed = 0 } = metadata
  if (number < oldest) return err({ code: 'state_pruned', oldest })
  const first = Math.max(number, indexed) + 1
  const window = (latest: Column, undos: UndoCache): KeyValue =>
    top < first
      ? latestValues(latest)
      : historicValues(latestValues(latest), () => {
          const numbers = Array.from({ length: top - first + 1 }, (_, index) => first + index)
          return numbers.map((one) => undos.get(one))
        })
  const values = window(columns.values, columns.valueUndos)
  const nodes = window(columns.nodes, columns.nodeUndos)
  if (number >= indexed) return ok({ values, nodes })
  const older = { after: number, last: indexed }
  const get = behindHistory(columns.valueHistory, values, older)
  const olderNodes = { get: behindHistory(columns.nodeHistory, nodes, older) }
  const reader = nodeReader(olderNodes)
  return ok({
    values: { get, keysWithPrefix: (...query) => keysInTrie(reader, ...query) },
    nodes: olderNodes,
  })
}

function behindHistory(
  history: Column,
  later: KeyValue,
  { after, last }: { readonly after: number; readonly last: number },
): KeyValue['get'] {
  return (key) => {
    const before = isKey(key) ? findInHistory(history, key, after, last) : undefined
    return before ? before.value : later.get(key)
  }
}
