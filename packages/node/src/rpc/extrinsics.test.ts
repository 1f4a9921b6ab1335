import { parseHex, toHex, unwrap } from '@tacit/base'
import { devKeypair, keypairFromSeed } from '@tacit/crypto'
import { native } from '@tacit/crypto/native'
import { systemStorage } from '@tacit/runtime'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { RunningNode } from '../start-node.ts'
import { createEventList } from '../testing/event-list.ts'
import type { RpcClient } from '../testing/rpc-client.ts'
import { createBench, transferHex } from '../testing/test-node.ts'
import { signTransfer } from '../testing/transfers.ts'

const bench = createBench()
let node: RunningNode
let client: RpcClient

beforeAll(async () => {
  node = await bench.start()
  client = await bench.connect(node)
})
afterAll(() => bench.end())

const BOB = devKeypair('Bob').accountId
const PHA = 10n ** 12n
const MILLION = 1_000_000n * PHA
const poor = keypairFromSeed('sr25519', new Uint8Array(32).fill(7))

function unpaid(): string {
  const { genesisHash } = node
  return toHex(signTransfer({ from: poor, to: BOB, amount: PHA, nonce: 0, genesisHash }))
}

function forged(): string {
  const bytes = unwrap(parseHex(transferHex(node, 0)))
  bytes[60] = (bytes[60] ?? 0) ^ 1
  return toHex(bytes)
}

async function freeOf(name: string): Promise<bigint> {
  const key = toHex(systemStorage.Account.key(native.hashes, devKeypair(name).accountId))
  const raw = unwrap(parseHex(String(await client.call('state_getStorage', key))))
  return unwrap(systemStorage.Account.decode(raw)).data.free
}

// Encodings: sp_runtime::ApplyExtrinsicResult; see wire-errors.test.ts of the runtime.
test.each([
  ['what would work', () => transferHex(node, 0), '0x0000'],
  ['more than there is', () => transferHex(node, 0, { amount: 2n * MILLION }), '0x00010700'],
  ['a nonce ahead', () => transferHex(node, 5), '0x010002'],
  ['a forged signature', forged, '0x010004'],
  ['who cannot pay', unpaid, '0x010001'],
  ['an inherent', () => '0x280401000b00204aa9d101', '0x010000'],
])('dry run of %s', async (_, extrinsic, expected) => {
  const before = await freeOf('Alice')
  expect(await client.call('system_dryRun', extrinsic())).toBe(expected)
  expect(await freeOf('Alice')).toBe(before)
  expect(await client.call('author_pendingExtrinsics')).toEqual([])
})

test('dry run at an older block, where the nonce was still to come', async () => {
  const extrinsic = transferHex(node, 0, { from: 'Charlie' })
  await client.submitAndWait(extrinsic)
  expect(await client.call('system_dryRun', extrinsic)).toBe('0x010003')
  expect(await client.call('system_dryRun', extrinsic, toHex(node.genesisHash))).toBe('0x0000')
})

type Details = {
  inclusionFee: { baseFee: string; lenFee: string; adjustedWeightFee: string }
}

test.each([
  ['a transfer', 'Dave', PHA, 0n],
  ['one with a tip', 'Eve', PHA, 3n * PHA],
  ['one that fails', 'Ferdie', 2n * MILLION, 7n],
])('the fee that is estimated is the fee that is paid: %s', async (_, from, amount, tip) => {
  const extrinsic = transferHex(node, 0, { from, amount, tip })
  const info = (await client.call('payment_queryInfo', extrinsic)) as { partialFee: string }
  const details = (await client.call('payment_queryFeeDetails', extrinsic)) as Details
  const { baseFee, lenFee, adjustedWeightFee } = details.inclusionFee
  const fee = BigInt(baseFee) + BigInt(lenFee) + BigInt(adjustedWeightFee)
  expect(BigInt(info.partialFee)).toBe(fee)
  await client.submitAndWait(extrinsic)
  const sent = amount > MILLION ? 0n : amount
  expect(await freeOf(from)).toBe(MILLION - sent - fee - tip)
})

test('what nobody signed costs nothing', async () => {
  const inherent = '0x280401000b00204aa9d101'
  expect(await client.call('payment_queryFeeDetails', inherent)).toEqual({ inclusionFee: null })
  expect(await client.call('payment_queryInfo', inherent)).toMatchObject({
    class: 'mandatory',
    partialFee: '0',
  })
})

type Event = { readonly event: string; readonly [field: string]: unknown }

async function watch(extrinsic: string): Promise<readonly Event[]> {
  const events = createEventList<Event>()
  await client.subscribe('transactionWatch_v1_submitAndWatch', [extrinsic], events.add)
  await events.find(({ event }) => /finalized|invalid|dropped|error/.test(event))
  return events.all
}

test('transactionWatch: from valid to final', async () => {
  const events = await watch(transferHex(node, 1, { from: 'Charlie' }))
  const hash = await client.call('chain_getBlockHash')
  expect(events).toEqual([
    { event: 'validated' },
    { event: 'bestChainBlockIncluded', block: { hash, index: 2 } },
    { event: 'finalized', block: { hash, index: 2 } },
  ])
})

test.each([
  ['bytes that are none', () => '0x0011', 'Extrinsic has invalid format'],
  ['a forged signature', forged, 'Invalid Transaction: Transaction has a bad signature'],
  [
    'an account without money',
    unpaid,
    'Invalid Transaction: Inability to pay some fees (e.g. account balance too low)',
  ],
  ['an inherent', () => '0x280401000b00204aa9d101', 'Invalid Transaction'],
])('transactionWatch: %s', async (_, extrinsic, error) => {
  const events = await watch(extrinsic())
  expect(events).toEqual([{ event: 'invalid', error: expect.stringContaining(error) }])
})

test('transactionWatch: usurped, and unwatched', async () => {
  const first = createEventList<Event>()
  const second = createEventList<Event>()
  const method = 'transactionWatch_v1_submitAndWatch'
  const future = (nonce: number, tip = 0n): string[] => [
    transferHex(node, nonce, { from: 'Charlie', tip }),
  ]
  await client.subscribe(method, future(9), first.add)
  const id = await client.subscribe(method, future(10), second.add)
  expect(await client.call('transactionWatch_v1_unwatch', id)).toBe(null)
  expect((await client.fail('transactionWatch_v1_unwatch', id)).code).toBe(-32_602)
  const by = await client.call('author_submitExtrinsic', ...future(9, 1_000n))
  await client.call('author_submitExtrinsic', ...future(10, 1_000n))
  await first.find(({ event }) => event === 'invalid')
  expect(first.all).toEqual([
    { event: 'validated' },
    { event: 'invalid', error: `usurped by ${String(by)}` },
  ])
  expect(second.all.filter(({ event }) => event !== 'validated')).toEqual([])
})

test('broadcasts: taken later, limited, stopped', async () => {
  const [other, third] = [await bench.connect(node), await bench.connect(node)]
  const ids: unknown[] = []
  for (let count = 0; count < 16; count++)
    ids.push(
      await other.call('transaction_v1_broadcast', `0x00${count.toString(16).padStart(2, '0')}`),
    )
  expect(await other.call('transaction_v1_broadcast', '0x01')).toBe(null)
  expect(await other.call('transaction_v1_stop', ids[0])).toBe(null)
  expect((await other.fail('transaction_v1_stop', ids[0])).code).toBe(-32_602)
  expect(await other.call('transaction_v1_broadcast', '0x01')).toMatch(/^t/)
  const paid = createEventList<{ changes: readonly (readonly [string, string | null])[] }>()
  const key = toHex(systemStorage.Account.key(native.hashes, poor.accountId))
  await third.subscribe('state_subscribeStorage', [[key]], paid.add)
  await third.call('transaction_v1_broadcast', unpaid())
  const { genesisHash } = node
  const gift = signTransfer({
    from: devKeypair('Alice'),
    to: poor.accountId,
    amount: 10n * PHA,
    nonce: 0,
    genesisHash,
  })
  await third.call('author_submitExtrinsic', toHex(gift))
  await paid.find(() => paid.all.length === 3)
  const nonces = paid.all.map(({ changes: [change] }) => change?.[1]?.slice(0, 10))
  expect(nonces).toEqual([undefined, '0x00000000', '0x01000000'])
})
