import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const MEMORY = '/dev/shm'

/**
 * A directory of a test's own.
 * @param isSmall in memory where the machine offers it: for a test of many commits and few bytes,
 *   whose time is flushes otherwise.
 */
export function makeTempDir(isSmall = false): { readonly path: string; remove(): void } {
  const parent = isSmall && existsSync(MEMORY) ? MEMORY : tmpdir()
  const path = mkdtempSync(join(parent, 'tacit-node-'))
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) }
}
