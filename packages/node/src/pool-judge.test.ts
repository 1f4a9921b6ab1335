import { ok, unwrap, type Hash } from '@tacit/base'
import type { Judge } from '@tacit/runtime/runtime'
import { createMemoryStore, createOverlay } from '@tacit/state'
import { native } from '@tacit/crypto/native'
import { expect, test, vi } from 'vitest'
import { createHost } from './executor.ts'
import { createPoolJudge, type PoolJudge } from './pool-judge.ts'
import type { Metadata } from './storage/records.ts'

const VALID = { priority: 1n, requires: [], provides: [], longevity: 1n, propagate: true }
const BYTES = new Uint8Array(4)

/** Opens count; each judge has a number of its own as its priority. */
function setUp(): { judge: PoolJudge; opened: () => number; goOn: () => void } {
  let bestNumber = 7
  const metadata = (): Metadata =>
    ({ bestNumber, bestHash: new Uint8Array(32) as Hash }) as Partial<Metadata> as Metadata
  const values = createMemoryStore()
  const openJudge = vi.fn((): Judge => {
    const priority = BigInt(openJudge.mock.calls.length)
    return () => ok({ ...VALID, priority })
  })
  const judge = createPoolJudge({
    runtime: { openJudge },
    store: {
      get metadata() {
        return metadata()
      },
      stateAt: () => ok({ values, nodes: values }),
    },
    executor: {
      hostOn: () =>
        createHost(createOverlay(values), { crypto: native, verify: () => true, log: () => {} }),
    },
  })
  return { judge, opened: () => openJudge.mock.calls.length, goOn: () => void bestNumber++ }
}

const priorityOf = (judge: PoolJudge): bigint => unwrap(judge.check(BYTES, 'Local')).priority

test('judges on one view until the chain goes on', () => {
  const { judge, opened, goOn } = setUp()
  expect([priorityOf(judge), priorityOf(judge), opened()]).toEqual([1n, 1n, 1])
  goOn()
  expect([priorityOf(judge), priorityOf(judge), opened()]).toEqual([2n, 2n, 2])
})

test('opens another view when it is told that the store is written to', () => {
  const { judge } = setUp()
  expect(priorityOf(judge)).toBe(1n)
  judge.close()
  expect(priorityOf(judge)).toBe(2n)
})

test('holds what a bounded number of extrinsics had read', () => {
  const { judge, opened } = setUp()
  for (let count = 0; count < 4_096; count++) priorityOf(judge)
  expect(opened()).toBe(1)
  priorityOf(judge)
  expect(opened()).toBe(2)
})
