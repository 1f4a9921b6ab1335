import { NodeError } from '../errors.ts'
import { openColumns, requireDatabase } from './columns.ts'
import { lockDirectory } from './lock.ts'
import { readMetadata, writeMetadata } from './records.ts'

/**
 * Lets go of an archive's history: from then on the database keeps a window of states, as a node's
 * retention says. The file does not shrink; its free pages are used again. Throws NodeError:
 * `database_absent`, `database_pruned` if it is no archive, `base_path_in_use`, and the faults of the
 * disk.
 * @returns the oldest block whose state is left.
 */
export async function pruneArchive(directory: string): Promise<number> {
  requireDatabase(directory)
  const unlock = lockDirectory(directory)
  try {
    const columns = openColumns(directory)
    try {
      const metadata = readMetadata(columns)
      const { indexed } = metadata ?? {}
      if (!metadata || indexed === undefined) throw new NodeError({ code: 'database_pruned' })
      columns.root.transactionSync(() => {
        columns.valueHistory.clearSync()
        columns.nodeHistory.clearSync()
        writeMetadata(columns, { ...metadata, oldestState: indexed, indexed: undefined })
      })
      return indexed
    } finally {
      await columns.root.close()
    }
  } finally {
    unlock()
  }
}
