import { enableCompileCache } from 'node:module'
import { join } from 'node:path'

/** Beside the installed packages: who may write there may change the code itself. */
const DIRECTORY = join(import.meta.dirname, '../../../node_modules/.cache/tacit')

/**
 * Keeps compiled code from one start to the next: what is loaded behind this call takes half the
 * time. Where the folder cannot be written, all works without it.
 */
export function keepCompiledCode(): void {
  enableCompileCache(DIRECTORY)
}
