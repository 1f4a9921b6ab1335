import { bytesToHex } from '@tacit/base'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { held } from '../balances/ops.ts'
import { createGpuWorld, gpuReporter, GPUS } from '../testing/nvidia.ts'
import {
  codeOf,
  createEnclave,
  devPlatform,
  filled,
  OPERATOR,
  type World,
} from '../testing/world.ts'
import { workersStorage } from './types.ts'

const REASON = { type: 'Workers', value: { type: 'Registration' } } as const
const PLATFORMS = [1, 2].map((byte) =>
  devPlatform().attack({ machine: { ppid: filled(byte, 16) } }),
)
const DEVICES = [0, 1, 2].map((slot) => GPUS.launch({ slot }))

type Step =
  | {
      readonly type: 'register'
      readonly slot: number
      readonly key: number
      readonly platform: number
      readonly gpus: readonly number[]
    }
  | { readonly type: 'deregister'; readonly slot: number }
  | { readonly type: 'pass'; readonly hours: number }
  | { readonly type: 'revoke' | 'unrevoke'; readonly device: number }

const slot = fc.nat({ max: 2 })
const device = fc.nat({ max: 2 })
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      type: fc.constant('register' as const),
      slot,
      key: fc.nat({ max: 4 }),
      platform: fc.nat({ max: 1 }),
      gpus: fc.uniqueArray(device, { maxLength: 2 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('deregister' as const), slot }) },
  {
    weight: 2,
    arbitrary: fc.record({ type: fc.constant('pass' as const), hours: fc.nat({ max: 14 }) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ type: fc.constantFrom('revoke' as const, 'unrevoke' as const), device }),
  },
)

/** What became of it does not matter: refused or not, the books are right. */
function take(world: World, next: Step): string {
  if (next.type === 'pass') {
    world.pass(3_600 * next.hours)
    world.nextBlock()
    return 'ok'
  }
  if (next.type === 'deregister') {
    return codeOf(world.signed(OPERATOR, 'Workers', 'deregister', { slot: next.slot }))
  }
  if (next.type === 'register') {
    const devices = next.gpus.flatMap((at) => DEVICES[at] ?? [])
    const platform = PLATFORMS[next.platform]
    const args = createEnclave('Contracts', 60 + next.key).registration(world, {
      slot: next.slot,
      ...(platform ? { platform } : {}),
      ...(devices.length > 0 ? { gpus: gpuReporter(devices) } : {}),
    })
    return codeOf(world.signed(OPERATOR, 'Workers', 'register', args))
  }
  const [holder] = workersStorage.GpuHolders.entries(world.state)
  const [platform] = holder?.keys ?? [filled(next.device)]
  const args = next.type === 'revoke' ? { platform, reason: '' } : { platform }
  const outcome = world.dispatch({ type: 'Root' }, 'Attestation', `${next.type}_platform`, args)
  world.nextBlock()
  return codeOf(outcome)
}

function expectExact({ state }: World): void {
  const instances = workersStorage.Instances.entries(state)
  const counts = new Map<string, number>()
  const holders = new Map<string, string>()
  let deposits = 0n
  for (const { keys, value } of instances) {
    const key = bytesToHex(keys[0])
    const platform = bytesToHex(value.verdict.platform)
    counts.set(platform, (counts.get(platform) ?? 0) + 1)
    for (const gpu of value.verdict.gpus) holders.set(bytesToHex(gpu.platform), key)
    expect(workersStorage.Slots.get(state, value.slot)).toEqual(keys[0])
    deposits += value.deposit
  }
  const stored = workersStorage.OnPlatform.entries(state)
  expect(new Map(stored.map(({ keys, value }) => [bytesToHex(keys[0]), value]))).toEqual(counts)
  const holding = workersStorage.GpuHolders.entries(state)
  expect(
    new Map(holding.map(({ keys, value }) => [bytesToHex(keys[0]), bytesToHex(value)])),
  ).toEqual(holders)
  expect(workersStorage.Slots.entries(state)).toHaveLength(instances.length)
  expect(held(state, REASON, OPERATOR)).toBe(deposits)
}

test('counts, holders and deposits are exact, whatever way instances come and go', () => {
  const seen = new Set<string>()
  fc.assert(
    fc.property(fc.array(step, { minLength: 4, maxLength: 14 }), (steps) => {
      const world = createGpuWorld()
      for (const next of steps) {
        seen.add(`${next.type} ${take(world, next)}`)
        expectExact(world)
        world.nextBlock()
        expectExact(world)
      }
    }),
    { numRuns: 25 },
  )
  expect([...seen]).toEqual(expect.arrayContaining(['register ok', 'deregister ok', 'revoke ok']))
  expect([...seen]).toContain('register Workers.DeviceInUse')
})
