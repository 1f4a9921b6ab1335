import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createBlockMaker } from '../testing/block-records.ts'
import { makeTempDir } from '../testing/temp-dir.ts'
import { lockDirectory } from './lock.ts'
import { Store } from './store.ts'

const directory = makeTempDir(true)
const whole = join(directory.path, 'whole')
let count = 0
afterAll(() => directory.remove())

beforeAll(async () => {
  const store = new Store(whole, { retention: 4 })
  const maker = createBlockMaker()
  for (let number = 0; number < 12; number++) {
    const changes = Array.from({ length: 40 }, (_, index) => ({
      key: Uint8Array.of(index, number),
      value: new Uint8Array(500).fill(number),
    }))
    const record = maker.next(changes, { body: [new Uint8Array(9_000)] })
    await (number === 0 ? store.writeGenesis(record) : store.commit(record))
  }
  await store.close()
})

function copy(): { readonly path: string; readonly file: string } {
  const path = join(directory.path, `copy${count++}`)
  mkdirSync(path)
  copyFileSync(join(whole, 'data.mdb'), join(path, 'data.mdb'))
  return { path, file: join(path, 'data.mdb') }
}

function codeOf(run: () => unknown): string | undefined {
  try {
    run()
    return undefined
  } catch (fault) {
    return (fault as { readonly code?: string }).code
  }
}

/** Where root is asked, permissions do not count: another user is. */
function asUser<T>(run: () => T): T {
  if (process.geteuid?.() !== 0) return run()
  process.seteuid?.(65_534)
  try {
    return run()
  } finally {
    process.seteuid?.(0)
  }
}

test('a database that was cut off anywhere is damaged, and the process lives', () => {
  const { length } = readFileSync(join(whole, 'data.mdb'))
  for (const size of [
    1,
    100,
    4_095,
    4_096,
    6_000,
    8_192,
    length >> 1,
    length - 4_096,
    length - 1,
  ]) {
    const { path, file } = copy()
    truncateSync(file, size)
    expect([size, codeOf(() => new Store(path, { retention: 4 }))]).toEqual([
      size,
      'database_corrupt',
    ])
    expect(readFileSync(file)).toHaveLength(size)
  }
})

test('free pages at the end may be missing', async () => {
  const { path, file } = copy()
  const last = 144
  const bytes = readFileSync(file)
  for (const page of [0, 4_096])
    bytes.writeBigUInt64LE(bytes.readBigUInt64LE(page + last) + 3n, page + last)
  writeFileSync(file, bytes)
  const store = new Store(path, { retention: 4 })
  expect(store.metadata?.bestNumber).toBe(11)
  await store.close()
})

test('a file of another kind is damaged', () => {
  for (const content of ['hello', 'x'.repeat(100_000)]) {
    const { path, file } = copy()
    writeFileSync(file, content)
    expect(codeOf(() => new Store(path, { retention: 4 }))).toBe('database_corrupt')
    expect(readFileSync(file, 'utf8')).toBe(content)
  }
  const { path, file } = copy()
  const bytes = readFileSync(file)
  for (const page of [0, 4_096]) bytes.writeUInt32LE(7, page + 28)
  writeFileSync(file, bytes)
  expect(codeOf(() => new Store(path, { retention: 4 }))).toBe('database_corrupt')
})

test('an empty file is a new database', async () => {
  const { path, file } = copy()
  writeFileSync(file, '')
  const store = new Store(path, { retention: 4 })
  expect(store.metadata).toBeUndefined()
  await store.close()
})

test('a directory or a file that cannot be written is told', () => {
  chmodSync(directory.path, 0o755)
  const { path, file } = copy()
  chmodSync(path, 0o777)
  chmodSync(file, 0o444)
  expect(codeOf(() => asUser(() => new Store(path, { retention: 4 })))).toBe('database_read_only')
  rmSync(file)
  chmodSync(path, 0o555)
  expect(codeOf(() => asUser(() => new Store(path, { retention: 4 })))).toBe('database_read_only')
  expect(codeOf(() => asUser(() => lockDirectory(path)))).toBe('database_read_only')
  const below = join(path, 'below')
  expect(codeOf(() => asUser(() => lockDirectory(below)))).toBe('database_read_only')
  chmodSync(path, 0o777)
})
