import { unwrap } from '@tacit/base'
import { scheduleChange } from '@tacit/light'
import { open } from 'lmdb'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createBlockMaker, type BlockMaker } from '../testing/block-records.ts'
import { makeTempDir } from '../testing/temp-dir.ts'
import { dbStats } from './db-stats.ts'
import { pruneArchive } from './prune-archive.ts'
import { Store, type StoreOptions } from './store.ts'

const NAME = Uint8Array.of(1)
let path: string
let maker: BlockMaker
let ends: (() => Promise<void> | void)[]

beforeEach(() => {
  const directory = makeTempDir(true)
  ends = [() => directory.remove()]
  path = directory.path
  maker = createBlockMaker()
})

afterEach(async () => {
  for (const end of ends.reverse()) await end()
})

function openStore(options: StoreOptions): Store {
  const store = new Store(path, options)
  ends.push(() => store.close())
  return store
}

/** Adds blocks whose value and body tell their number; the block of `handover` changes the set. */
async function grow(store: Store, to: number, handover?: number): Promise<void> {
  for (let number = (store.metadata?.bestNumber ?? -1) + 1; number <= to; number++) {
    const change = scheduleChange([{ id: new Uint8Array(32), weight: 1n }])
    const record = maker.next([{ key: NAME, value: Uint8Array.of(number) }], {
      body: [Uint8Array.of(number)],
      digest: { logs: number === handover ? [change] : [] },
    })
    await (number === 0 ? store.writeGenesis(record) : store.commit(record))
    store.putJustification(number, Uint8Array.of(number))
  }
}

function oldestReadable(store: Store, best: number): number {
  let oldest = best
  while (oldest > 0 && store.stateAt(oldest - 1).ok) oldest--
  for (let number = oldest; number <= best; number++)
    expect(unwrap(store.stateAt(number)).values.get(NAME)).toEqual(Uint8Array.of(number))
  return oldest
}

test('bodies leave with their justifications, those of handovers and genesis stay', async () => {
  const store = openStore({ retention: 2, bodyRetention: 5 })
  await grow(store, 20, 7)
  expect(store.metadata?.oldestBody).toBe(15)
  expect(store.body(14)).toEqual({ ok: false, error: { code: 'body_pruned', oldest: 15 } })
  expect(store.body(21)).toEqual({ ok: false, error: { code: 'block_unknown' } })
  expect(unwrap(store.body(15))).toEqual([Uint8Array.of(15)])
  expect(unwrap(store.body(0))).toEqual([Uint8Array.of(0)])
  const justified = [...Array(21).keys()].filter((number) => store.justification(number))
  expect(justified).toEqual([0, 7, 14, 15, 16, 17, 18, 19, 20])
  for (let number = 0; number <= 20; number++) expect(store.header(number)).toBeDefined()
})

test('bodies are kept for fourteen days of blocks unless said otherwise', async () => {
  const store = openStore({ retention: 2 })
  await grow(store, 8)
  for (let number = 0; number <= 8; number++) expect(store.body(number).ok).toBe(true)
  expect(store.metadata?.oldestBody).toBe(0)
})

test('more retention brings back nothing, less is caught up with block by block', async () => {
  const first = new Store(path, { retention: 2, bodyRetention: 3 })
  await grow(first, 10)
  await first.close()
  const more = new Store(path, { retention: 6, bodyRetention: 8 })
  expect(oldestReadable(more, 10)).toBe(8)
  await grow(more, 12)
  expect(oldestReadable(more, 12)).toBe(8)
  expect(more.body(7)).toEqual({ ok: true, value: [Uint8Array.of(7)] })
  expect(more.body(6)).toEqual({ ok: false, error: { code: 'body_pruned', oldest: 7 } })
  await grow(more, 60)
  expect(oldestReadable(more, 60)).toBe(54)
  await more.close()
  const less = new Store(path, { retention: 1, bodyRetention: 1 })
  await grow(less, 61)
  expect(oldestReadable(less, 61)).toBe(60)
  await grow(less, 64)
  await less.close()
  const count = (name: string): number => {
    const root = open({ path, readOnly: true, maxDbs: 12, noSubdir: false })
    const found = root.openDB({ name, encoding: 'binary', keyEncoding: 'binary' }).getCount()
    ends.push(() => root.close())
    return found
  }
  expect(count('valueUndos')).toBe(2)
  expect(count('nodeUndos')).toBe(2)
  expect(count('bodies')).toBe(4)
})

test('an archive keeps every state and body and cannot be pruned by accident', async () => {
  const store = new Store(path, { retention: 'archive', bodyRetention: 1 })
  await grow(store, 40)
  expect(oldestReadable(store, 40)).toBe(0)
  expect(unwrap(store.body(1))).toEqual([Uint8Array.of(1)])
  expect(store.justification(1)).toBeDefined()
  await store.close()
  expect(() => new Store(path, { retention: 256 })).toThrow(
    expect.objectContaining({ code: 'database_is_archive' }),
  )
})

test('a database becomes an archive as long as it has lost no state', async () => {
  const young = new Store(path, { retention: 8 })
  await grow(young, 8)
  await young.close()
  const archive = new Store(path, { retention: 'archive' })
  expect(oldestReadable(archive, 8)).toBe(0)
  await grow(archive, 40)
  expect(oldestReadable(archive, 40)).toBe(0)
  await archive.close()
  const other = makeTempDir(true)
  ends.push(() => other.remove())
  path = other.path
  maker = createBlockMaker()
  const pruned = new Store(path, { retention: 8 })
  await grow(pruned, 9)
  await pruned.close()
  expect(() => new Store(path, { retention: 'archive' })).toThrow(
    expect.objectContaining({
      code: 'database_not_archive',
      fault: { code: 'database_not_archive', oldest: 1 },
    }),
  )
})

test('a database of another format is refused', async () => {
  const root = open({ path, noSubdir: false })
  const meta = root.openDB({ name: 'meta', encoding: 'binary', keyEncoding: 'binary' })
  await meta.put(new TextEncoder().encode('metadata'), Uint8Array.of(1, 2, 3))
  await root.close()
  expect(() => new Store(path, { retention: 8 })).toThrow(
    expect.objectContaining({
      code: 'database_version',
      fault: { code: 'database_version', stored: 1, expected: 2 },
    }),
  )
})

test('an archive that is pruned keeps its newest states and goes on as a window', async () => {
  const store = new Store(path, { retention: 'archive' })
  await grow(store, 40)
  await store.close()
  expect(await pruneArchive(path)).toBe(23)
  const window = new Store(path, { retention: 20 })
  expect(oldestReadable(window, 40)).toBe(23)
  await grow(window, 44)
  expect(oldestReadable(window, 44)).toBe(24)
  await window.close()
  await expect(pruneArchive(path)).rejects.toMatchObject({ code: 'database_pruned' })
  await expect(pruneArchive(`${path}/absent`)).rejects.toMatchObject({ code: 'database_absent' })
  const { columns, chain, freePages } = await dbStats(path)
  const entries = Object.fromEntries(columns.map((one) => [one.name, one.entries]))
  expect(entries).toMatchObject({ headers: 45, bodies: 45, valueHistory: 0, values: 1, nodes: 1 })
  for (const { bytes, pages, averageBytes, entries: count } of columns)
    expect([bytes, averageBytes]).toEqual([pages * 4_096, Math.round(bytes / Math.max(count, 1))])
  expect(chain).toMatchObject({
    bestNumber: 44,
    oldestState: 24,
    oldestBody: 0,
    indexed: undefined,
  })
  expect(freePages).toBeGreaterThan(0)
})
