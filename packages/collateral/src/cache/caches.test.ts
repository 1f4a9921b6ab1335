import { mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { createDiskCache } from './disk-cache.ts'
import { createMemoryCache } from './memory-cache.ts'

const root = mkdtempSync(join(tmpdir(), 'tacit-cache-'))
afterAll(() => rmSync(root, { recursive: true }))

let folders = 0
const freshFolder = (): string => join(root, `${folders++}`, 'made')
const entry = (byte: number, length = 10) => ({
  fetchedAt: 1_000 + byte,
  bytes: new Uint8Array(length).fill(byte),
})
const limits = { maxEntries: 3, maxBytes: 100 }

describe.each([
  ['memory', () => createMemoryCache(limits)],
  ['disk', () => createDiskCache(freshFolder(), { ...limits, maxBytes: 300 })],
] as const)('a cache in %s', (_, create) => {
  test('gives back what was set under the same key, and nothing else', async () => {
    const cache = create()
    expect(await cache.get('a')).toBeUndefined()
    await cache.set('a', entry(1))
    await cache.set('b', entry(2))
    await cache.set('a', entry(3))
    expect(await cache.get('a')).toEqual(entry(3))
    expect(await cache.get('b')).toEqual(entry(2))
    expect(await cache.get('c')).toBeUndefined()
  })

  test('keeps so many entries, and none that is larger than all', async () => {
    const cache = create()
    for (const key of ['a', 'b', 'c', 'd']) {
      await cache.set(key, entry(1))
      await new Promise((resolve) => setImmediate(resolve))
    }
    await cache.set('large', entry(2, 1_000))
    const found = await Promise.all(['a', 'b', 'c', 'd', 'large'].map((key) => cache.get(key)))
    expect(found.filter((one) => one !== undefined)).toHaveLength(3)
    expect(found[3]).toEqual(entry(1))
    expect(found[4]).toBeUndefined()
  })
})

test('in memory, the bytes of all entries are bounded and the oldest goes first', async () => {
  const cache = createMemoryCache(limits)
  await cache.set('a', entry(1, 40))
  await cache.set('b', entry(2, 40))
  await cache.set('a', entry(3, 40))
  await cache.set('c', entry(4, 40))
  expect(await cache.get('b')).toBeUndefined()
  expect(await cache.get('a')).toEqual(entry(3, 40))
  expect(await cache.get('c')).toEqual(entry(4, 40))
})

describe('on disk', () => {
  const files = (folder: string): string[] => readdirSync(folder).map((name) => join(folder, name))

  test('entries outlive the process and are whole', async () => {
    const folder = freshFolder()
    await createDiskCache(folder).set('a', entry(1))
    expect(files(folder)).toHaveLength(1)
    expect(await createDiskCache(folder).get('a')).toEqual(entry(1))
  })

  test('a file that is damaged, cut, of another version or for another key is removed', async () => {
    const folder = freshFolder()
    const cache = createDiskCache(folder, { ...limits, maxBytes: 300 })
    await cache.set('a', entry(1))
    const [path = ''] = files(folder)
    const good = readFileSync(path)
    const otherVersion = Uint8Array.from(good)
    otherVersion[0] = 2
    const otherKey = Uint8Array.from(good)
    otherKey[2] = 0x62
    const large = new Uint8Array(2_000)
    for (const content of [good.subarray(0, -1), otherVersion, otherKey, large, '']) {
      writeFileSync(path, content)
      expect(await cache.get('a')).toBeUndefined()
      expect(files(folder).filter((file) => file === path && content !== '')).toEqual([])
    }
    writeFileSync(path, good)
    expect(await cache.get('a')).toEqual(entry(1))
  })

  test('the file written longest ago goes first, what is not its own never', async () => {
    const folder = freshFolder()
    const cache = createDiskCache(folder, { maxEntries: 2, maxBytes: 10_000 })
    await cache.set('a', entry(1))
    const [path = ''] = files(folder)
    utimesSync(path, 1, 1)
    writeFileSync(join(folder, 'notes.txt'), 'mine')
    const abandoned = `${path}.1.7`
    writeFileSync(abandoned, 'half')
    utimesSync(abandoned, 0, 0)
    await cache.set('b', entry(2))
    expect(files(folder)).not.toContain(abandoned)
    await cache.set('c', entry(3))
    expect(await cache.get('a')).toBeUndefined()
    expect(await cache.get('b')).toEqual(entry(2))
    expect(files(folder)).toContain(join(folder, 'notes.txt'))
  })

  test('all files together are bounded in bytes', async () => {
    const folder = freshFolder()
    const cache = createDiskCache(folder, { maxEntries: 9, maxBytes: 200 })
    for (const key of ['a', 'b', 'c']) await cache.set(key, entry(1, 80))
    expect(files(folder)).toHaveLength(2)
    expect(await cache.get('c')).toEqual(entry(1, 80))
  })

  test('a folder that cannot be is no cache, and no fault', async () => {
    const folder = freshFolder()
    writeFileSync(join(root, 'file'), '')
    const cache = createDiskCache(join(root, 'file', 'in'), limits)
    await cache.set('a', entry(1))
    expect(await cache.get('a')).toBeUndefined()
    await createDiskCache(folder).set('k'.repeat(2_000), entry(1))
    expect(await createDiskCache(folder).get('k'.repeat(2_000))).toBeUndefined()
  })
})
