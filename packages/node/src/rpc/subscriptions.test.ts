import { bytesToHex, parseHex, toHex, unwrap, utf8 } from '@tacit/base'
import { devKeypair } from '@tacit/crypto'
import { native } from '@tacit/crypto/native'
import { SPEC_VERSION, systemStorage } from '@tacit/runtime'
import { verifyProof } from '@tacit/state'
import { afterEach, expect, test } from 'vitest'
import { createBench, transferHex } from '../testing/test-node.ts'
import { Connection, MAX_ALL_SUBSCRIPTIONS, MAX_BUFFERED_BYTES } from './connection.ts'
import { WATCHED_FINALITY_MS } from './watch-extrinsic.ts'

const bench = createBench()
afterEach(() => bench.end())

type Event = { readonly event: string; readonly [field: string]: unknown }
type HeaderJson = { readonly number: string; readonly stateRoot: string }

test('many clients hear the same blocks and justifications, each in order', async () => {
  const node = await bench.start()
  const BLOCKS = 8
  const clients = await Promise.all(Array.from({ length: 12 }, () => bench.connect(node)))
  const heard = await Promise.all(
    clients.map(async (client) => {
      const { promise, resolve } = Promise.withResolvers<void>()
      const heads: number[] = []
      const finals: number[] = []
      const justifications: string[] = []
      const check = (): void => {
        if (finals.at(-1) === BLOCKS && justifications.length === BLOCKS) resolve()
      }
      await client.subscribe('chain_subscribeNewHeads', [], (header) => {
        heads.push(Number((header as HeaderJson).number))
      })
      await client.subscribe('chain_subscribeFinalizedHeads', [], (header) => {
        finals.push(Number((header as HeaderJson).number))
        check()
      })
      await client.subscribe('grandpa_subscribeJustifications', [], (justification) => {
        justifications.push(String(justification))
        check()
      })
      return { promise, heads, finals, justifications }
    }),
  )
  const sender = await bench.connect(node)
  for (let nonce = 0; nonce < BLOCKS; nonce++) await sender.submitAndWait(transferHex(node, nonce))
  await Promise.all(heard.map(({ promise }) => promise))
  const numbers = Array.from({ length: BLOCKS + 1 }, (_, number) => number)
  for (const { heads, finals, justifications } of heard) {
    expect(heads).toEqual(numbers)
    expect(finals).toEqual(numbers)
    expect(justifications).toEqual(heard[0]?.justifications)
  }
})

test('a watched extrinsic is ready, in a block, and final so much later that clients see both', async () => {
  const node = await bench.start()
  const client = await bench.connect(node)
  const { promise, resolve } = Promise.withResolvers<void>()
  const statuses: string[] = []
  const times: number[] = []
  await client.subscribe('author_submitAndWatchExtrinsic', [transferHex(node, 0)], (status) => {
    const name = typeof status === 'string' ? status : Object.keys(Object(status))[0]
    statuses.push(String(name))
    times.push(performance.now())
    if (name === 'finalized') resolve()
  })
  await promise
  expect(statuses).toEqual(['ready', 'inBlock', 'finalized'])
  expect((times[2] ?? 0) - (times[1] ?? 0)).toBeGreaterThan(WATCHED_FINALITY_MS - 5)
})

test('a watched extrinsic waits for its nonce, and one that is usurped hears of it', async () => {
  const node = await bench.start()
  const client = await bench.connect(node)
  const { promise, resolve } = Promise.withResolvers<void>()
  const statuses: unknown[] = []
  const watched = transferHex(node, 1)
  await client.subscribe('author_submitAndWatchExtrinsic', [watched], (status) => {
    statuses.push(status)
    if (typeof status === 'object') resolve()
  })
  const better = String(
    await client.call('author_submitExtrinsic', transferHex(node, 1, { tip: 1_000n })),
  )
  await promise
  expect(statuses).toEqual(['future', { usurped: better }])
})

test('subscriptions end when they are cancelled and are limited per connection', async () => {
  const node = await bench.start()
  const client = await bench.connect(node)
  const id = await client.call('chain_subscribeNewHeads')
  expect(await client.call('chain_unsubscribeNewHeads', id)).toBe(true)
  expect(await client.call('chain_unsubscribeNewHeads', id)).toBe(false)
  for (let count = 0; count < 256; count++) await client.call('grandpa_subscribeJustifications')
  expect((await client.fail('grandpa_subscribeJustifications')).code).toBe(-32_006)
  const other = await bench.connect(node)
  for (let count = 0; count < 4; count++) await other.call('chainHead_v1_follow', false)
  expect((await other.fail('chainHead_v1_follow', false)).code).toBe(-32_800)
})

test('a reader that does not read is cut off', () => {
  const said: string[] = []
  let buffered = 0
  const sink = {
    send: (text: string) => void said.push(text),
    bufferedBytes: () => buffered,
    terminate: () => void said.push('cut'),
  }
  const connection = new Connection(sink, { current: 0 })
  connection.notify('chain_newHead', 's0', 1)
  buffered = MAX_BUFFERED_BYTES + 1
  connection.notify('chain_newHead', 's0', 2)
  expect(said).toEqual([
    '{"jsonrpc":"2.0","method":"chain_newHead","params":{"subscription":"s0","result":1}}',
    'cut',
  ])
})

test('subscriptions of all connections are limited, and end with theirs', () => {
  const all = { current: MAX_ALL_SUBSCRIPTIONS - 2 }
  const sink = { send: () => {}, bufferedBytes: () => 0, terminate: () => {} }
  const [one, other] = [new Connection(sink, all), new Connection(sink, all)]
  const ended: string[] = []
  const subscribe = (connection: Connection): string =>
    connection.subscribe((id) => void ended.push(id))
  const ids = [subscribe(one), subscribe(other)]
  expect(() => subscribe(one)).toThrow('Too many subscriptions')
  expect([other.unsubscribe('s0'), other.unsubscribe('s0')]).toEqual([true, false])
  expect(subscribe(one)).toBe('s1')
  one.close()
  one.close()
  expect([all.current, ended]).toEqual([MAX_ALL_SUBSCRIPTIONS - 2, [ids[1], 's0', 's1']])
  expect(() => subscribe(one)).toThrow('closed')
})

test('a read proof at an older block verifies under its own root', async () => {
  const node = await bench.start()
  const client = await bench.connect(node)
  const key = systemStorage.Account.key(native.hashes, devKeypair('Bob').accountId)
  const absent = Uint8Array.of(1, 2, 3)
  const hashes: string[] = []
  for (let nonce = 0; nonce < 4; nonce++)
    hashes.push(await client.submitAndWait(transferHex(node, nonce)))
  for (const [index, at] of hashes.entries()) {
    const { stateRoot } = (await client.call('chain_getHeader', at)) as HeaderJson
    const asked = [toHex(key), toHex(absent)]
    const reply = (await client.call('state_getReadProof', asked, at)) as { proof: string[] }
    const proved = verifyProof({
      root: unwrap(parseHex(stateRoot)),
      proof: reply.proof.map((hex) => unwrap(parseHex(hex))),
      keys: [key, absent],
      hash: native.hashes.blake2b256,
    })
    const values = unwrap(proved)
    expect(values.get(bytesToHex(absent))).toBeUndefined()
    const raw = values.get(bytesToHex(key)) ?? new Uint8Array()
    const account = unwrap(systemStorage.Account.decode(raw))
    expect(account.data.free).toBe(1_000_000n * 10n ** 12n + BigInt(index + 1) * 10n ** 12n)
    expect(await client.call('state_getStorage', toHex(key), at)).toBe(toHex(raw))
  }
})

test('chainHead: pinned blocks, operations, and what is not pinned', async () => {
  const node = await bench.start()
  const client = await bench.connect(node)
  const events: Event[] = []
  let wake: () => void = () => {}
  const seen = async (name: string): Promise<Event> => {
    for (;;) {
      const found = events.find(({ event }) => event === name)
      if (found) return found
      await new Promise<void>((resolve) => (wake = resolve))
    }
  }
  const follow = await client.subscribe('chainHead_v1_follow', [true], (event) => {
    events.push(event as Event)
    wake()
  })
  const initialized = await seen('initialized')
  expect(initialized['finalizedBlockRuntime']).toMatchObject({ type: 'valid' })
  const genesis = (initialized['finalizedBlockHashes'] as string[])[0]
  const hash = await client.submitAndWait(transferHex(node, 0))
  await seen('finalized')
  expect(await seen('newBlock')).toMatchObject({ blockHash: hash, parentBlockHash: genesis })
  expect(String(await client.call('chainHead_v1_header', follow, hash))).toMatch(/^0x/)
  await client.call('chainHead_v1_body', follow, hash)
  expect((await seen('operationBodyDone'))['value']).toHaveLength(3)
  const prefix = toHex(systemStorage.Account.prefix(native.hashes))
  const query = [{ key: prefix, type: 'descendantsValues' }]
  await client.call('chainHead_v1_storage', follow, hash, query, null)
  const { items } = (await seen('operationStorageItems')) as unknown as { items: unknown[] }
  expect(items.length).toBeGreaterThanOrEqual(6)
  await seen('operationStorageDone')
  await client.call('chainHead_v1_call', follow, hash, 'Core_version', '')
  expect(String((await seen('operationCallDone'))['output'])).toMatch(/^0x147461636974/)
  await client.call('chainHead_v1_call', follow, hash, 'Core_nothing', '0x')
  expect((await seen('operationError'))['error']).toBe('Execution failed: api_unknown')
  const foreign = `0x${'22'.repeat(32)}`
  expect((await client.fail('chainHead_v1_body', follow, foreign)).code).toBe(-32_801)
  expect((await client.fail('chainHead_v1_unpin', follow, [hash, hash])).code).toBe(-32_804)
  await client.call('chainHead_v1_unpin', follow, [hash])
  expect((await client.fail('chainHead_v1_header', follow, hash)).code).toBe(-32_801)
  await client.call('chainHead_v1_unfollow', follow)
  expect(await client.call('chainHead_v1_header', follow, genesis)).toBe(null)
  expect(await client.call('chainHead_v1_body', follow, genesis)).toEqual({
    result: 'limitReached',
  })
})

test('archive: storage by subscription', async () => {
  const node = await bench.start()
  const client = await bench.connect(node)
  const hash = await client.call('chain_getBlockHash')
  const { promise, resolve } = Promise.withResolvers<void>()
  const events: Event[] = []
  const prefix = toHex(systemStorage.Account.prefix(native.hashes))
  const query = [
    { key: prefix, type: 'descendantsHashes' },
    { key: '0x3a636f6465', type: 'value' },
  ]
  await client.subscribe('archive_v1_storage', [hash, query], (event) => {
    events.push(event as Event)
    if ((event as Event).event === 'storageDone') resolve()
  })
  await promise
  expect(events.at(-2)).toMatchObject({
    key: '0x3a636f6465',
    value: toHex(utf8(`tacit/${SPEC_VERSION}`)),
  })
  expect(events.length).toBeGreaterThan(7)
  expect(await client.call('archive_v1_call', hash, 'Core_version', '0x')).toMatchObject({
    success: true,
  })
})
