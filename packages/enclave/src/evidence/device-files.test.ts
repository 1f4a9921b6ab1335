import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { err, ok, utf8 } from '@tacit/base'
import { nodeFiles } from './device-files.ts'

const root = mkdtempSync(join(tmpdir(), 'tacit-files-'))
afterAll(() => rmSync(root, { recursive: true }))

test('directories are made and removed, each fault by its name', async () => {
  const path = join(root, 'made')
  expect(await nodeFiles.makeDirectory(path)).toEqual(ok())
  expect(await nodeFiles.makeDirectory(path)).toEqual(err({ errno: 'EEXIST' }))
  expect(await nodeFiles.removeDirectory(path)).toEqual(ok())
  expect(await nodeFiles.removeDirectory(path)).toEqual(err({ errno: 'ENOENT' }))
  expect(await nodeFiles.makeDirectory(join(path, 'in'))).toEqual(err({ errno: 'ENOENT' }))
})

test('a read ends at its bound', async () => {
  const path = join(root, 'blob')
  writeFileSync(path, 'sixteen bytes ok')
  expect(await nodeFiles.read(path, 16)).toEqual(ok(utf8('sixteen bytes ok')))
  expect(await nodeFiles.read(path, 15)).toEqual(err({ errno: 'EFBIG' }))
  expect(await nodeFiles.read(join(root, 'none'), 1)).toEqual(err({ errno: 'ENOENT' }))
  expect(await nodeFiles.read(root, 1)).toEqual(err({ errno: 'EISDIR' }))
})

test('an endless device is not read to its end', async () => {
  expect(await nodeFiles.read('/dev/zero', 1_000)).toEqual(err({ errno: 'EFBIG' }))
})

test('a device that gives its content in pieces is read to the end', async () => {
  const path = join(root, 'pipe')
  expect(spawnSync('mkfifo', [path]).status).toBe(0)
  const reading = nodeFiles.read(path, 100)
  const writer = await open(path, 'w')
  for (const piece of ['in ', 'three ', 'pieces']) {
    await writer.write(piece)
    await new Promise((resolve) => setImmediate(resolve))
  }
  await writer.close()
  expect(await reading).toEqual(ok(utf8('in three pieces')))
})

test('a write goes to a file that is there, and makes none', async () => {
  const path = join(root, 'inblob')
  expect(await nodeFiles.write(path, utf8('x'))).toEqual(err({ errno: 'ENOENT' }))
  expect(existsSync(path)).toBe(false)
  writeFileSync(path, '')
  expect(await nodeFiles.write(path, utf8('data'))).toEqual(ok())
  expect(await nodeFiles.read(path, 10)).toEqual(ok(utf8('data')))
})

test('a full device takes nothing', async () => {
  expect(await nodeFiles.write('/dev/full', utf8('x'))).toEqual(err({ errno: 'ENOSPC' }))
})
