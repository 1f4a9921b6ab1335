import { decode } from '@tacit/base'
import type { CryptoProvider } from '@tacit/crypto'
import { headerCodec } from '@tacit/light'
import { openExisting, read, requireDatabase } from '../columns.ts'
import { lockDirectory } from '../lock.ts'
import { numberKey, readMetadata } from '../records.ts'
import { stateColumns } from '../state-at.ts'
import { checkBlocks } from './check-blocks.ts'
import { checkState } from './check-state.ts'
import type { CheckProgress, DatabaseFlaw, Report } from './database-flaw.ts'

export type CheckOptions = {
  readonly crypto: Pick<CryptoProvider, 'hashes' | 'verify'>
  /** Called for each flaw, as it is found. */
  readonly onFlaw: (flaw: DatabaseFlaw) => void
  /** Called now and then. */
  readonly onProgress?: (progress: CheckProgress) => void
}

export type Checked = {
  readonly blocks: number
  readonly values: number
  readonly flaws: number
}

/**
 * Recomputes everything that a database says: state root and trie nodes from the values, hashes of
 * headers and bodies, signatures of justifications, the index by hash, the states of the past. No
 * node may run in it. Throws NodeError: `database_absent`, `base_path_in_use`, `database_version`,
 * and the faults of the disk.
 * @param directory that of the chain.
 */
export async function checkDatabase(
  directory: string,
  { crypto, onFlaw, onProgress = () => {} }: CheckOptions,
): Promise<Checked> {
  requireDatabase(directory)
  const unlock = lockDirectory(directory)
  try {
    const columns = openExisting(directory)
    try {
      let flaws = 0
      const report: Report = (flaw) => {
        flaws++
        onFlaw(flaw)
      }
      const metadata = readMetadata(columns)
      const values = columns.values.getCount()
      if (!metadata) return { blocks: 0, values, flaws }
      const best = read(columns.headers, numberKey(metadata.bestNumber))
      const header = best && decode(headerCodec, best)
      const { hashes } = crypto
      checkState(columns, header?.ok ? header.value : undefined, hashes, report, onProgress)
      const states = stateColumns(columns)
      const blocks = checkBlocks({ columns, states, metadata, crypto, report, onProgress })
      return { blocks, values, flaws }
    } finally {
      await columns.root.close()
    }
  } finally {
    unlock()
  }
}
