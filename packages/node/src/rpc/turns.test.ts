import { setImmediate as nextTurn } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { createTurns } from './turns.ts'

/** A clock that only jobs move. */
function createClock(): { now: () => number; work: (ms: number) => void } {
  let ms = 0
  return { now: () => ms, work: (taken) => void (ms += taken) }
}

test('a job that nobody waits for runs at once', async () => {
  const lane = createTurns().createLane()
  let ran = false
  const done = lane.run(() => {
    ran = true
    return 7
  })
  expect(ran).toBe(true)
  expect(await done).toBe(7)
})

test('lanes take turns, and timers come in between', async () => {
  const clock = createClock()
  const turns = createTurns(2, clock.now)
  const [greedy, modest] = [turns.createLane(), turns.createLane()]
  const order: string[] = []
  const jobs: Promise<void>[] = []
  const add = (lane: typeof greedy, name: string): void => {
    const job = lane.run(() => {
      order.push(name)
      clock.work(1)
    })
    jobs.push(job)
  }
  for (let index = 0; index < 6; index++) add(greedy, `g${index}`)
  for (let index = 0; index < 2; index++) add(modest, `m${index}`)
  expect(order).toEqual(['g0', 'g1'])
  expect([greedy.waiting, modest.waiting]).toEqual([4, 2])
  await nextTurn()
  expect(order).toEqual(['g0', 'g1', 'g2', 'm0'])
  await Promise.all(jobs)
  expect(order).toEqual(['g0', 'g1', 'g2', 'm0', 'g3', 'm1', 'g4', 'g5'])
})

test('a lane that is not ready waits until it is woken, in order', async () => {
  const turns = createTurns()
  let isReady = true
  const lane = turns.createLane(() => isReady)
  const order: number[] = []
  const add = (number: number): Promise<number> => lane.run(() => order.push(number))
  await add(0)
  isReady = false
  const jobs = [add(1), add(2)]
  await turns.createLane().run(() => order.push(9))
  await nextTurn()
  expect([order, lane.waiting]).toEqual([[0, 9], 2])
  isReady = true
  jobs.push(add(3))
  await Promise.all(jobs)
  expect(order).toEqual([0, 9, 1, 2, 3])
  isReady = false
  const last = add(4)
  await nextTurn()
  isReady = true
  lane.wake()
  await last
  expect(order).toEqual([0, 9, 1, 2, 3, 4])
})

test('what a job throws or rejects comes to whoever asked for it, and the next one runs', async () => {
  const clock = createClock()
  const lane = createTurns(1, clock.now).createLane()
  const thrown = lane.run(() => {
    clock.work(5)
    throw new Error('thrown')
  })
  const rejected = lane.run(() => Promise.reject(new Error('rejected')))
  const next = lane.run(() => 'next')
  await expect(thrown).rejects.toThrow('thrown')
  await expect(rejected).rejects.toThrow('rejected')
  expect(await next).toBe('next')
})
