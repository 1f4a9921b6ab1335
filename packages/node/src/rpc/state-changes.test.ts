import { toHex } from '@tacit/base'
import { devKeypair } from '@tacit/crypto'
import { native } from '@tacit/crypto/native'
import { systemStorage } from '@tacit/runtime'
import { afterEach, expect, test } from 'vitest'
import { createEventList } from '../testing/event-list.ts'
import { createBench, transferHex } from '../testing/test-node.ts'
import type { StorageChanges } from './storage-watch.ts'

const bench = createBench()
afterEach(() => bench.end())

const keyOf = (name: string): string =>
  toHex(systemStorage.Account.key(native.hashes, devKeypair(name).accountId))
const [ALICE, BOB, DAVE] = [keyOf('Alice'), keyOf('Bob'), keyOf('Dave')]
const keysOf = ({ changes }: StorageChanges): readonly string[] => changes.map(([key]) => key)

test('subscribers hear the values first and then what changes, whenever they came', async () => {
  const node = await bench.start()
  const client = await bench.connect(node)
  const early = createEventList<StorageChanges>()
  const late = createEventList<StorageChanges>()
  const still = createEventList<StorageChanges>()
  const id = await client.subscribe('state_subscribeStorage', [[ALICE, BOB, ALICE]], early.add)
  await client.subscribe('state_subscribeStorage', [[DAVE]], still.add)
  const first = await client.submitAndWait(transferHex(node, 0))
  await client.subscribe('state_subscribeStorage', [[BOB, '0x00']], late.add)
  const second = await client.submitAndWait(transferHex(node, 1))
  const at = (block: string) => (changes: StorageChanges) => changes.block === block
  await early.find(at(second))
  await late.find(at(second))
  expect(early.all.map(keysOf)).toEqual([
    [ALICE, BOB],
    [ALICE, BOB],
    [ALICE, BOB],
  ])
  expect(early.all.map(({ block }) => block)).toEqual([toHex(node.genesisHash), first, second])
  expect(late.all.map(keysOf)).toEqual([[BOB, '0x00'], [BOB]])
  expect(late.all[0]).toEqual({ block: first, changes: [early.all[1]?.changes[1], ['0x00', null]] })
  expect(late.all[1]?.changes).toEqual([early.all[2]?.changes[1]])
  expect(still.all).toHaveLength(1)
  expect(await client.call('state_unsubscribeStorage', id)).toBe(true)
  await client.submitAndWait(transferHex(node, 2))
  await late.find((changes) => late.all.indexOf(changes) === 2)
  expect(early.all).toHaveLength(3)
})

test('the keys that one connection watches are limited, and free again when it ends', async () => {
  const node = await bench.start()
  const client = await bench.connect(node)
  const keys = (from: number): string[] =>
    Array.from({ length: 1_024 }, (_, at) => `0x${(from + at).toString(16).padStart(8, '0')}`)
  const ids: unknown[] = []
  for (let count = 0; count < 8; count++)
    ids.push(await client.call('state_subscribeStorage', keys(count * 1_024)))
  expect((await client.fail('state_subscribeStorage', ['0x01'])).code).toBe(-32_006)
  await client.call('state_unsubscribeStorage', ids[0])
  expect(await client.call('state_subscribeStorage', ['0x01'])).toMatch(/^s/)
})

test('a range of blocks: the first with all values, then what changes', async () => {
  const node = await bench.start()
  const client = await bench.connect(node)
  const genesis = toHex(node.genesisHash)
  const blocks = [
    await client.submitAndWait(transferHex(node, 0)),
    await client.submitAndWait(transferHex(node, 0, { from: 'Dave' })),
  ]
  const sets = (await client.call('state_queryStorage', [ALICE, BOB], genesis)) as StorageChanges[]
  expect(sets.map(({ block }) => block)).toEqual([genesis, ...blocks])
  expect(sets.map(keysOf)).toEqual([[ALICE, BOB], [ALICE, BOB], [BOB]])
  const at = await client.call('state_queryStorageAt', [BOB], blocks[1])
  expect(at).toEqual([{ block: blocks[1], changes: sets[2]?.changes }])
  const backwards = await client.fail('state_queryStorage', [ALICE], blocks[1], genesis)
  expect(backwards).toMatchObject({ code: 4001, data: 'from number > to number' })
})
