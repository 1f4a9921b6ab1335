import type { Hash } from '@tacit/base'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createChain, type BlockNotice, type PublishingChain } from '../chain.ts'
import { createFinalityFeed, FINALITY_NOTICE_MS, type FinalityFeed } from './finality-feed.ts'

const hash = new Uint8Array(32) as Hash
let chain: PublishingChain<BlockNotice>
let feed: FinalityFeed
beforeEach(() => {
  vi.useFakeTimers()
  const head = { number: 0, hash }
  chain = createChain({ genesisHash: hash, head, justified: head })
  feed = createFinalityFeed(chain)
})
afterEach(() => void vi.useRealTimers())

function publish(number: number): void {
  const roots = { parentHash: hash, stateRoot: hash, extrinsicsRoot: hash }
  chain.publish({ number, hash, header: { ...roots, number, digest: { logs: [] } } })
}

test('a block is told to be final a moment behind its own notice', () => {
  const finals: number[] = []
  feed.onFinalized(({ number }) => void finals.push(number))
  publish(1)
  publish(2)
  vi.advanceTimersByTime(FINALITY_NOTICE_MS - 1)
  expect([finals, feed.finalized.number]).toEqual([[], 0])
  vi.advanceTimersByTime(1)
  expect([finals, feed.finalized.number]).toEqual([[1, 2], 2])
  feed.stop()
  publish(3)
  vi.advanceTimersByTime(1_000)
  expect(finals).toEqual([1, 2])
})

test('who waits for a block hears once, and also if it was final before', () => {
  const said: string[] = []
  feed.whenFinal(1, () => said.push('before'))
  const cancel = feed.whenFinal(1, () => said.push('cancelled'))
  publish(1)
  publish(2)
  cancel()
  vi.advanceTimersByTime(FINALITY_NOTICE_MS)
  expect(said).toEqual(['before'])
  feed.whenFinal(1, () => said.push('behind'))
  const late = feed.whenFinal(1, () => said.push('cancelled'))
  expect(said).toEqual(['before'])
  late()
  vi.advanceTimersByTime(FINALITY_NOTICE_MS)
  expect(said).toEqual(['before', 'behind'])
})
