import { type DcapCollateral } from '@tacit/attestation'
import { unwrap } from '@tacit/base'
import type { DevPlatform } from '@tacit/platform-dev'
import { describe, expect, it } from 'vitest'
import { attestationStorage } from '../attestation/types.ts'
import { held } from '../balances/ops.ts'
import {
  codeOf,
  createAttestedWorld,
  createEnclave,
  devPlatform,
  measurementOf,
  OPERATOR,
  register,
  START,
  submit,
  type World,
} from '../testing/world.ts'
import type { Instance } from './records.ts'
import { servingInstance } from './serving.ts'
import { isAcceptableForBilling, isAcceptableForKeyRelease, standingOf } from './standing.ts'
import { GRACE_MS, INSTANCES_PER_ROUND, MAX_EVIDENCE_AGE_MS, workersStorage } from './types.ts'

const ROOT = { type: 'Root' } as const
const DAY = 86_400
const HOUR = 3_600
const enclave = createEnclave('Contracts', 3)
const REASON = { type: 'Workers', value: { type: 'Registration' } } as const

function instanceOf(world: World): Instance {
  const found = workersStorage.Instances.get(world.state, enclave.publicKey)
  if (found === undefined) throw new Error('not registered')
  return found
}

/** Good, or the reason and whether work is still paid. */
function standing(world: World, nowMs = world.block.nowMs): string {
  const instance = instanceOf(world)
  const found = standingOf(world.state, instance, nowMs)
  expect(isAcceptableForBilling(world.state, instance, nowMs)).toBe(found.type !== 'Out')
  expect(isAcceptableForKeyRelease(world.state, instance, nowMs)).toBe(found.type === 'Good')
  if (found.type === 'Good') return 'Good'
  const reason = found.type === 'Out' ? found.reason : found.grace.reason
  return `${found.type} ${reason.type}`
}

/** The events of the next block's round, as name and reason. */
function round(world: World): readonly string[] {
  const before = world.events.length
  world.nextBlock()
  return world.events
    .slice(before)
    .filter(({ code }) => code.startsWith('Workers.'))
    .map(({ code, value }) => {
      const { reason, grace } = value as {
        reason?: { type: string }
        grace?: { reason: { type: string } }
      }
      return [code.replace('Workers.', ''), reason?.type ?? grace?.reason.type]
        .filter(Boolean)
        .join(' ')
    })
}

function registered(platform?: DevPlatform): World {
  const world = createAttestedWorld(platform ? { platform } : {})
  register(world, enclave)
  return world
}

function govern(world: World, name: string, args: unknown): void {
  unwrap(world.dispatch(ROOT, 'Attestation', name, args), name)
}

/** What Intel would publish a minute later about the same machine. */
function newer(options: Parameters<typeof devPlatform>[0], attack = {}): DcapCollateral {
  const later = devPlatform({ tcbEvaluationDataNumber: 2, ...options }).attack(attack)
  return later.collateral({ now: START + 60 })
}

function publish(world: World, collateral: DcapCollateral): void {
  world.pass(60)
  submit(world, collateral)
}

/** Nothing of an instance is left: no record, count, holder or deposit. */
function expectGone(world: World): void {
  for (const item of ['Instances', 'Slots', 'OnPlatform', 'GpuHolders'] as const) {
    expect(workersStorage[item].entries(world.state)).toEqual([])
  }
  expect(held(world.state, REASON, OPERATOR)).toBe(0n)
}

describe('the age of evidence', () => {
  it('ends service at once, and a round says so', () => {
    const world = registered()
    const endsMs = world.block.nowMs + MAX_EVIDENCE_AGE_MS
    expect(standing(world, endsMs - 1n)).toBe('Good')
    expect(standing(world, endsMs)).toBe('Out EvidenceExpired')
    world.pass(DAY)
    expect(round(world)).toEqual(['Expired EvidenceExpired'])
    expectGone(world)
    expect(codeOf(world.signed(OPERATOR, 'Workers', 'deregister', { slot: 0 }))).toBe(
      'Workers.SlotEmpty',
    )
  })

  it('begins anew with each renewal', () => {
    const world = registered()
    world.pass(DAY - 1)
    world.nextBlock()
    register(world, enclave)
    world.pass(DAY - 1)
    expect(standing(world)).toBe('Good')
    expect(round(world)).toEqual([])
  })
})

describe('expired collateral', () => {
  it('ends keys at once and pay half a day later', () => {
    const world = createAttestedWorld()
    world.pass(30 * DAY - HOUR)
    register(world, enclave)
    const endsMs = BigInt(START + 30 * DAY) * 1_000n
    expect(instanceOf(world).expiresMs).toBe(endsMs)
    expect(standing(world, endsMs - 1n)).toBe('Good')
    expect(standing(world, endsMs)).toBe('Grace CollateralExpired')
    expect(standing(world, endsMs + GRACE_MS - 1n)).toBe('Grace CollateralExpired')
    expect(standing(world, endsMs + GRACE_MS)).toBe('Out CollateralExpired')
    world.pass(HOUR)
    expect(round(world)).toEqual(['GraceBegan CollateralExpired'])
    expect(instanceOf(world).grace).toEqual({
      reason: { type: 'CollateralExpired' },
      untilMs: endsMs + GRACE_MS,
    })
    expect(round(world)).toEqual([])
    world.pass(12 * HOUR)
    expect(round(world)).toEqual(['Expired CollateralExpired'])
    expectGone(world)
  })

  it('lets work be paid, but keys not be granted', () => {
    const world = createAttestedWorld()
    world.pass(30 * DAY - HOUR)
    register(world, enclave)
    world.pass(HOUR)
    const { state, block } = world
    const { publicKey } = enclave
    expect(servingInstance(state, publicKey, 'Contracts', block.nowMs, 'billing')).toBeDefined()
    expect(servingInstance(state, publicKey, 'Contracts', block.nowMs, 'keyRelease')).toBe(
      undefined,
    )
  })

  it('is overcome by a renewal under newer collateral', () => {
    const world = createAttestedWorld()
    world.pass(30 * DAY - HOUR)
    register(world, enclave)
    world.pass(HOUR)
    world.nextBlock()
    submit(world, world.platform.collateral({ now: START + 30 * DAY }))
    expect(standing(world)).toBe('Grace CollateralExpired')
    register(world, enclave)
    expect(standing(world)).toBe('Good')
    expect(instanceOf(world).grace).toBe(undefined)
  })
})

describe('a TCB recovery', () => {
  it.each(['UpToDate', 'OutOfDate'] as const)(
    'that judges the platform %s changes nothing here',
    (status) => {
      const world = registered()
      const before = instanceOf(world).judgedBy
      publish(world, newer({ status }))
      expect(standing(world)).toBe('Good')
      expect(round(world)).toEqual([])
      expect(instanceOf(world).judgedBy).not.toEqual(before)
      expect(instanceOf(world).grace).toBe(undefined)
    },
  )

  it('that revokes the level ends service at once', () => {
    const world = registered()
    publish(world, newer({ status: 'Revoked' }))
    expect(standing(world)).toBe('Out PlatformRefused')
    expect(round(world)).toEqual(['Expired PlatformRefused'])
    expectGone(world)
  })

  it('that leaves the platform without a level ends keys at once and pay half a day later', () => {
    const world = registered()
    publish(world, newer({ status: 'NotSupported' }))
    const sinceMs = world.block.nowMs
    expect(standing(world)).toBe('Grace TcbRefused')
    world.pass(HOUR)
    expect(round(world)).toEqual(['GraceBegan TcbRefused'])
    expect(standing(world, sinceMs + GRACE_MS - 1n)).toBe('Grace TcbRefused')
    expect(standing(world, sinceMs + GRACE_MS)).toBe('Out TcbRefused')
    const args = enclave.registration(world)
    expect(codeOf(world.signed(OPERATOR, 'Workers', 'register', args))).toBe(
      'Attestation.TcbRefused',
    )
    world.pass(11 * HOUR)
    expect(round(world)).toEqual(['Expired TcbRefused'])
    expectGone(world)
  })

  it('that further collateral repeats does not begin the grace anew', () => {
    const world = registered()
    publish(world, newer({ status: 'NotSupported' }))
    const sinceMs = world.block.nowMs
    expect(round(world)).toEqual(['GraceBegan TcbRefused'])
    world.pass(6 * HOUR)
    const again = devPlatform({ status: 'NotSupported', tcbEvaluationDataNumber: 3 })
    publish(world, again.collateral({ now: START + 6 * HOUR }))
    expect(round(world)).toEqual([])
    expect(standing(world, sinceMs + GRACE_MS - 1n)).toBe('Grace TcbRefused')
    expect(standing(world, sinceMs + GRACE_MS)).toBe('Out TcbRefused')
  })

  it('that is taken back ends the grace', () => {
    const world = registered()
    publish(world, newer({ status: 'NotSupported' }))
    expect(round(world)).toEqual(['GraceBegan TcbRefused'])
    const mended = devPlatform({ tcbEvaluationDataNumber: 3 })
    publish(world, mended.collateral({ now: START + 120 }))
    expect(round(world)).toEqual(['GraceEnded'])
    expect(standing(world)).toBe('Good')
    expect(instanceOf(world).grace).toBe(undefined)
  })

  it('that revokes the certificate, or forgets the module, ends service at once', () => {
    const revoked = registered()
    publish(revoked, newer({}, { revoked: ['pck'] }))
    expect(standing(revoked)).toBe('Out PlatformRefused')
    const forgotten = registered()
    const editTcbInfo = (document: Record<string, unknown>): void => {
      for (const identity of document['tdxModuleIdentities'] as { id: string }[]) {
        identity.id = 'TDX_09'
      }
    }
    publish(forgotten, newer({}, { editTcbInfo }))
    expect(standing(forgotten)).toBe('Out PlatformRefused')
  })

  it('is nothing to instances of another family, or of SGX', () => {
    const world = registered()
    const fmspc = Uint8Array.of(1, 2, 3, 4, 5, 6)
    publish(world, newer({ status: 'Revoked' }, { machine: { fmspc } }))
    expect(standing(world)).toBe('Good')
    const platform = devPlatform({ status: 'Revoked', tcbEvaluationDataNumber: 2 })
    submit(world, platform.collateral({ tee: 'sgx', now: START + 60 }))
    expect(standing(world)).toBe('Good')
  })
})

describe('governance', () => {
  it.each<[string, string, (world: World) => readonly [string, unknown]]>([
    [
      'that removes the root',
      'RootRemoved',
      (world) => ['remove_root', { fingerprint: world.platform.root.fingerprint }],
    ],
    [
      'that disallows the program',
      'MeasurementDisallowed',
      (world) => {
        const measurement = measurementOf(world.platform, 'Contracts')
        return ['disallow_measurement', { allowed: { role: { type: 'Contracts' }, measurement } }]
      },
    ],
    [
      'that revokes the processor',
      'PlatformRevoked',
      (world) => {
        const { platform } = instanceOf(world).verdict
        return ['revoke_platform', { platform, reason: 'leaked' }]
      },
    ],
  ])('%s ends service at once', (_, reason, decide) => {
    const world = registered()
    govern(world, ...decide(world))
    expect(standing(world)).toBe(`Out ${reason}`)
    expect(round(world)).toEqual([`Expired ${reason}`])
    expectGone(world)
  })

  it('that demands a newer evaluation gives grace', () => {
    const world = registered()
    world.pass(HOUR)
    govern(world, 'set_minimum_evaluation', { number: 2 })
    const sinceMs = world.block.nowMs
    expect(standing(world)).toBe('Grace EvaluationTooOld')
    expect(standing(world, sinceMs + GRACE_MS)).toBe('Out EvaluationTooOld')
    publish(world, newer({}))
    expect(standing(world)).toBe('Good')
  })

  it('that changes the policy gives grace until the instance renews', () => {
    const world = registered()
    const changedMs = world.block.nowMs
    const policy = { document: new Uint8Array(), version: 1, changedMs }
    attestationStorage.Policy.set(world.state, policy)
    expect(standing(world)).toBe('Grace PolicyChanged')
    expect(standing(world, changedMs + GRACE_MS)).toBe('Out PolicyChanged')
  })

  it('and withdrawn collateral ends service at once', () => {
    const world = registered()
    publish(world, newer({}, { revoked: ['pck_ca'] }))
    expect(standing(world)).toBe('Out CollateralWithdrawn')
    expect(round(world)).toEqual(['Expired CollateralWithdrawn'])
    expectGone(world)
  })

  it('of several doubts the one counts that ends pay first', () => {
    const world = registered()
    publish(world, newer({ status: 'NotSupported' }))
    govern(world, 'remove_root', { fingerprint: world.platform.root.fingerprint })
    expect(standing(world)).toBe('Out RootRemoved')
  })
})

describe('rounds', () => {
  function crowd(count: number): World {
    const world = createAttestedWorld()
    for (let at = 0; at < count; at++) {
      const ppid = new Uint8Array(16).fill(at)
      const platform = devPlatform().attack({ machine: { ppid } })
      register(world, createEnclave('Contracts', 100 + at), { slot: at, platform })
    }
    return world
  }

  it('look at so many instances in a block, and at all of them in turn', () => {
    const count = INSTANCES_PER_ROUND + 3
    const world = crowd(count)
    world.pass(DAY)
    expect(round(world)).toHaveLength(INSTANCES_PER_ROUND)
    expect(workersStorage.RoundAt.get(world.state)).toBeDefined()
    expect(round(world)).toHaveLength(3)
    expect(workersStorage.RoundAt.get(world.state)).toBe(undefined)
    expectGone(world)
  })

  it('go on behind an instance that has left meanwhile', () => {
    const world = crowd(INSTANCES_PER_ROUND + 1)
    world.nextBlock()
    const at = workersStorage.RoundAt.get(world.state)
    const last = at && workersStorage.Instances.get(world.state, at)
    unwrap(world.signed(OPERATOR, 'Workers', 'deregister', { slot: last?.slot.index ?? 99 }))
    world.pass(DAY)
    expect(round(world)).toHaveLength(1)
  })
})
