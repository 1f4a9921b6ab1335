import { unwrap, type Hash } from '@tacit/base'
import { describe, expect, it } from 'vitest'
import {
  codeOf,
  createAttestedWorld,
  createEnclave,
  devPlatform,
  filled,
  OPERATOR,
  register,
  submit,
  type World,
} from '../testing/world.ts'
import { addInstance, dropInstance } from './instances.ts'
import type { Instance } from './records.ts'
import { MAX_INSTANCES_PER_PLATFORM, workersStorage } from './types.ts'

const enclaves = Array.from({ length: MAX_INSTANCES_PER_PLATFORM + 1 }, (_, at) =>
  createEnclave('Contracts', 50 + at),
)

/** How many instances are counted on the platforms, and how many there are. */
function counts(world: World): readonly [counted: readonly number[], there: number] {
  const counted = workersStorage.OnPlatform.entries(world.state).map(({ value }) => value)
  return [counted, workersStorage.Instances.entries(world.state).length]
}

function fill(world: World): void {
  const [, ...most] = enclaves
  for (const [slot, enclave] of most.entries()) register(world, enclave, { slot })
}

describe('a processor', () => {
  const [last] = enclaves

  it('runs so many instances and no more, in whatever slot', () => {
    const world = createAttestedWorld()
    fill(world)
    expect(counts(world)).toEqual([[MAX_INSTANCES_PER_PLATFORM], MAX_INSTANCES_PER_PLATFORM])
    const args = last?.registration(world, { slot: 99 })
    expect(codeOf(world.signed(OPERATOR, 'Workers', 'register', args))).toBe('Workers.PlatformFull')
    expect(counts(world)).toEqual([[MAX_INSTANCES_PER_PLATFORM], MAX_INSTANCES_PER_PLATFORM])
  })

  it('that is full lets its instances renew and be superseded', () => {
    const world = createAttestedWorld()
    fill(world)
    world.nextBlock()
    const [, second] = enclaves
    if (!last || !second) throw new Error('no enclaves')
    register(world, second, { slot: 0 })
    expect(counts(world)).toEqual([[MAX_INSTANCES_PER_PLATFORM], MAX_INSTANCES_PER_PLATFORM])
    register(world, last, { slot: 0 })
    expect(counts(world)).toEqual([[MAX_INSTANCES_PER_PLATFORM], MAX_INSTANCES_PER_PLATFORM])
  })

  it('has room again once an instance leaves, by any way', () => {
    const world = createAttestedWorld()
    fill(world)
    unwrap(world.signed(OPERATOR, 'Workers', 'deregister', { slot: 3 }))
    expect(counts(world)).toEqual([
      [MAX_INSTANCES_PER_PLATFORM - 1],
      MAX_INSTANCES_PER_PLATFORM - 1,
    ])
    world.pass(86_400)
    world.nextBlock()
    expect(counts(world)).toEqual([[], 0])
  })

  it('is counted apart from others, also when a slot moves between them', () => {
    const world = createAttestedWorld()
    const platform = devPlatform().attack({ machine: { ppid: filled(5, 16) } })
    submit(world, platform.collateral({ tee: 'sgx' }))
    const [first, second, third] = enclaves
    if (!first || !second || !third) throw new Error('no enclaves')
    register(world, first, { slot: 0 })
    register(world, second, { slot: 1, platform })
    expect(counts(world)).toEqual([[1, 1], 2])
    register(world, third, { slot: 0, platform })
    expect(counts(world)).toEqual([[2], 2])
  })
})

describe('a device', () => {
  const [first, second] = [filled(1), filled(2)]
  const gpu = {
    platform: filled(0x6e) as Hash,
    kind: { type: 'Gpu' },
    model: 'GH100 A01 GSP BROM',
    driverVersion: undefined,
    vbiosVersion: undefined,
    driverRim: undefined,
    vbiosRim: undefined,
    isRevocationKnown: false,
  } as const
  const other = { ...gpu, platform: filled(0x6f) as Hash }

  function twoInstances(): { world: World; one: Instance; two: Instance } {
    const world = createAttestedWorld()
    for (const [slot, enclave] of enclaves.slice(0, 2).entries()) register(world, enclave, { slot })
    const found = workersStorage.Instances.entries(world.state)
    const [one, two] = found.map(({ value }) => value)
    if (!one || !two) throw new Error('no instances')
    return { world, one, two }
  }

  function withGpus(instance: Instance, gpus: Instance['verdict']['gpus']): Instance {
    return { ...instance, deposit: 0n, verdict: { ...instance.verdict, gpus } }
  }

  it('is in one instance only, and free once that leaves', () => {
    const { world, one, two } = twoInstances()
    const ctx = { ...world, host: { verify: () => true, log: () => {} }, deposit: () => {} }
    const holder = withGpus(one, [gpu, other])
    expect(addInstance(ctx, first, holder).ok).toBe(true)
    const wanting = withGpus(two, [other])
    expect(codeOf(addInstance(ctx, second, wanting))).toBe('Workers.DeviceInUse')
    dropInstance(ctx, first, holder)
    expect(workersStorage.GpuHolders.entries(world.state)).toEqual([])
    expect(addInstance(ctx, second, wanting).ok).toBe(true)
    expect(workersStorage.GpuHolders.get(world.state, other.platform)).toEqual(second)
  })

  it('counts once in an instance', () => {
    const { world, one } = twoInstances()
    const ctx = { ...world, host: { verify: () => true, log: () => {} }, deposit: () => {} }
    expect(codeOf(addInstance(ctx, first, withGpus(one, [gpu, gpu])))).toBe('Workers.DeviceInUse')
  })
})
