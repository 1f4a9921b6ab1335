import { toHex } from '@tacit/base'
import { devKeypair } from '@tacit/crypto'
import { native } from '@tacit/crypto/native'
import { systemStorage } from '@tacit/runtime'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { RunningNode } from '../start-node.ts'
import { createEventList } from '../testing/event-list.ts'
import type { RpcClient } from '../testing/rpc-client.ts'
import { createBench, transferHex } from '../testing/test-node.ts'

const bench = createBench()
let node: RunningNode
let client: RpcClient
let blocks: string[]

beforeAll(async () => {
  node = await bench.start()
  client = await bench.connect(node)
  blocks = [toHex(node.genesisHash)]
  for (let nonce = 0; nonce < 2; nonce++)
    blocks.push(await client.submitAndWait(transferHex(node, nonce)))
})
afterAll(() => bench.end())

type Event = { readonly event: string; readonly [field: string]: unknown }

/** All events of one subscription, which ends by itself. */
async function collect(method: string, ...params: readonly unknown[]): Promise<readonly Event[]> {
  const events = createEventList<Event>()
  const id = await client.subscribe(method, params, events.add)
  await events.find(({ event }) => /Done|Error/.test(event))
  expect(await client.call('chain_unsubscribeNewHeads', id)).toBe(false)
  return events.all
}

const ACCOUNTS = toHex(systemStorage.Account.prefix(native.hashes))
const keyOf = (name: string): string =>
  toHex(systemStorage.Account.key(native.hashes, devKeypair(name).accountId))

test('storage goes on behind a key', async () => {
  const all = await collect('archive_v1_storage', blocks[1], [
    { key: ACCOUNTS, type: 'descendantsValues' },
  ])
  const keys = all.slice(0, -1).map(({ key }) => key)
  expect(all[0]).toEqual({ event: 'storage', key: keys[0], value: expect.stringMatching(/^0x/) })
  expect(all.at(-1)).toEqual({ event: 'storageDone' })
  const rest = await collect('archive_v1_storage', blocks[1], [
    { key: ACCOUNTS, type: 'descendantsHashes', paginationStartKey: keys[1] },
  ])
  expect(rest.slice(0, -1).map(({ key }) => key)).toEqual(keys.slice(2))
  const child = await collect(
    'archive_v1_storage',
    blocks[1],
    [{ key: '0x', type: 'descendantsValues' }],
    '0x01',
  )
  expect(child).toEqual([{ event: 'storageDone' }])
})

test('storageDiff: what a block changed, and what two did', async () => {
  const [alice, bob] = [keyOf('Alice'), keyOf('Bob')]
  const items = [alice, bob].sort().map((key) => ({ key, returnType: 'value' }))
  const diff = await collect('archive_v1_storageDiff', blocks[1], items)
  const value = async (key: string): Promise<unknown> =>
    await client.call('state_getStorage', key, blocks[1])
  const changed = await Promise.all(
    [alice, bob].sort().map(async (key) => {
      return { event: 'storageDiff', key, value: await value(key), type: 'modified' }
    }),
  )
  expect(diff).toEqual([...changed, { event: 'storageDiffDone' }])
  const whole = await collect('archive_v1_storageDiff', blocks[2], null, blocks[0])
  const types = new Map(whole.map(({ key, type }) => [key, type]))
  expect(types.get(bob)).toBe('modified')
  expect(new Set(types.values())).toEqual(new Set(['added', 'modified', undefined]))
  const hashes = await collect(
    'archive_v1_storageDiff',
    blocks[2],
    [
      { key: bob, returnType: 'hash' },
      { returnType: 'value', childTrieKey: '0x01' },
    ],
    blocks[1],
  )
  const hash = await client.call('state_getStorageHash', bob, blocks[2])
  expect(hashes).toEqual([
    { event: 'storageDiff', key: bob, hash, type: 'modified' },
    { event: 'storageDiffDone' },
  ])
})

test('blocks that are unknown, or in the wrong order, are an error', async () => {
  const unknown = `0x${'11'.repeat(32)}`
  const items = [{ key: '0x', type: 'value' }]
  expect(await collect('archive_v1_storage', unknown, items)).toEqual([
    { event: 'storageError', error: 'no such block' },
  ])
  expect(await collect('archive_v1_storageDiff', blocks[0])).toEqual([
    { event: 'storageDiffError', error: 'no such block' },
  ])
  expect(await collect('archive_v1_storageDiff', blocks[1], null, blocks[2])).toEqual([
    { event: 'storageDiffError', error: 'previousHash is not an ancestor of hash' },
  ])
  expect(await client.call('archive_v1_header', unknown)).toBe(null)
  expect(await client.call('archive_v1_body', unknown)).toBe(null)
  expect(await client.call('archive_v1_call', unknown, 'Core_version', '0x')).toBe(null)
})
