import { statSync } from 'node:fs'
import { COLUMNS, fileOf, openExisting, type Column, type ColumnName } from './columns.ts'
import { readMetadata, type Metadata } from './records.ts'

/** What one column takes up. */
export type ColumnStats = {
  readonly name: ColumnName
  readonly entries: number
  /** Pages of the tree and of values that have pages of their own. */
  readonly pages: number
  /** Levels of the tree, 0 if it is empty. */
  readonly depth: number
  /** Pages in bytes, gaps included. */
  readonly bytes: number
  /** Bytes for each entry, key and gaps included; 0 without entries. */
  readonly averageBytes: number
}

export type DatabaseStats = {
  readonly path: string
  readonly fileBytes: number
  readonly pageBytes: number
  /** Pages that hold nothing now: they are written to before the file grows. */
  readonly freePages: number
  readonly columns: readonly ColumnStats[]
  /** What is kept; absent before genesis. */
  readonly chain: Metadata | undefined
}

/** lmdb-js' getStats(), as far as it is read here. */
type TreeStats = {
  readonly pageSize: number
  readonly treeDepth: number
  readonly treeBranchPageCount: number
  readonly treeLeafPageCount: number
  readonly overflowPages: number
  readonly entryCount: number
}
type FileStats = TreeStats & {
  readonly root: TreeStats
  readonly free: TreeStats
  readonly lastPageNumber: number
}

const META_PAGES = 2

/**
 * What a database holds and takes up; a node may run in it. Throws NodeError: `database_absent`,
 * `database_version`, and the faults of the disk.
 * @param directory that of the chain.
 */
export async function dbStats(directory: string): Promise<DatabaseStats> {
  const columns = openExisting(directory)
  try {
    const stats = COLUMNS.map((name) => columnStats(name, columns[name]))
    const { pageSize, root, free, lastPageNumber } = columns.root.getStats() as FileStats
    const used = stats.reduce((sum, { pages }) => sum + pages, 0)
    const path = fileOf(directory)
    return {
      path,
      fileBytes: statSync(path).size,
      pageBytes: pageSize,
      freePages: lastPageNumber + 1 - META_PAGES - used - pagesOf(root) - pagesOf(free),
      columns: stats,
      chain: readMetadata(columns),
    }
  } finally {
    await columns.root.close()
  }
}

function columnStats(name: ColumnName, column: Column): ColumnStats {
  const stats = column.getStats() as FileStats
  const pages = pagesOf(stats)
  const bytes = pages * stats.pageSize
  const entries = stats.entryCount
  const averageBytes = entries === 0 ? 0 : Math.round(bytes / entries)
  return { name, entries, pages, depth: stats.treeDepth, bytes, averageBytes }
}

function pagesOf({ treeBranchPageCount, treeLeafPageCount, overflowPages }: TreeStats): number {
  return treeBranchPageCount + treeLeafPageCount + overflowPages
}
