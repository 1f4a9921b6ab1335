import type { Result } from '@tacit/base'
import { openExisting, requireDatabase, type Columns } from '../columns.ts'
import { lockDirectory } from '../lock.ts'
import { readHandovers, readHeader, readJustification } from '../read-chain.ts'
import { bytesListCodec, CHECKPOINT_KEY, readMetadata, readRecord } from '../records.ts'
import { readStateAt, stateColumns } from '../state-at.ts'
import { exportState, newestJustified, type Exported, type ExportOptions } from './export-state.ts'
import type { StateSource } from './export-state.ts'
import type { StateFileError } from './state-file-error.ts'

/**
 * Exports a state of a database in which no node runs. Throws NodeError: `database_absent`,
 * `base_path_in_use`, `database_version`, and the faults of the disk.
 * @param directory that of the chain.
 * @param number the block; the newest justified one if left out.
 */
export async function exportDatabase(
  directory: string,
  path: string,
  { number, ...options }: ExportOptions & { readonly number?: number } = {},
): Promise<Result<Exported, StateFileError>> {
  requireDatabase(directory)
  const unlock = lockDirectory(directory)
  try {
    const columns = openExisting(directory)
    try {
      const source = toSource(columns)
      return await exportState(source, number ?? newestJustified(source), path, options)
    } finally {
      await columns.root.close()
    }
  } finally {
    unlock()
  }
}

function toSource(columns: Columns): StateSource {
  const metadata = readMetadata(columns)
  const states = stateColumns(columns)
  return {
    metadata,
    checkpointProof: readRecord(columns, CHECKPOINT_KEY, bytesListCodec) ?? [],
    header: (number) => readHeader(columns, metadata, number),
    justification: (number) => readJustification(columns, metadata, number),
    handovers: () => readHandovers(columns),
    stateAt: (number) => readStateAt(states, metadata, number, metadata?.bestNumber ?? 0),
  }
}
