import { err, unwrap, type Result } from '@tacit/base'
import { expect, test } from 'vitest'
import { createToyChain, delivered, toyAccount, toyExtrinsic } from '../testing/toy-chain.ts'
import type { PoolStatus } from './transaction.ts'

/** Listens to an extrinsic of a toy chain. */
function hear(): { heard: PoolStatus[]; listener: (status: PoolStatus) => void } {
  const heard: PoolStatus[] = []
  return { heard, listener: (status) => void heard.push(status) }
}

const refusal = (code: string, more: object = {}): Result<never, unknown> => err({ code, ...more })

test('a gap makes the later ones wait, and filling it makes them ready in order', async () => {
  const { pool, submit, offered } = createToyChain()
  const { heard, listener } = hear()
  await pool.submit(toyExtrinsic('a', 2), 'External', listener)
  await submit('a', 1)
  expect(pool.hasReady()).toBe(false)
  await delivered()
  expect(heard).toEqual([{ type: 'future' }])
  await submit('a', 0)
  await delivered()
  expect(heard).toEqual([{ type: 'future' }, { type: 'ready' }])
  expect(offered()).toEqual(['a:0:1', 'a:1:1', 'a:2:1'])
})

test('the highest priority comes first, but never before what it requires', async () => {
  const { submit, offered } = createToyChain()
  await submit('a', 0, 1)
  await submit('a', 1, 9)
  await submit('b', 0, 5)
  await submit('c', 0, 5)
  expect(offered()).toEqual(['b:0:5', 'c:0:5', 'a:0:1', 'a:1:9'])
})

test('who takes a place needs a strictly higher priority; dependants do not notice', async () => {
  const { pool, submit, offered } = createToyChain()
  const first = hear()
  const later = hear()
  await pool.submit(toyExtrinsic('a', 0, 5), 'External', first.listener)
  await pool.submit(toyExtrinsic('a', 1, 5), 'External', later.listener)
  expect(await submit('a', 0, 5)).toEqual(refusal('already_imported'))
  expect(await submit('a', 0, '5:x')).toEqual(refusal('priority_too_low', { old: 5n, new: 5n }))
  expect(await submit('a', 0, 4)).toEqual(refusal('priority_too_low', { old: 5n, new: 4n }))
  const by = unwrap(await submit('a', 0, 6))
  await delivered()
  expect(first.heard).toEqual([{ type: 'ready' }, { type: 'usurped', by }])
  expect(later.heard).toEqual([{ type: 'ready' }])
  expect(offered()).toEqual(['a:0:6', 'a:1:5'])
  expect(pool.size).toBe(2)
})

test('nobody takes the place of what a block under way took, until it is here or another begins', async () => {
  const { pool, submit, offered, include, begin } = createToyChain()
  const { heard, listener } = hear()
  await pool.submit(toyExtrinsic('a', 0), 'External', listener)
  await submit('a', 1)
  await submit('b', 0, 5)
  const inTurn = pool.candidates()
  for (const answer of [undefined, false, true, true]) inTurn.next(answer)
  expect(await submit('a', 0, 9)).toEqual(refusal('stale'))
  expect((await submit('b', 0, 9)).ok).toBe(true)
  include(toyExtrinsic('a', 0), toyExtrinsic('a', 1))
  await delivered()
  expect(heard.map(({ type }) => type)).toEqual(['ready', 'inBlock'])
  expect(offered()).toEqual(['b:0:9'])
  begin(1)
  expect(await submit('b', 0, 12)).toEqual(refusal('stale'))
  begin(0)
  expect((await submit('b', 0, 12)).ok).toBe(true)
  begin(1)
  include()
  expect((await submit('b', 0, 13)).ok).toBe(true)
})

test('what a block under way took makes room for nobody', async () => {
  const { pool, submit, include, begin, offered } = createToyChain({ ready: { transactions: 2 } })
  const { heard, listener } = hear()
  await pool.submit(toyExtrinsic('a', 0, 1), 'External', listener)
  await submit('a', 1, 5)
  begin(1)
  expect(await submit('b', 0, 5)).toEqual(refusal('pool_full'))
  expect((await submit('b', 0, 6)).ok).toBe(true)
  await submit('c', 1, 9)
  await submit('c', 0, 3)
  include(toyExtrinsic('a', 0, 1))
  await delivered()
  expect(heard.map(({ type }) => type)).toEqual(['ready', 'inBlock'])
  await submit('d', 0, 9)
  begin(1)
  begin(0)
  expect((await submit('e', 0, 10)).ok).toBe(true)
  expect(offered()).toEqual(['e:0:10', 'd:0:9'])
})

test('a block that comes while a signature is checked is made up for without judging again', async () => {
  const { submit, include, offered, verdicts } = createToyChain()
  await submit('a', 0)
  await submit('b', 0)
  const [next, late, unmoved] = [submit('a', 1), submit('b', 0, 9), submit('c', 0)]
  verdicts.set('a', { code: 'payment' })
  include(toyExtrinsic('a', 0), toyExtrinsic('b', 0))
  expect((await next).ok).toBe(true)
  expect(await late).toEqual(refusal('stale'))
  expect(await submit('b', 0, 9)).toEqual(refusal('temporarily_banned'))
  expect((await unmoved).ok).toBe(true)
  expect(offered()).toEqual(['a:1:1', 'c:0:1'])
})

test('it is judged again where that block has extrinsics of others', async () => {
  const { submit, include, verdicts } = createToyChain()
  const [next, late, poor] = [submit('a', 1), submit('b', 0), submit('c', 0)]
  verdicts.set('c', { code: 'payment' })
  include(toyExtrinsic('a', 0), toyExtrinsic('b', 0, 2))
  expect((await next).ok).toBe(true)
  expect(await late).toEqual(refusal('stale'))
  expect(await poor).toEqual(refusal('payment'))
  const other = submit('d', 0)
  verdicts.set('d', { code: 'payment' })
  // Inherents are nobody's.
  include(toyExtrinsic('u', 0))
  expect((await other).ok).toBe(true)
})

test('what waits again is in no block under way any more', async () => {
  const { pool, submit, begin } = createToyChain({ ready: { transactions: 2 } })
  await submit('a', 0)
  await submit('a', 1)
  begin(2)
  pool.onRefused(toyExtrinsic('a', 0), { code: 'payment' })
  begin(0)
  for (const sender of ['b', 'c']) await submit(sender, 0, 9)
  expect(await submit('d', 0, 5)).toEqual(refusal('pool_full'))
  expect(await pool.status()).toMatchObject({ ready: 2, future: 1 })
})

test('a block takes out what it includes and tells where', async () => {
  const { pool, submit, offered, include } = createToyChain()
  const { heard, listener } = hear()
  await pool.submit(toyExtrinsic('a', 0), 'External', listener)
  await submit('a', 1)
  include(toyExtrinsic('a', 0))
  await delivered()
  expect(heard.at(-1)).toMatchObject({ type: 'inBlock', block: { number: 1 }, index: 0 })
  expect(offered()).toEqual(['a:1:1'])
  include(toyExtrinsic('a', 1))
  expect([pool.size, pool.hasReady()]).toEqual([0, false])
})

test('what a block makes invalid is found when it is judged again, and is banned for 64 blocks', async () => {
  const chain = createToyChain()
  const { heard, listener } = hear()
  await chain.pool.submit(toyExtrinsic('a', 0), 'External', listener)
  chain.include(toyExtrinsic('a', 0, 7))
  await delivered()
  expect(heard.at(-1)).toEqual({ type: 'invalid', error: { code: 'stale' } })
  expect(await chain.submit('a', 0)).toEqual(refusal('temporarily_banned'))
  chain.height += 63
  expect(await chain.submit('a', 0)).toEqual(refusal('temporarily_banned'))
  chain.height += 1
  expect(await chain.submit('a', 0)).toEqual(refusal('stale'))
})

test('a verdict that can change does not ban', async () => {
  const { submit, verdicts } = createToyChain()
  verdicts.set('a', { code: 'payment' })
  expect(await submit('a', 0)).toEqual(refusal('payment'))
  verdicts.clear()
  expect((await submit('a', 0)).ok).toBe(true)
})

test('64 are judged again behind each block, those judged longest ago first', async () => {
  const { pool, submit, verdicts, include } = createToyChain()
  for (let at = 0; at < 80; at++) await submit(`s${at}`, 0)
  verdicts.set('s63', { code: 'payment' })
  verdicts.set('s64', { code: 'payment' })
  include()
  expect(pool.size).toBe(79)
  include()
  expect(pool.size).toBe(78)
})

test('what one is worth, and what it requires, is seen anew when it is judged again', async () => {
  const chain = createToyChain()
  await chain.submit('a', 0, 5)
  await chain.submit('b', 0, 4)
  await chain.submit('c', 1, 9)
  chain.priorities.set('b', 6n)
  chain.nonces.set('c', 1)
  chain.include()
  expect(chain.offered()).toEqual(['c:1:9', 'b:0:4', 'a:0:5'])
})

test('a refused candidate goes, its dependants wait again', async () => {
  const { pool, submit, offered } = createToyChain()
  const later = hear()
  await submit('a', 0)
  await pool.submit(toyExtrinsic('a', 1), 'External', later.listener)
  pool.onRefused(toyExtrinsic('a', 0), { code: 'payment' })
  expect([pool.size, pool.hasReady()]).toEqual([1, false])
  pool.onRefused(toyExtrinsic('a', 1), { code: 'future' })
  expect(pool.size).toBe(1)
  await submit('a', 0, 2)
  await delivered()
  expect(later.heard.map(({ type }) => type)).toEqual(['ready', 'future', 'ready'])
  expect(offered()).toEqual(['a:0:2', 'a:1:1'])
})

test('nothing is offered whose provider the block left out', async () => {
  const { pool, submit } = createToyChain()
  for (const nonce of [0, 1, 2]) await submit('a', nonce, 9)
  await submit('b', 0, 1)
  const inTurn = pool.candidates()
  const names = [inTurn.next(), inTurn.next(true), inTurn.next(false), inTurn.next(true)]
  expect(names.map(({ value }) => value && new TextDecoder().decode(value))).toEqual([
    'a:0:9',
    'a:1:9',
    'b:0:1',
    undefined,
  ])
})

test('what an empty block has no room for is dropped, and seals no blocks for ever', async () => {
  const { pool, submit, include } = createToyChain()
  const { heard, listener } = hear()
  await pool.submit(toyExtrinsic('a', 0, 2), 'External', listener)
  await submit('b', 0, 1)
  const inTurn = pool.candidates()
  inTurn.next()
  // The first has no room; the second was offered and nobody tried it.
  inTurn.next(false)
  inTurn.return()
  include()
  await delivered()
  expect(heard.at(-1)).toEqual({ type: 'invalid', error: { code: 'exhausts_resources' } })
  expect(pool.size).toBe(1)
})

test('what only a full block had no room for stays', async () => {
  const { pool, submit, include } = createToyChain()
  await submit('a', 0, 2)
  await submit('b', 0, 1)
  const inTurn = pool.candidates()
  inTurn.next()
  inTurn.next(false)
  inTurn.next(true)
  include(toyExtrinsic('b', 0, 1))
  expect(pool.size).toBe(1)
})

test('a full pool takes only what is better than its worst', async () => {
  const { pool, submit, offered } = createToyChain({ ready: { transactions: 8 } })
  for (let at = 0; at < 8; at++) await submit(`s${at}`, 0, 5 + at)
  expect(await submit('x', 0, 5)).toEqual(refusal('pool_full'))
  expect((await submit('y', 0, 6)).ok).toBe(true)
  expect(pool.size).toBe(8)
  expect(offered()).not.toContain('s0:0:5')
})

test('bytes are bounded: who needs more room than the worse ones give is refused, and none goes', async () => {
  const { pool, submit } = createToyChain({ ready: { bytes: 30 } })
  for (const sender of ['a', 'b', 'c']) await submit(sender, 0, sender === 'c' ? 9 : 1)
  expect(await submit('d', 0, `5:${'x'.repeat(20)}`)).toEqual(refusal('pool_full'))
  expect(pool.size).toBe(3)
  expect((await submit('d', 0, `5:${'x'.repeat(10)}`)).ok).toBe(true)
  expect((await pool.status()).bytes).toBe(26)
})

test('room is not made of the own extrinsics, on which one may depend', async () => {
  const { submit } = createToyChain({ ready: { transactions: 2 } })
  await submit('a', 0, 1)
  await submit('a', 1, 1)
  expect(await submit('a', 2, 9)).toEqual(refusal('pool_full'))
})

test('one sender has a bound of its own, and so have all unsigned ones together', async () => {
  const { submit } = createToyChain({ ready: { perSender: 2 } })
  for (const sender of ['a', 'u1', 'u2']) await submit(sender, 0)
  await submit('a', 1)
  expect(await submit('a', 2)).toEqual(refusal('sender_limit', { limit: 2 }))
  expect(await submit('u3', 0)).toEqual(refusal('sender_limit', { limit: 2 }))
  expect((await submit('a', 1, 2)).ok).toBe(true)
})

test('future ones have bounds of their own and never take the place of ready ones', async () => {
  const chain = createToyChain({
    ready: { transactions: 3 },
    future: { transactions: 3, perSender: 2 },
  })
  for (const sender of ['a', 'b', 'c']) await chain.submit(sender, 0)
  await chain.submit('d', 2, 9)
  await chain.submit('d', 3, 9)
  expect(await chain.submit('d', 4, 9)).toEqual(refusal('sender_limit', { limit: 2 }))
  await chain.submit('e', 5, 2)
  expect(await chain.submit('f', 5, 2)).toEqual(refusal('pool_full'))
  expect((await chain.submit('f', 5, 3)).ok).toBe(true)
  expect(await chain.pool.status()).toMatchObject({ ready: 3, future: 3 })
  expect(chain.offered()).toHaveLength(3)
})

test('who becomes ready takes a place by priority; who waits again does so too', async () => {
  const chain = createToyChain({ ready: { transactions: 3 }, future: { transactions: 2 } })
  await chain.submit('a', 0, 5)
  await chain.submit('b', 1, 1)
  await chain.submit('b', 2, 9)
  await chain.submit('b', 0, 9)
  // Four would be ready: the lowest goes, and what depends on it waits.
  expect(chain.offered()).toEqual(['b:0:9', 'a:0:5'])
  expect(await chain.pool.status()).toMatchObject({ ready: 2, future: 1 })
  expect(chain.pool.counters.left).toEqual({ dropped: 1 })
})

test('a mortal one dies at its block, each one behind as many blocks as it may stay', async () => {
  const chain = createToyChain({ stayBlocks: 5 })
  const mortal = hear()
  const immortal = hear()
  chain.longevities.set('m', 3n)
  await chain.pool.submit(toyExtrinsic('m', 1), 'External', mortal.listener)
  await chain.pool.submit(toyExtrinsic('i', 1), 'External', immortal.listener)
  for (const blocks of [2, 3, 4, 5]) {
    chain.include()
    if (blocks < 4) expect([blocks, chain.pool.size]).toEqual([blocks, 2])
  }
  await delivered()
  expect(mortal.heard.at(-1)).toEqual({ type: 'invalid', error: { code: 'ancient_birth_block' } })
  expect(chain.pool.size).toBe(1)
  chain.include()
  await delivered()
  expect(immortal.heard.at(-1)).toEqual({ type: 'dropped' })
})

test('what has no tags is not taken', async () => {
  const { submit } = createToyChain()
  expect(await submit('untagged', 0)).toEqual(refusal('no_tags'))
})

test('a listener hears nothing before its submission is answered, and nothing once it is unwatched', async () => {
  const { pool, include } = createToyChain()
  const { heard, listener } = hear()
  const submitting = pool.submit(toyExtrinsic('a', 0), 'External', listener)
  const hash = unwrap(await submitting)
  expect(heard).toEqual([])
  await delivered()
  expect(heard).toEqual([{ type: 'ready' }])
  include(toyExtrinsic('a', 0))
  pool.unwatch(hash, listener)
  await delivered()
  expect(heard).toEqual([{ type: 'ready' }])
})

test('the next nonce is behind all that wait without a gap', async () => {
  const { pool, submit } = createToyChain()
  for (const nonce of [3, 4, 6]) await submit('a', nonce)
  const account = toyAccount('a')
  expect(await pool.nextNonce(account, 3)).toBe(5)
  expect(await pool.nextNonce(account, 5)).toBe(5)
  expect(await pool.nextNonce(account, 6)).toBe(7)
  expect(await pool.status()).toMatchObject({ ready: 0, future: 3 })
})

test('counters tell what came, what was refused and what left', async () => {
  const { pool, submit, include } = createToyChain()
  await submit('a', 0)
  await submit('a', 0)
  await submit('a', 0, '2:bad')
  include(toyExtrinsic('a', 0))
  expect(pool.counters).toEqual({
    submitted: 3,
    accepted: 1,
    refused: { already_imported: 1, bad_proof: 1 },
    left: { inBlock: 1 },
    signatures: { onThreads: 0, onCaller: 2, waiting: 0, threads: 0, faults: 0 },
  })
})
