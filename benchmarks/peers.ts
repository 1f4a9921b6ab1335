import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

/**
 * Where a benchmark's peers are: they have a lockfile of their own and are installed when they are
 * first asked for.
 * @param name of the folder beside this file.
 */
export function installPeers(name: string): string {
  const folder = join(import.meta.dirname, name)
  if (existsSync(join(folder, 'node_modules'))) return folder
  console.error(`installing the peers of benchmarks/${name}`)
  const { status } = spawnSync('npm', ['ci', '--no-audit', '--no-fund'], {
    cwd: folder,
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  if (status === 0) return folder
  throw new Error(`npm ci failed in benchmarks/${name}: is the npm registry within reach?`)
}

/** A CommonJS peer by its package's name; peers ship no types that could be checked here. */
export function requirePeer<T>(folder: string, name: string): T {
  return createRequire(join(folder, 'package.json'))(name) as T
}

/** A file of a peer as an ES module, also where its package does not export it. */
export async function importPeer<T>(folder: string, path: string): Promise<T> {
  return (await import(pathToFileURL(join(folder, 'node_modules', path)).href)) as T
}
