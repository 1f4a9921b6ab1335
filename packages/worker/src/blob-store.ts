import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { bytesToHex, type AccountId, type Hash } from '@tacit/base'
import type { Observe } from './observe.ts'

/** Sealed states on disk, by contract and root. Losing them costs work, never secrets. */
export interface BlobStore {
  load(contract: AccountId, root: Hash): Promise<Uint8Array | undefined>
  save(contract: AccountId, root: Hash, blob: Uint8Array): Promise<void>
}

/** States kept of each contract: the committed one, the pending one and one to spare. */
const KEPT = 3

export function createBlobStore(folder: string, observe?: Observe): BlobStore {
  const folderOf = (contract: AccountId): string => join(folder, bytesToHex(contract))
  return {
    async load(contract, root) {
      try {
        return new Uint8Array(await readFile(join(folderOf(contract), `${bytesToHex(root)}.state`)))
      } catch {
        return undefined
      }
    },
    async save(contract, root, blob) {
      observe?.('disk', blob)
      const own = folderOf(contract)
      await mkdir(own, { recursive: true })
      const path = join(own, `${bytesToHex(root)}.state`)
      // A crash leaves the old file or the new one, never half of one.
      await writeFile(`${path}.part`, blob)
      await rename(`${path}.part`, path)
      await forgetOldest(own)
    },
  }
}

async function forgetOldest(folder: string): Promise<void> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.state'))
  if (names.length <= KEPT) return
  const dated = await Promise.all(
    names.map(async (name) => ({ name, at: (await stat(join(folder, name))).mtimeMs })),
  )
  dated.sort((a, b) => b.at - a.at)
  await Promise.all(dated.slice(KEPT).map(({ name }) => rm(join(folder, name), { force: true })))
}
