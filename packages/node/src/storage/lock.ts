import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { NodeError } from '../errors.ts'
import { databaseFault } from './database-fault.ts'

const FILE = 'node.lock'
const held = new Set<string>()

/**
 * Makes a directory and keeps it for one node: two would sign different blocks of one height. A lock whose
 * process is gone counts for nothing. Throws `base_path_in_use`, `database_read_only`, `disk_full`.
 * @returns what gives the directory back.
 */
export function lockDirectory(directory: string): () => void {
  const path = join(resolve(directory), FILE)
  makeDirectory(directory)
  const owner = readOwner(path)
  if (held.has(path) || (owner !== undefined && isAlive(owner)))
    throw new NodeError({ code: 'base_path_in_use', path: directory, pid: owner?.pid ?? 0 })
  const self: Owner = { pid: process.pid, born: birthOf(process.pid) }
  try {
    writeFileSync(path, JSON.stringify(self))
  } catch (cause) {
    throw databaseFault(cause, path)
  }
  held.add(path)
  return () => {
    if (held.delete(path)) rmSync(path, { force: true })
  }
}

/** Throws `database_read_only`, `disk_full`. */
export function makeDirectory(path: string): void {
  try {
    mkdirSync(path, { recursive: true })
  } catch (cause) {
    throw databaseFault(cause, path)
  }
}

/** `born` tells a process from a later one with the same number; empty where nothing tells. */
type Owner = { readonly pid: number; readonly born: string }

function readOwner(path: string): Owner | undefined {
  try {
    const { pid, born } = JSON.parse(readFileSync(path, 'utf8')) as Partial<Owner>
    return typeof pid === 'number' && typeof born === 'string' ? { pid, born } : undefined
  } catch {
    return undefined
  }
}

function isAlive({ pid, born }: Owner): boolean {
  if (pid === process.pid) return false
  try {
    process.kill(pid, 0)
  } catch (fault) {
    if ((fault as NodeJS.ErrnoException).code === 'ESRCH') return false
  }
  return born === '' || birthOf(pid) === born
}

/** When a process began, in Linux's clock ticks since boot: the 22nd field of its stat. */
function birthOf(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? ''
  } catch {
    return ''
  }
}
