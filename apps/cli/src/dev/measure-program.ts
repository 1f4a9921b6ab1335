import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { join, relative } from 'node:path'

/** Packages whose sources run inside the TEE. */
const MEASURED = [
  'base',
  'crypto',
  'attestation',
  'state',
  'light',
  'runtime',
  'sandbox',
  'enclave',
]

/**
 * The image of the enclave program: SHA-384 over path and content of every source file that runs
 * inside the TEE, in the order of their paths. A changed line is another program.
 */
export async function measureProgram(): Promise<Uint8Array> {
  const packages = join(import.meta.dirname, '../../../../packages')
  const folders = MEASURED.map((name) => join(packages, name, 'src'))
  const names = await Promise.all(
    folders.map((folder) => readdir(folder, { recursive: true, withFileTypes: true })),
  )
  const paths = names
    .flat()
    .filter(
      (entry) => entry.isFile() && /\.(ts|js)$/.test(entry.name) && !/\.test\./.test(entry.name),
    )
    .map((entry) => join(entry.parentPath, entry.name))
    .sort()
  const contents = await Promise.all(paths.map((path) => readFile(path)))
  const hash = createHash('sha384')
  paths.forEach((path, at) => {
    const content = contents[at] ?? new Uint8Array()
    hash.update(`${relative(packages, path)}\0${content.length}\0`).update(content)
  })
  return new Uint8Array(hash.digest())
}
