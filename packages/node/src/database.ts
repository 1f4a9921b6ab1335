/** What is done with a node's database while no node runs in it. */
export { dbStats, type ColumnStats, type DatabaseStats } from './storage/db-stats.ts'
export { checkDatabase, type Checked, type CheckOptions } from './storage/check/check-database.ts'
export type { CheckProgress, DatabaseFlaw } from './storage/check/database-flaw.ts'
export { exportDatabase } from './storage/state-file/export-database.ts'
export type { Exported, ExportOptions } from './storage/state-file/export-state.ts'
export { COMPRESSIONS, type Compression } from './storage/state-file/format.ts'
export {
  importState,
  type Imported,
  type ImportOptions,
} from './storage/state-file/import-state.ts'
export {
  describeStateFileError,
  type StateFileError,
} from './storage/state-file/state-file-error.ts'
export { pruneArchive } from './storage/prune-archive.ts'
export { genesisHashOf } from './genesis-hash.ts'
export { readChainSpec } from './chain-spec-file.ts'
