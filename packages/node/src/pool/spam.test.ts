import { bytes as byteList, concatBytes, encode, equalBytes, type Hash } from '@tacit/base'
import { devKeypair, keypairFromSeed, type Keypair } from '@tacit/crypto'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createPoolNode, type PoolNode } from '../testing/pool-node.ts'
import { TEST_SPEC } from '../testing/test-node.ts'
import { signCall, signTransfer } from '../testing/transfers.ts'
import type { PoolLimits } from './limits.ts'

const LIMITS: PoolLimits = {
  ready: { transactions: 48, bytes: 64 * 1024, perSender: 16 },
  future: { transactions: 12, bytes: 16 * 1024, perSender: 8 },
  stayBlocks: 64,
}
const HONEST = ['Bob', 'Charlie', 'Dave'] as const
const FLOOD = 60
/** System.remark. */
const REMARK = Uint8Array.of(0, 0)

let node: PoolNode
let genesisHash: Hash
beforeEach(async () => {
  node = await createPoolNode({ limits: LIMITS, signatureThreads: 0 })
  genesisHash = node.app.genesisHash(TEST_SPEC.genesis)
})
afterEach(async () => {
  await node.end()
})

const bob = devKeypair('Bob').accountId

function transfer(from: Keypair, nonce: number, tip = 0n): Uint8Array {
  return signTransfer({ from, to: bob, amount: 10n ** 12n, nonce, tip, genesisHash })
}

/** Signs as a spammer does who does not mean to pay even for signing. */
function forge(pair: Keypair): Keypair {
  const signature = new Uint8Array(64).fill(1)
  signature[63] = 0x80
  return { ...pair, sign: () => signature }
}

async function submitAll(all: readonly Uint8Array[]): Promise<Record<string, number>> {
  const codes: Record<string, number> = {}
  for (const answer of await Promise.all(all.map((one) => node.pool.submit(one, 'External')))) {
    const code = answer.ok ? 'ok' : answer.error.code
    codes[code] = (codes[code] ?? 0) + 1
  }
  return codes
}

async function expectBounded(): Promise<void> {
  const { ready, future, bytes } = await node.pool.status()
  expect(ready).toBeLessThanOrEqual(LIMITS.ready.transactions)
  expect(future).toBeLessThanOrEqual(LIMITS.future.transactions)
  expect(bytes).toBeLessThanOrEqual(LIMITS.ready.bytes + LIMITS.future.bytes)
}

/** Honest senders offer their transfer until it is taken; spam goes on between blocks. */
async function expectHonestWithinThree(spam: () => Promise<unknown>): Promise<void> {
  const waiting = new Set(HONEST.map((name) => transfer(devKeypair(name), 0)))
  for (let block = 0; block < 3 && waiting.size > 0; block++) {
    await spam()
    for (const bytes of waiting) await node.pool.submit(bytes, 'External')
    await expectBounded()
    const { extrinsics } = await node.seal()
    for (const bytes of waiting)
      if (extrinsics.some((one) => equalBytes(one, bytes))) waiting.delete(bytes)
  }
  expect(waiting.size).toBe(0)
}

const numbers = (count: number): number[] => Array.from({ length: count }, (_, at) => at)

test('underpaid: no signature is looked at', async () => {
  const poor = forge(keypairFromSeed('sr25519', new Uint8Array(32).fill(7)))
  const spam = (): Promise<Record<string, number>> =>
    submitAll(numbers(FLOOD).map((nonce) => transfer(poor, nonce)))
  expect(await spam()).toEqual({ payment: FLOOD })
  expect(node.asked).toHaveLength(0)
  await expectHonestWithinThree(spam)
  expect(node.asked).toHaveLength(HONEST.length)
})

test('bad signatures, in the name of honest senders too: each costs one check and is banned', async () => {
  const forged = (from: number): Uint8Array[] =>
    numbers(FLOOD / 4).flatMap((at) =>
      ['Alice', ...HONEST].map((name) => transfer(forge(devKeypair(name)), 0, BigInt(from + at))),
    )
  expect(await submitAll(forged(0))).toEqual({ bad_proof: FLOOD })
  expect(await submitAll(forged(0))).toEqual({ temporarily_banned: FLOOD })
  expect(node.asked).toHaveLength(FLOOD)
  let from = FLOOD
  await expectHonestWithinThree(() => submitAll(forged((from += FLOOD))))
})

test('future nonces fill their own bounds and nothing else', async () => {
  const eve = devKeypair('Eve')
  const ferdie = devKeypair('Ferdie')
  const all = numbers(12).flatMap((at) => [transfer(eve, 5 + at), transfer(ferdie, 5 + at)])
  const codes = await submitAll(all)
  // Twelve fit: eight of a sender, and equal ones do not push each other out.
  expect(codes['ok']).toBe(LIMITS.future.transactions)
  expect((codes['sender_limit'] ?? 0) + (codes['pool_full'] ?? 0)).toBe(12)
  expect(await node.pool.status()).toMatchObject({ ready: 0, future: 12 })
  await expectHonestWithinThree(() => submitAll(all))
})

test('the same nonce again and again: only a higher tip is looked at further', async () => {
  const eve = devKeypair('Eve')
  await node.pool.submit(transfer(eve, 0, 1_000n), 'External')
  const checked = node.asked.length
  const cheaper = numbers(FLOOD).map((tip) => transfer(forge(devKeypair('Eve')), 0, BigInt(tip)))
  expect(await submitAll(cheaper)).toEqual({ priority_too_low: FLOOD })
  expect(node.asked).toHaveLength(checked)
  for (const tip of [1_001n, 1_002n, 1_003n])
    await node.pool.submit(transfer(eve, 0, tip), 'External')
  expect(node.pool.counters.left).toEqual({ usurped: 3 })
  expect(node.pool.size).toBe(1)
  await expectHonestWithinThree(() => submitAll(cheaper))
})

test('oversized: refused by length, before the signature', async () => {
  const remark = new Uint8Array(3_800_000)
  const call = concatBytes(REMARK, encode(byteList, remark))
  const huge = signCall(call, { from: forge(devKeypair('Eve')), nonce: 0, genesisHash })
  const spam = (): Promise<Record<string, number>> => submitAll([huge, huge, huge, huge])
  expect(await spam()).toEqual({ exhausts_resources: 4 })
  expect(node.asked).toHaveLength(0)
  await expectHonestWithinThree(spam)
})

test('a pool full of valid ones gives room to a higher tip, and a block gives room to all', async () => {
  const fillers = ['Alice', 'Eve', 'Ferdie'].flatMap((name) =>
    numbers(16).map((nonce) => transfer(devKeypair(name), nonce)),
  )
  expect(await submitAll(fillers)).toEqual({ ok: 48 })
  const plain = transfer(devKeypair('Bob'), 0)
  expect(await submitAll([plain])).toEqual({ pool_full: 1 })
  expect(await submitAll([transfer(devKeypair('Charlie'), 0, 1n)])).toEqual({ ok: 1 })
  await expectBounded()
  await node.seal()
  expect(await submitAll([plain])).toEqual({ ok: 1 })
})
