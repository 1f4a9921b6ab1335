import { existsSync, realpathSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join, sep } from 'node:path'
import { fileURLToPath } from 'node:url'

const require = createRequire(import.meta.url)
/** What the child imports. */
const PACKAGES = ['@tacit/base', '@noble/hashes', 'quickjs-wasi']

/** Folder of this package's sources, where child.ts is. */
export const SOURCES: string = dirname(fileURLToPath(import.meta.url))

/** Path of QuickJS in WebAssembly. */
export function quickJsPath(): string {
  return require.resolve('quickjs-wasi/quickjs.wasm')
}

/**
 * Node's options for the child: no file but its own code may be read and none written, no process,
 * worker or native module started. Node 24 has no such switch for the network.
 */
export function confinementFlags(): readonly string[] {
  return ['--permission', ...readableFolders().map((folder) => `--allow-fs-read=${folder}`)]
}

/** Each with a separator at its end, which makes Node allow the folder's content. */
function readableFolders(): readonly string[] {
  const folders = new Set([join(dirname(SOURCES), sep)])
  for (const name of PACKAGES) {
    const places = require.resolve.paths(name) ?? []
    const found = places.map((place) => join(place, name)).filter((place) => existsSync(place))
    for (const place of found) {
      folders.add(join(place, sep))
      folders.add(join(realpathSync(place), sep))
    }
  }
  return [...folders]
}
