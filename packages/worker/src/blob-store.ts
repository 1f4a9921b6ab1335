import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { bytesToHex, type AccountId, type Hash } from '@tacit/base'
import type { Observe } from './observe.ts'

/**
 * Which state of a contract: its root, and how many commands it has taken in. Commands that fail
 * keep the root, so that a root alone does not tell states apart.
 */
export interface StatePlace {
  readonly root: Hash
  readonly processed: bigint
}

/** Sealed states on disk. Losing them costs work, never secrets. */
export interface BlobStore {
  load(contract: AccountId, place: StatePlace): Promise<Uint8Array | undefined>
  /** Saves a state that is not on the chain yet; `committed`, which is, stays. */
  save(
    contract: AccountId,
    place: StatePlace,
    blob: Uint8Array,
    committed: StatePlace,
  ): Promise<void>
}

/** Newest states kept of each contract, for commits that are still on their way to the chain. */
const KEPT = 8

const nameOf = ({ root, processed }: StatePlace): string => `${bytesToHex(root)}-${processed}.state`

export function createBlobStore(folder: string, observe?: Observe): BlobStore {
  const folderOf = (contract: AccountId): string => join(folder, bytesToHex(contract))
  return {
    async load(contract, place) {
      try {
        return new Uint8Array(await readFile(join(folderOf(contract), nameOf(place))))
      } catch {
        return undefined
      }
    },
    async save(contract, place, blob, committed) {
      observe?.('disk', blob)
      const own = folderOf(contract)
      await mkdir(own, { recursive: true })
      const path = join(own, nameOf(place))
      // A crash leaves the old file or the new one, never half of one.
      await writeFile(`${path}.part`, blob)
      await rename(`${path}.part`, path)
      await forgetOldest(own, nameOf(committed))
    },
  }
}

async function forgetOldest(folder: string, committed: string): Promise<void> {
  const all = (await readdir(folder)).filter((name) => name.endsWith('.state'))
  const names = all.filter((name) => name !== committed)
  if (names.length <= KEPT) return
  const dated = await Promise.all(
    names.map(async (name) => ({ name, at: (await stat(join(folder, name))).mtimeMs })),
  )
  dated.sort((a, b) => b.at - a.at)
  await Promise.all(dated.slice(KEPT).map(({ name }) => rm(join(folder, name), { force: true })))
}
