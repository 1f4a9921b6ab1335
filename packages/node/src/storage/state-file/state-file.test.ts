import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { unwrap, utf8, type Hash } from '@tacit/base'
import { native } from '@tacit/crypto/native'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { writeJustifiedChain } from '../../testing/justified-chain.ts'
import { makeTempDir } from '../../testing/temp-dir.ts'
import { lockDirectory } from '../lock.ts'
import { Store } from '../store.ts'
import { exportState, newestJustified } from './export-state.ts'
import { HEAD_BYTES, type Compression } from './format.ts'
import { importState, type ImportOptions } from './import-state.ts'

const directory = makeTempDir(true)
const file = join(directory.path, 'state')
let genesisHash: Hash
let store: Store
let count = 0

beforeAll(async () => {
  const options = { retention: 8, blocks: 12, handovers: [3, 7] }
  store = await writeJustifiedChain(join(directory.path, 'source'), options)
  genesisHash = native.hashes.blake2b256(store.header(0) ?? new Uint8Array()) as Hash
})

afterAll(async () => {
  await store.close()
  directory.remove()
})

function newPath(): string {
  return join(directory.path, `${count++}`)
}

async function write(compression: Compression, number = 12): Promise<Buffer> {
  const path = newPath()
  unwrap(await exportState(store, number, path, { compression }))
  expect(existsSync(`${path}.part`)).toBe(false)
  return readFileSync(path)
}

async function take(
  bytes: Uint8Array,
  target: string = newPath(),
  changed: Partial<ImportOptions> = {},
): ReturnType<typeof importState> {
  writeFileSync(file, bytes)
  return await importState(file, target, { genesisHash, crypto: native, ...changed })
}

test.each(['none', 'zstd', 'gzip'] as const)(
  'a state comes back whole (%s)',
  async (compression) => {
    const target = newPath()
    const imported = unwrap(await take(await write(compression), target))
    expect(imported).toMatchObject({ number: 12, entries: 6 })
    const copy = new Store(target, { retention: 8 })
    const [here, there] = [copy, store].map((one) => unwrap(one.stateAt(12)).values)
    const keys = there?.keysWithPrefix(new Uint8Array()) ?? []
    expect(here?.keysWithPrefix(new Uint8Array())).toEqual(keys)
    for (const key of keys) expect(here?.get(key)).toEqual(there?.get(key))
    for (let number = 0; number <= 12; number++)
      expect(copy.header(number)).toEqual(store.header(number))
    expect(copy.checkpointProof).toEqual(store.checkpointProof)
    expect(copy.handovers()).toEqual([3, 7])
    for (const number of [3, 7, 12])
      expect(copy.justification(number)).toEqual(store.justification(number))
    expect(copy.justification(11)).toBeUndefined()
    expect(copy.lastSigned?.number).toBe(12)
    expect(copy.stateAt(11)).toEqual({ ok: false, error: { code: 'state_pruned', oldest: 12 } })
    expect(copy.body(5)).toEqual({ ok: false, error: { code: 'block_absent', oldest: 12 } })
    expect(copy.body(12)).toEqual({ ok: false, error: { code: 'body_pruned', oldest: 13 } })
    expect(copy.body(0)).toEqual({ ok: true, value: [] })
    await copy.close()
  },
)

test('older states and blocks of a handover are exported too', async () => {
  for (const number of [5, 7, 8]) {
    expect(unwrap(await take(await write('none', number)))).toMatchObject({ number })
  }
  expect(newestJustified(store)).toBe(12)
})

test('a block without state or justification is not exported', async () => {
  const path = newPath()
  expect(await exportState(store, 3, path)).toEqual({
    ok: false,
    error: { code: 'state_unavailable', number: 3, oldest: 4 },
  })
  const bare = await writeJustifiedChain(newPath(), { retention: 8, blocks: 0 })
  expect(await exportState(bare, 0, path)).toEqual({
    ok: false,
    error: { code: 'state_not_justified', number: 0 },
  })
  await bare.close()
  writeFileSync(path, '')
  expect(await exportState(store, 12, path)).toMatchObject({ error: { code: 'state_file_exists' } })
})

test('a file that was cut off anywhere leaves nothing behind', async () => {
  for (const compression of ['none', 'zstd'] as const) {
    const whole = await write(compression)
    const target = newPath()
    for (let length = 0; length < whole.length; length += 1 + (whole.length >> 5)) {
      const taken = await take(whole.subarray(0, length), target)
      expect([length, taken]).toEqual([
        length,
        { ok: false, error: { code: 'state_file_truncated' } },
      ])
    }
    expect(readdirSync(target)).toEqual([])
  }
})

test('no byte of a file can be altered', async () => {
  const whole = await write('none')
  const target = newPath()
  const codes = new Set<string>()
  for (let at = 0; at < whole.length; at += 11) {
    const altered = Buffer.from(whole)
    altered[at] = (altered[at] ?? 0) ^ 0x10
    const taken = await take(altered, target)
    expect([at, taken.ok]).toEqual([at, false])
    if (!taken.ok) codes.add(taken.error.code)
  }
  expect(readdirSync(target)).toEqual([])
  expect([...codes].sort((a, b) => (a < b ? -1 : 1))).toEqual([
    'state_file_checksum',
    'state_file_genesis',
    'state_file_malformed',
    'state_file_not_justified',
    'state_file_truncated',
    'state_file_unknown',
  ])
})

test('another chain, another file, another target', async () => {
  const whole = await write('zstd')
  const other = new Uint8Array(32) as Hash
  expect(await take(whole, newPath(), { genesisHash: other })).toEqual({
    ok: false,
    error: { code: 'state_file_genesis', reason: 'checkpoint_mismatch' },
  })
  expect(await take(utf8('a letter to the operator'))).toEqual({
    ok: false,
    error: { code: 'state_file_unknown' },
  })
  const target = newPath()
  unwrap(await take(whole, target))
  expect(await take(whole, target)).toEqual({
    ok: false,
    error: { code: 'target_not_empty', path: target },
  })
  const gone = join(directory.path, 'gone')
  const options = { genesisHash, crypto: native }
  expect(await importState(gone, newPath(), options)).toMatchObject({
    error: { code: 'state_file_unreadable', path: gone },
  })
  const held = newPath()
  const unlock = lockDirectory(held)
  await expect(take(whole, held)).rejects.toMatchObject({ code: 'base_path_in_use' })
  unlock()
})

/** Alters the last entry's value, and the checksum so that it fits. */
function forgeValue(whole: Buffer): Buffer {
  const forged = Buffer.from(whole)
  const endBytes = 5 + 1 + 32
  const endAt = forged.length - endBytes
  forged[endAt - 1] = (forged[endAt - 1] ?? 0) ^ 1
  createHash('sha256')
    .update(forged.subarray(HEAD_BYTES, endAt))
    .digest()
    .copy(forged, endAt + 6)
  return forged
}

test('values that do not come to the state root', async () => {
  expect(await take(forgeValue(await write('none')))).toEqual({
    ok: false,
    error: { code: 'state_file_root' },
  })
})

test('a state that names authorities of its own', async () => {
  const strangersFrom = 5
  const options = { retention: 8, blocks: 6, strangersFrom }
  const strange = await writeJustifiedChain(newPath(), options)
  const path = newPath()
  unwrap(await exportState(strange, 6, path))
  const genesis = native.hashes.blake2b256(strange.header(0) ?? new Uint8Array()) as Hash
  expect(await importState(path, newPath(), { genesisHash: genesis, crypto: native })).toEqual({
    ok: false,
    error: { code: 'state_file_authorities' },
  })
  unwrap(await exportState(strange, 4, `${path}.older`))
  const older = { genesisHash: genesis, crypto: native }
  expect(await importState(`${path}.older`, newPath(), older)).toMatchObject({ ok: true })
  await strange.close()
})
