import { createHash } from 'node:crypto'
import { mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { boundedBytes, boundedStr, decode, encode, struct, u64, u8, type Codec } from '@tacit/base'
import { CACHE_LIMITS, type Cache, type CacheEntry, type CacheLimits } from './cache.ts'

const VERSION = 1
const MAX_KEY_BYTES = 1_024
const SUFFIX = '.entry'
/** An entry, or one that is being written; nothing else in the folder is ever touched. */
const OWN_NAME = /^[0-9a-f]{64}\.entry(?:\.\d+\.\d+)?$/

interface StoredEntry {
  readonly version: number
  readonly key: string
  readonly fetchedAt: bigint
  readonly bytes: Uint8Array
}

/**
 * A cache in a folder of its own, a file for each entry, named by the SHA-256 of its key. Files are
 * written beside, synced and then renamed: a reader sees an entry whole or not at all, whatever
 * process dies, and several processes may share the folder. The entry that was written longest
 * ago goes first. A file that cannot be read or written is as if it were not there.
 */
export function createDiskCache(folder: string, limits: CacheLimits = CACHE_LIMITS): Cache {
  const codec = entryCodec(limits.maxBytes)
  const largest = limits.maxBytes + MAX_KEY_BYTES + 64
  let written = 0
  return {
    get: (key) => ignoringFaults(() => readEntry(pathOf(folder, key), key, codec, largest)),
    set: async (key, { fetchedAt, bytes }) => {
      if (bytes.length > limits.maxBytes || Buffer.byteLength(key) > MAX_KEY_BYTES) return
      const content = encode(codec, { version: VERSION, key, fetchedAt: BigInt(fetchedAt), bytes })
      const path = pathOf(folder, key)
      await ignoringFaults(async () => {
        await mkdir(folder, { recursive: true, mode: 0o700 })
        await writeWhole(`${path}.${process.pid}.${written++}`, path, content)
        await evict(folder, path, limits)
      })
    },
  }
}

function entryCodec(maxBytes: number): Codec<StoredEntry> {
  const fields = { version: u8, key: boundedStr(MAX_KEY_BYTES), fetchedAt: u64 }
  return struct({ ...fields, bytes: boundedBytes(maxBytes) })
}

function pathOf(folder: string, key: string): string {
  return join(folder, createHash('sha256').update(key).digest('hex') + SUFFIX)
}

async function readEntry(
  path: string,
  key: string,
  codec: Codec<StoredEntry>,
  largest: number,
): Promise<CacheEntry | undefined> {
  const { size } = await stat(path)
  const entry = size > largest ? undefined : decode(codec, new Uint8Array(await readFile(path)))
  const isWhole = entry?.ok === true && entry.value.version === VERSION && entry.value.key === key
  if (isWhole) return { fetchedAt: Number(entry.value.fetchedAt), bytes: entry.value.bytes }
  await rm(path, { force: true })
  return undefined
}

async function writeWhole(temporary: string, path: string, content: Uint8Array): Promise<void> {
  const file = await open(temporary, 'wx', 0o600)
  try {
    await file.writeFile(content)
    await file.sync()
    await file.close()
    await rename(temporary, path)
  } catch (fault) {
    await file.close().catch(() => {})
    await rm(temporary, { force: true })
    throw fault
  }
}

/** Removes the oldest files, and what died while it was written, until the rest is within bounds. */
async function evict(folder: string, keep: string, limits: CacheLimits): Promise<void> {
  const files = await listFiles(folder)
  let bytes = files.reduce((sum, { size }) => sum + size, 0)
  let count = files.length
  for (const { path, size } of files) {
    if (count <= limits.maxEntries && bytes <= limits.maxBytes) return
    if (path === keep) continue
    await rm(path, { force: true })
    bytes -= size
    count--
  }
}

/** Oldest first. */
async function listFiles(folder: string): Promise<{ path: string; size: number; at: number }[]> {
  const files: { path: string; size: number; at: number }[] = []
  for (const name of await readdir(folder)) {
    if (!OWN_NAME.test(name)) continue
    const path = join(folder, name)
    const found = await stat(path).catch(() => undefined)
    if (found?.isFile()) files.push({ path, size: found.size, at: found.mtimeMs })
  }
  return files.toSorted((a, b) => a.at - b.at)
}

async function ignoringFaults<T>(task: () => Promise<T>): Promise<T | undefined> {
  try {
    return await task()
  } catch (fault) {
    if (typeof (fault as { code?: unknown }).code !== 'string') throw fault
    return undefined
  }
}
