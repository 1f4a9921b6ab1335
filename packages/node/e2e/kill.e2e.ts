import { expect, test } from 'vitest'
import { runKillSoak } from '../src/testing/kill-soak.ts'

const KILLS = 20
const SEED = Date.now() % 1_000_000

test(
  `no justified block is lost by ${KILLS} kills under load (seed ${SEED})`,
  async () => {
    const { justified, replayed } = await runKillSoak({ kills: KILLS, seed: SEED })
    expect(justified).toBeGreaterThan(0)
    expect(replayed).toBeGreaterThanOrEqual(justified)
  },
  60_000 + KILLS * 5_000,
)

test(`a node that is told to stop under load ends in good order and loses nothing (seed ${SEED})`, async () => {
  const { justified, replayed } = await runKillSoak({ kills: 6, seed: SEED, signal: 'SIGTERM' })
  expect(justified).toBeGreaterThan(0)
  expect(replayed).toBeGreaterThanOrEqual(justified)
}, 90_000)
