import { toHex, type Hash } from '@tacit/base'
import { devKeypair } from '@tacit/crypto'
import { native } from '@tacit/crypto/native'
import { systemStorage } from '@tacit/runtime'
import { createRuntime } from '@tacit/runtime/runtime'
import { afterEach, expect, test } from 'vitest'
import { createChain, type BlockNotice } from '../chain.ts'
import { createEventList, type EventList } from '../testing/event-list.ts'
import type { RpcClient } from '../testing/rpc-client.ts'
import { createBench, transferHex } from '../testing/test-node.ts'
import { ChainHeadFollow, MAX_PINNED, type FollowEvent } from './chain-head.ts'

const bench = createBench()
afterEach(() => bench.end())

const ACCOUNTS = toHex(systemStorage.Account.prefix(native.hashes))
const ALICE = toHex(systemStorage.Account.key(native.hashes, devKeypair('Alice').accountId))

type Started = { result: string; operationId: string; discardedItems?: number }
type Followed = { client: RpcClient; id: string; at: string; events: EventList<FollowEvent> }

async function follow(withRuntime: boolean): Promise<Followed> {
  const node = await bench.start()
  const client = await bench.connect(node)
  const events = createEventList<FollowEvent>()
  const id = await client.subscribe('chainHead_v1_follow', [withRuntime], events.add)
  await events.find(({ event }) => event === 'bestBlockChanged')
  return { client, id, at: toHex(node.genesisHash), events }
}

/** The events of one operation up to its last one. */
async function operate(
  { client, id, at, events }: Followed,
  method: string,
  ...params: readonly unknown[]
): Promise<readonly FollowEvent[]> {
  const { operationId } = (await client.call(method, id, at, ...params)) as Started
  const isOwn = (event: FollowEvent): boolean => event['operationId'] === operationId
  const isLast = ({ event }: FollowEvent): boolean => /Done|Error|Inaccessible/.test(event)
  await events.find((event) => isOwn(event) && isLast(event))
  return events.all.filter(isOwn)
}

test('storage: every kind of question', async () => {
  const followed = await follow(false)
  const types = ['value', 'hash', 'closestDescendantMerkleValue']
  const queries = types.map((type) => ({ key: ALICE, type }))
  const [value, hash, closest, done] = await operate(
    followed,
    'chainHead_v1_storage',
    queries,
    null,
  )
  const raw = String(await followed.client.call('state_getStorage', ALICE))
  expect(value).toMatchObject({ items: [{ key: ALICE, value: raw }] })
  const hashed = await followed.client.call('state_getStorageHash', ALICE)
  expect(hash).toMatchObject({ items: [{ key: ALICE, hash: hashed }] })
  const item = {
    key: ALICE,
    closestDescendantMerkleValue: expect.stringMatching(/^0x[0-9a-f]{64}$/),
  }
  expect(closest).toMatchObject({ items: [item] })
  expect(done?.event).toBe('operationStorageDone')
  const root = [{ key: '0x', type: 'closestDescendantMerkleValue' }]
  const [first] = await operate(followed, 'chainHead_v1_storage', root, null)
  const { stateRoot } = (await followed.client.call('chain_getHeader')) as { stateRoot: string }
  expect(first).toMatchObject({ items: [{ closestDescendantMerkleValue: stateRoot }] })
  const descendants = [{ key: ACCOUNTS, type: 'descendantsHashes' }]
  const [accounts] = await operate(followed, 'chainHead_v1_storage', descendants, null)
  expect(accounts?.['items']).toContainEqual({ key: ALICE, hash: hashed })
})

test('storage: child tries are empty, and so is what nothing stands under', async () => {
  const followed = await follow(false)
  const queries = [{ key: '0x', type: 'descendantsValues' }]
  const child = await operate(followed, 'chainHead_v1_storage', queries, '0x01')
  expect(child.map(({ event }) => event)).toEqual(['operationStorageDone'])
  const absent = ['value', 'closestDescendantMerkleValue', 'descendantsValues'].map((type) => ({
    key: '0x77777777',
    type,
  }))
  const nothing = await operate(followed, 'chainHead_v1_storage', absent, null)
  expect(nothing.map(({ event }) => event)).toEqual(['operationStorageDone'])
})

test('operations are counted by item, and what is too much is discarded or refused', async () => {
  const { client, id, at, events } = await follow(true)
  const query = { key: ALICE, type: 'value' }
  const many = Array.from({ length: 100 }, () => query)
  const asked = [many, [query]].map((items) =>
    client.call('chainHead_v1_storage', id, at, items, null),
  )
  const [first, second, call] = (await Promise.all([
    ...asked,
    client.call('chainHead_v1_call', id, at, 'Core_version', '0x'),
  ])) as Started[]
  expect(first).toMatchObject({ result: 'started', discardedItems: 36 })
  expect([second, call]).toEqual([{ result: 'limitReached' }, { result: 'limitReached' }])
  await events.find(({ event }) => event === 'operationStorageDone')
  const items = events.all.filter(({ event }) => event === 'operationStorageItems')
  expect(items).toHaveLength(64)
  expect(await client.call('chainHead_v1_body', id, at)).toMatchObject({ result: 'started' })
})

test('a stopped operation says nothing more', async () => {
  const { client, id, at, events } = await follow(false)
  const queries = Array.from({ length: 64 }, () => ({ key: ACCOUNTS, type: 'descendantsValues' }))
  const { operationId } = (await client.call(
    'chainHead_v1_storage',
    id,
    at,
    queries,
    null,
  )) as Started
  await client.call('chainHead_v1_stopOperation', id, operationId)
  const seen = events.all.length
  const again = { client, id, at, events }
  await operate(again, 'chainHead_v1_body')
  const later = events.all.slice(seen).filter((event) => event['operationId'] === operationId)
  expect(later).toEqual([])
})

test('a follower without the runtime calls nothing, and hears of none', async () => {
  const { client, id, at, events } = await follow(false)
  const refused = await client.fail('chainHead_v1_call', id, at, 'Core_version', '0x')
  expect(refused.code).toBe(-32_802)
  const [initialized] = events.all
  expect(initialized).toEqual({ event: 'initialized', finalizedBlockHashes: [at] })
})

test('a new block is told with its parent, and finality behind it', async () => {
  const node = await bench.start()
  const client = await bench.connect(node)
  const events = createEventList<FollowEvent>()
  await client.subscribe('chainHead_v1_follow', [true], events.add)
  const hash = await client.submitAndWait(transferHex(node, 0))
  await events.find(({ event }) => event === 'finalized')
  expect(events.all.slice(2)).toEqual([
    {
      event: 'newBlock',
      blockHash: hash,
      parentBlockHash: toHex(node.genesisHash),
      newRuntime: null,
    },
    { event: 'bestBlockChanged', bestBlockHash: hash },
    { event: 'finalized', finalizedBlockHashes: [hash], prunedBlockHashes: [] },
  ])
})

test('a follower that unpins nothing is stopped, once, and hears nothing more', () => {
  const hashOf = (number: number): Hash =>
    native.hashes.blake2b256(Uint8Array.of(number >> 8, number)) as Hash
  const genesis = { number: 0, hash: hashOf(0) }
  const chain = createChain<BlockNotice>({
    genesisHash: genesis.hash,
    head: genesis,
    justified: genesis,
  })
  const events: FollowEvent[] = []
  let stops = 0
  const services = {
    chain,
    feed: { finalized: genesis, onFinalized: () => () => {} },
    runtime: createRuntime(),
    store: {},
    crypto: native,
  }
  const followed = new ChainHeadFollow({
    services: services as never,
    withRuntime: false,
    notify: (event) => events.push(event),
    onStop: () => stops++,
  })
  followed.begin()
  const header = { parentHash: genesis.hash, digest: { logs: [] } }
  for (let number = 1; number <= MAX_PINNED + 3; number++)
    chain.publish({ number, hash: hashOf(number), header: { ...header, number } as never })
  expect(followed.isStopped).toBe(true)
  expect([events.at(-1), stops]).toEqual([{ event: 'stop' }, 1])
  expect(events.filter(({ event }) => event === 'newBlock')).toHaveLength(MAX_PINNED - 1)
  expect(followed.pinned(genesis.hash)).toBeUndefined()
})
