import {
  bytesToHex,
  concatBytes,
  encode,
  err,
  ok,
  u32,
  unwrap,
  utf8,
  type AccountId,
  type Result,
} from '@tacit/base'
import { native } from '@tacit/crypto/native'
import type { ExtrinsicError, ValidTransaction } from '@tacit/runtime'
import fc from 'fast-check'
import { beforeEach, expect, test } from 'vitest'
import { Pool, type PoolLimits } from './pool.ts'
import type { PoolStatus } from './transaction.ts'

/** A toy chain: an extrinsic is 'sender:nonce:priority', valid while its nonce is not used. */
const nonces = new Map<string, number>()
const verdicts = new Map<string, ExtrinsicError>()
let height = 0
beforeEach(() => {
  nonces.clear()
  verdicts.clear()
  height = 0
})

function accountOf(sender: string): AccountId {
  const account = new Uint8Array(32)
  account.set(utf8(sender))
  return account as AccountId
}

function tag(sender: string, nonce: number): Uint8Array {
  return concatBytes(accountOf(sender), encode(u32, nonce))
}

function extrinsic(sender: string, nonce: number, priority = 1): Uint8Array {
  return utf8(`${sender}:${nonce}:${priority}`)
}

function checkTx(bytes: Uint8Array): Result<ValidTransaction, ExtrinsicError> {
  const text = new TextDecoder().decode(bytes)
  const [sender = '', nonceText, priority = '1'] = text.split(':')
  const nonce = Number(nonceText)
  const used = nonces.get(sender) ?? 0
  const verdict = verdicts.get(text) ?? verdicts.get(sender)
  if (verdict) return err(verdict)
  if (nonce < used) return err({ code: 'stale' })
  return ok({
    priority: BigInt(priority),
    requires: nonce > used ? [tag(sender, nonce - 1)] : [],
    provides: [tag(sender, nonce)],
    longevity: 64n,
    propagate: true,
  })
}

function createPool(limits?: Partial<PoolLimits>): Pool {
  const hash = new Uint8Array(32) as never
  return new Pool({
    app: {
      checkTx,
      info: () => ({ genesisHash: hash, best: { number: height, hash }, timeMs: 0n }),
    },
    runtime: {
      parseExtrinsic: () => err({ code: 'extrinsic_malformed', reason: 'truncated', at: 0 }),
    },
    hashes: native.hashes,
    limits: { transactions: 100, bytes: 10_000, perSender: 100, ...limits },
  })
}

/** Statuses are delivered when all work of a turn is done. */
async function delivered(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve))
}

function offered(pool: Pool): string[] {
  return [...pool.candidates()].map((bytes) => new TextDecoder().decode(bytes))
}

/** Includes extrinsics as a block does. */
function include(pool: Pool, ...extrinsics: readonly Uint8Array[]): void {
  for (const bytes of extrinsics) {
    const [sender = '', nonce] = new TextDecoder().decode(bytes).split(':')
    nonces.set(sender, Number(nonce) + 1)
  }
  height++
  pool.onBlock(
    { number: height, hash: native.hashes.blake2b256(encode(u32, height)) as never },
    extrinsics,
  )
}

test('a gap makes the later ones wait, and filling it makes them ready in order', async () => {
  const pool = createPool()
  const heard: string[] = []
  await pool.submit(extrinsic('a', 2), 'External', ({ type }) => heard.push(type))
  await pool.submit(extrinsic('a', 1), 'External')
  expect(pool.hasReady()).toBe(false)
  await delivered()
  expect(heard).toEqual(['future'])
  await pool.submit(extrinsic('a', 0), 'External')
  await delivered()
  expect(heard).toEqual(['future', 'ready'])
  expect(offered(pool)).toEqual(['a:0:1', 'a:1:1', 'a:2:1'])
})

test('the highest priority comes first, but never before what it requires', async () => {
  const pool = createPool()
  await pool.submit(extrinsic('a', 0, 1), 'External')
  await pool.submit(extrinsic('a', 1, 9), 'External')
  await pool.submit(extrinsic('b', 0, 5), 'External')
  await pool.submit(extrinsic('c', 0, 5), 'External')
  expect(offered(pool)).toEqual(['b:0:5', 'c:0:5', 'a:0:1', 'a:1:9'])
})

test('a higher priority takes the place, dependants stay ready', async () => {
  const pool = createPool()
  const heard: PoolStatus[] = []
  const later: PoolStatus[] = []
  await pool.submit(extrinsic('a', 0, 5), 'External', (status) => heard.push(status))
  await pool.submit(extrinsic('a', 1, 5), 'External', (status) => later.push(status))
  expect(await pool.submit(extrinsic('a', 0, 5), 'External')).toEqual(
    err({ code: 'already_imported' }),
  )
  expect(await pool.submit(extrinsic('a', 0, 4), 'External')).toEqual(
    err({ code: 'priority_too_low', old: 5n, new: 4n }),
  )
  const better = await pool.submit(extrinsic('a', 0, 6), 'External')
  await delivered()
  expect(better.ok && heard).toEqual([
    { type: 'ready' },
    { type: 'usurped', by: better.ok && better.value },
  ])
  expect(offered(pool)).toEqual(['a:0:6', 'a:1:5'])
  expect(pool.size).toBe(2)
})

test('a block takes out what it includes and tells where', async () => {
  const pool = createPool()
  const heard: PoolStatus[] = []
  await pool.submit(extrinsic('a', 0), 'External', (status) => heard.push(status))
  await pool.submit(extrinsic('a', 1), 'External')
  offered(pool)
  include(pool, extrinsic('a', 0))
  await delivered()
  expect(heard.at(-1)).toMatchObject({ type: 'inBlock', block: { number: 1 }, index: 0 })
  expect(offered(pool)).toEqual(['a:1:1'])
  include(pool, extrinsic('a', 1))
  expect([pool.size, pool.hasReady()]).toEqual([0, false])
})

test('what a block makes invalid is found when it is judged again, and is banned', async () => {
  const pool = createPool()
  const heard: PoolStatus[] = []
  await pool.submit(extrinsic('a', 0), 'External', (status) => heard.push(status))
  include(pool, extrinsic('a', 0, 7))
  await delivered()
  expect(heard.at(-1)).toEqual({ type: 'invalid', error: { code: 'stale' } })
  expect(await pool.submit(extrinsic('a', 0), 'External')).toEqual(
    err({ code: 'temporarily_banned' }),
  )
  height += 64
  expect(await pool.submit(extrinsic('a', 0), 'External')).toEqual(err({ code: 'stale' }))
})

test('a verdict that can change does not ban', async () => {
  const pool = createPool()
  verdicts.set('a', { code: 'payment' })
  expect(await pool.submit(extrinsic('a', 0), 'External')).toEqual(err({ code: 'payment' }))
  verdicts.clear()
  expect((await pool.submit(extrinsic('a', 0), 'External')).ok).toBe(true)
})

test('a refused candidate goes, its dependants wait again', async () => {
  const pool = createPool()
  const later: string[] = []
  await pool.submit(extrinsic('a', 0), 'External')
  await pool.submit(extrinsic('a', 1), 'External', ({ type }) => later.push(type))
  pool.onRefused(extrinsic('a', 0), { code: 'payment' })
  expect([pool.size, pool.hasReady()]).toEqual([1, false])
  pool.onRefused(extrinsic('a', 1), { code: 'future' })
  expect(pool.size).toBe(1)
  await pool.submit(extrinsic('a', 0, 2), 'External')
  expect(offered(pool)).toEqual(['a:0:2', 'a:1:1'])
})

test('what an empty block has no room for is dropped, and seals no blocks for ever', async () => {
  const pool = createPool()
  const heard: PoolStatus[] = []
  await pool.submit(extrinsic('a', 0), 'External', (status) => heard.push(status))
  offered(pool)
  include(pool)
  await delivered()
  expect(heard.at(-1)).toEqual({ type: 'invalid', error: { code: 'exhausts_resources' } })
  expect(pool.hasReady()).toBe(false)
})

test('a full pool takes only what is better than its worst', async () => {
  const pool = createPool({ transactions: 8 })
  for (let index = 0; index < 8; index++)
    await pool.submit(extrinsic(`s${index}`, 0, 5 + index), 'External')
  expect(await pool.submit(extrinsic('x', 0, 5), 'External')).toEqual(err({ code: 'pool_full' }))
  expect((await pool.submit(extrinsic('y', 0, 6), 'External')).ok).toBe(true)
  expect(pool.size).toBe(8)
  expect(offered(pool)).not.toContain('s0:0:5')
  const heavy = createPool({ bytes: 20 })
  expect((await heavy.submit(extrinsic('a', 0, 1), 'External')).ok).toBe(true)
  expect(await heavy.submit(utf8(`b:0:1:${'x'.repeat(40)}`), 'External')).toEqual(
    err({ code: 'pool_full' }),
  )
})

test('one sender has a bound of its own', async () => {
  const pool = createPool({ perSender: 2 })
  await pool.submit(extrinsic('a', 0), 'External')
  await pool.submit(extrinsic('a', 1), 'External')
  expect(await pool.submit(extrinsic('a', 2), 'External')).toEqual(
    err({ code: 'sender_limit', limit: 2 }),
  )
  expect((await pool.submit(extrinsic('a', 1, 2), 'External')).ok).toBe(true)
})

test('whatever happens, only chains without gaps are offered and nothing is counted twice', async () => {
  const step = fc.oneof(
    { weight: 6, arbitrary: fc.tuple(fc.constant('submit'), fc.nat(2), fc.nat(4), fc.nat(3)) },
    { weight: 1, arbitrary: fc.tuple(fc.constant('block'), fc.nat(3), fc.nat(), fc.nat()) },
    { weight: 1, arbitrary: fc.tuple(fc.constant('refuse'), fc.nat(5), fc.nat(), fc.nat()) },
  )
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
      nonces.clear()
      const pool = createPool({ transactions: 12 })
      for (const [kind, a, b, c] of steps) {
        if (kind === 'submit') await pool.submit(extrinsic(`s${a}`, b, c), 'External')
        else {
          const all = [...pool.candidates()]
          const first = all[a]
          if (kind === 'refuse' && first) pool.onRefused(first, { code: 'payment' })
          if (kind === 'block') include(pool, ...all.slice(0, a + 1))
        }
        await checkConsistency(pool)
      }
    }),
    { numRuns: 300 },
  )
})

async function checkConsistency(pool: Pool): Promise<void> {
  const names = offered(pool)
  expect(new Set(names).size).toBe(names.length)
  expect(pool.hasReady()).toBe(names.length > 0)
  expect((await pool.pending()).map(bytesToHex)).toHaveLength(pool.size)
  const next = new Map(nonces)
  for (const name of names) {
    const [sender = '', nonce] = name.split(':')
    expect(Number(nonce)).toBe(next.get(sender) ?? 0)
    next.set(sender, Number(nonce) + 1)
  }
}

test('a listener hears nothing before its submission is answered, and nothing once it is unwatched', async () => {
  const pool = createPool()
  const heard: string[] = []
  const listener = ({ type }: PoolStatus): void => void heard.push(type)
  const submitting = pool.submit(extrinsic('a', 0), 'External', listener)
  const { ok: isTaken } = await submitting
  heard.push(isTaken ? 'taken' : 'refused')
  await delivered()
  expect(heard).toEqual(['taken', 'ready'])
  include(pool, extrinsic('a', 0))
  pool.unwatch(unwrap(await submitting), listener)
  await delivered()
  expect(heard).toEqual(['taken', 'ready'])
})

test('the next nonce is behind all that wait without a gap', async () => {
  const pool = createPool()
  const account = accountOf('a')
  for (const nonce of [3, 4, 6]) await pool.submit(extrinsic('a', nonce), 'External')
  expect(await pool.nextNonce(account, 3)).toBe(5)
  expect(await pool.nextNonce(account, 5)).toBe(5)
  expect(await pool.nextNonce(account, 6)).toBe(7)
  expect(await pool.status()).toMatchObject({ ready: 0, future: 3 })
})
