import { bytesToHex, encode, err, ok, u32, utf8, type Result } from '@tacit/base'
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

function tag(sender: string, nonce: number): Uint8Array {
  return utf8(`${sender}:${nonce}`)
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

test('a gap makes the later ones wait, and filling it makes them ready in order', () => {
  const pool = createPool()
  const heard: string[] = []
  pool.submit(extrinsic('a', 2), 'External', ({ type }) => heard.push(type))
  pool.submit(extrinsic('a', 1), 'External')
  expect(pool.hasReady()).toBe(false)
  expect(heard).toEqual(['future'])
  pool.submit(extrinsic('a', 0), 'External')
  expect(heard).toEqual(['future', 'ready'])
  expect(offered(pool)).toEqual(['a:0:1', 'a:1:1', 'a:2:1'])
})

test('the highest priority comes first, but never before what it requires', () => {
  const pool = createPool()
  pool.submit(extrinsic('a', 0, 1), 'External')
  pool.submit(extrinsic('a', 1, 9), 'External')
  pool.submit(extrinsic('b', 0, 5), 'External')
  pool.submit(extrinsic('c', 0, 5), 'External')
  expect(offered(pool)).toEqual(['b:0:5', 'c:0:5', 'a:0:1', 'a:1:9'])
})

test('a higher priority takes the place, dependants stay ready', () => {
  const pool = createPool()
  const heard: PoolStatus[] = []
  const later: PoolStatus[] = []
  pool.submit(extrinsic('a', 0, 5), 'External', (status) => heard.push(status))
  pool.submit(extrinsic('a', 1, 5), 'External', (status) => later.push(status))
  expect(pool.submit(extrinsic('a', 0, 5), 'External')).toEqual(err({ code: 'already_imported' }))
  expect(pool.submit(extrinsic('a', 0, 4), 'External')).toEqual(
    err({ code: 'priority_too_low', old: 5n, new: 4n }),
  )
  const better = pool.submit(extrinsic('a', 0, 6), 'External')
  expect(better.ok && heard).toEqual([
    { type: 'ready' },
    { type: 'usurped', by: better.ok && better.value },
  ])
  expect(offered(pool)).toEqual(['a:0:6', 'a:1:5'])
  expect(pool.size).toBe(2)
})

test('a block takes out what it includes and tells where', () => {
  const pool = createPool()
  const heard: PoolStatus[] = []
  pool.submit(extrinsic('a', 0), 'External', (status) => heard.push(status))
  pool.submit(extrinsic('a', 1), 'External')
  offered(pool)
  include(pool, extrinsic('a', 0))
  expect(heard.at(-1)).toMatchObject({ type: 'inBlock', block: { number: 1 }, index: 0 })
  expect(offered(pool)).toEqual(['a:1:1'])
  include(pool, extrinsic('a', 1))
  expect([pool.size, pool.hasReady()]).toEqual([0, false])
})

test('what a block makes invalid is found when it is judged again, and is banned', () => {
  const pool = createPool()
  const heard: PoolStatus[] = []
  pool.submit(extrinsic('a', 0), 'External', (status) => heard.push(status))
  include(pool, extrinsic('a', 0, 7))
  expect(heard.at(-1)).toEqual({ type: 'invalid', error: { code: 'stale' } })
  expect(pool.submit(extrinsic('a', 0), 'External')).toEqual(err({ code: 'temporarily_banned' }))
  height += 64
  expect(pool.submit(extrinsic('a', 0), 'External')).toEqual(err({ code: 'stale' }))
})

test('a verdict that can change does not ban', () => {
  const pool = createPool()
  verdicts.set('a', { code: 'payment' })
  expect(pool.submit(extrinsic('a', 0), 'External')).toEqual(err({ code: 'payment' }))
  verdicts.clear()
  expect(pool.submit(extrinsic('a', 0), 'External').ok).toBe(true)
})

test('a refused candidate goes, its dependants wait again', () => {
  const pool = createPool()
  const later: string[] = []
  pool.submit(extrinsic('a', 0), 'External')
  pool.submit(extrinsic('a', 1), 'External', ({ type }) => later.push(type))
  pool.onRefused(extrinsic('a', 0), { code: 'payment' })
  expect([pool.size, pool.hasReady()]).toEqual([1, false])
  pool.onRefused(extrinsic('a', 1), { code: 'future' })
  expect(pool.size).toBe(1)
  pool.submit(extrinsic('a', 0, 2), 'External')
  expect(offered(pool)).toEqual(['a:0:2', 'a:1:1'])
})

test('what an empty block has no room for is dropped, and seals no blocks for ever', () => {
  const pool = createPool()
  const heard: PoolStatus[] = []
  pool.submit(extrinsic('a', 0), 'External', (status) => heard.push(status))
  offered(pool)
  include(pool)
  expect(heard.at(-1)).toEqual({ type: 'invalid', error: { code: 'exhausts_resources' } })
  expect(pool.hasReady()).toBe(false)
})

test('a full pool takes only what is better than its worst', () => {
  const pool = createPool({ transactions: 8 })
  for (let index = 0; index < 8; index++)
    pool.submit(extrinsic(`s${index}`, 0, 5 + index), 'External')
  expect(pool.submit(extrinsic('x', 0, 5), 'External')).toEqual(err({ code: 'pool_full' }))
  expect(pool.submit(extrinsic('y', 0, 6), 'External').ok).toBe(true)
  expect(pool.size).toBe(8)
  expect(offered(pool)).not.toContain('s0:0:5')
  const heavy = createPool({ bytes: 20 })
  expect(heavy.submit(extrinsic('a', 0, 1), 'External').ok).toBe(true)
  expect(heavy.submit(utf8(`b:0:1:${'x'.repeat(40)}`), 'External')).toEqual(
    err({ code: 'pool_full' }),
  )
})

test('one sender has a bound of its own', () => {
  const pool = createPool({ perSender: 2 })
  pool.submit(extrinsic('a', 0), 'External')
  pool.submit(extrinsic('a', 1), 'External')
  expect(pool.submit(extrinsic('a', 2), 'External')).toEqual(
    err({ code: 'sender_limit', limit: 2 }),
  )
  expect(pool.submit(extrinsic('a', 1, 2), 'External').ok).toBe(true)
})

test('whatever happens, only chains without gaps are offered and nothing is counted twice', () => {
  const step = fc.oneof(
    { weight: 6, arbitrary: fc.tuple(fc.constant('submit'), fc.nat(2), fc.nat(4), fc.nat(3)) },
    { weight: 1, arbitrary: fc.tuple(fc.constant('block'), fc.nat(3), fc.nat(), fc.nat()) },
    { weight: 1, arbitrary: fc.tuple(fc.constant('refuse'), fc.nat(5), fc.nat(), fc.nat()) },
  )
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      nonces.clear()
      const pool = createPool({ transactions: 12 })
      for (const [kind, a, b, c] of steps) {
        if (kind === 'submit') pool.submit(extrinsic(`s${a}`, b, c), 'External')
        else {
          const all = [...pool.candidates()]
          const first = all[a]
          if (kind === 'refuse' && first) pool.onRefused(first, { code: 'payment' })
          if (kind === 'block') include(pool, ...all.slice(0, a + 1))
        }
        checkConsistency(pool)
      }
    }),
    { numRuns: 300 },
  )
})

function checkConsistency(pool: Pool): void {
  const names = offered(pool)
  expect(new Set(names).size).toBe(names.length)
  expect(pool.hasReady()).toBe(names.length > 0)
  expect(pool.pending().map(bytesToHex)).toHaveLength(pool.size)
  const next = new Map(nonces)
  for (const name of names) {
    const [sender = '', nonce] = name.split(':')
    expect(Number(nonce)).toBe(next.get(sender) ?? 0)
    next.set(sender, Number(nonce) + 1)
  }
}
