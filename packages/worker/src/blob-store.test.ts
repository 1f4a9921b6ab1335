import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { AccountId, Hash } from '@tacit/base'
import { createBlobStore, type BlobStore, type StatePlace } from './blob-store.ts'

const CONTRACT = new Uint8Array(32).fill(1) as AccountId
const root = (byte: number): Hash => new Uint8Array(32).fill(byte) as Hash
const at = (byte: number, processed: bigint): StatePlace => ({ root: root(byte), processed })
const COMMITTED = at(1, 1n)

let folder = ''
let store: BlobStore

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'blobs-'))
  store = createBlobStore(folder)
  await store.save(CONTRACT, COMMITTED, Uint8Array.of(1), at(0, 0n))
})
afterEach(() => rmSync(folder, { recursive: true }))

test('failed commands keep the root, and the committed state stays beside the next one', async () => {
  await store.save(CONTRACT, at(1, 3n), Uint8Array.of(3), COMMITTED)
  expect(await store.load(CONTRACT, COMMITTED)).toEqual(Uint8Array.of(1))
  expect(await store.load(CONTRACT, at(1, 3n))).toEqual(Uint8Array.of(3))
  expect(await store.load(CONTRACT, at(1, 2n))).toBeUndefined()
})

test('crashes with ever other batches never push the committed state out', async () => {
  for (let next = 2n; next < 40n; next++) {
    await store.save(CONTRACT, at(2, next), Uint8Array.of(Number(next)), COMMITTED)
  }
  expect(await store.load(CONTRACT, COMMITTED)).toEqual(Uint8Array.of(1))
  expect(await store.load(CONTRACT, at(2, 39n))).toEqual(Uint8Array.of(39))
  expect(await store.load(CONTRACT, at(2, 2n))).toBeUndefined()
})
