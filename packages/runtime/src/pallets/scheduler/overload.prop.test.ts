import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { systemStorage } from '../system/types.ts'
import { callScheduler, loadedChain, nextBlock, work } from './testing/load.ts'
import { MAXIMUM_WEIGHT, schedulerStorage } from './types.ts'

const task = fc.record({
  when: fc.integer({ min: 1, max: 4 }),
  priority: fc.integer({ min: 0, max: 3 }),
  /** Parts of what a block has for tasks, in percent; no block has room for more than 99. */
  percent: fc.constantFrom(0, 1, 10, 30, 60, 90, 101),
  long: fc.boolean(),
})
/** Timestamp and consensus are mandatory too. */
const INHERENTS = MAXIMUM_WEIGHT.refTime / 5n

test('under any load each block is bounded, no task is lost or done twice, and order is kept', () => {
  fc.assert(
    fc.property(fc.array(task, { minLength: 1, maxLength: 30 }), (tasks) => {
      const chain = loadedChain()
      for (const [id, { when, priority, percent, long }] of tasks.entries()) {
        const refTime = (MAXIMUM_WEIGHT.refTime * BigInt(percent)) / 100n
        const call = work(id, { refTime, padding: new Uint8Array(long ? 300 : 0) })
        const value = { when, maybe_periodic: undefined, priority, call }
        expect(callScheduler(chain, 'schedule', value)).toMatchObject({ ok: true })
      }
      const ran: { id: number; block: number }[] = []
      let givenUp = 0
      for (let block = 1; block <= 5 || ran.length + givenUp < tasks.length; block++) {
        const events = nextBlock(chain)
        givenUp += events.filter(([code]) => code === 'Scheduler.PermanentlyOverweight').length
        for (const [code, value] of events)
          if (code === 'Load.Worked') ran.push({ id: (value as { id: number }).id, block })
        const { mandatory } = systemStorage.BlockWeight.get(chain.state)
        expect(mandatory.refTime).toBeLessThan(MAXIMUM_WEIGHT.refTime + INHERENTS)
        expect(block).toBeLessThan(60)
      }
      expect(new Set(ran.map(({ id }) => id)).size).toBe(ran.length)
      expect(givenUp).toBe(tasks.filter(({ percent }) => percent > 100).length)
      for (const { id, block } of ran) expect(block).toBeGreaterThanOrEqual(tasks[id]?.when ?? 99)
      for (const block of new Set(ran.map((one) => one.block))) {
        const order = ran.filter((one) => one.block === block).map(({ id }) => tasks[id])
        const keys = order.map((one) => (one ? one.when * 10 + one.priority : 0))
        expect(keys).toEqual(keys.toSorted((a, b) => a - b))
      }
      expect(schedulerStorage.Agenda.entries(chain.state)).toEqual([])
      expect(schedulerStorage.IncompleteSince.get(chain.state)).toBe(chain.head().number + 1)
    }),
    { numRuns: 25 },
  )
})
