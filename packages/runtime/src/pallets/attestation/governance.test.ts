import { developmentPolicy, INTEL_SGX_ROOT_CA, type Policy } from '@tacit/attestation'
import { unwrap, utf8, type Hash } from '@tacit/base'
import { describe, expect, it } from 'vitest'
import { platformId } from '../../protocol/platform.ts'
import {
  ALICE,
  codeOf,
  createAttestedWorld,
  createEnclave,
  createWorld,
  devPlatform,
  filled,
  measurementOf,
  OPERATOR,
  type World,
} from '../testing/world.ts'
import type { AttestationCalls } from './calls.ts'
import type { AddRootArgs } from './roots.ts'
import { attestationStorage, MAX_ROOTS } from './types.ts'

type Calls = Omit<AttestationCalls, 'submit_collateral' | 'submit_amd_collateral' | 'submit_rim'>

const ROOT = { type: 'Root' } as const
const PLATFORM = filled(0x51) as Hash
const MEASUREMENT = { role: { type: 'Inference' }, measurement: filled(0x61) as Hash } as const
const enclave = createEnclave('Contracts', 3)

function govern<N extends keyof Calls>(world: World, name: N, args: Calls[N]): string {
  return codeOf(world.dispatch(ROOT, 'Attestation', name, args))
}

function attempt(world: World): string {
  const args = enclave.registration(world)
  return codeOf(world.signed(OPERATOR, 'Workers', 'register', args))
}

function rootOf(seed: number): AddRootArgs {
  const { name, certificate } = devPlatform({ seed }).root
  return { name, vendor: { type: 'Intel' }, certificate }
}

function lastEvent(world: World): string | undefined {
  return world.events.at(-1)?.code
}

describe('governance calls', () => {
  const calls: { readonly [N in keyof Calls]: Calls[N] } = {
    add_root: rootOf(9),
    remove_root: { fingerprint: filled(1) },
    allow_measurement: { allowed: MEASUREMENT },
    disallow_measurement: { allowed: MEASUREMENT },
    revoke_platform: { platform: PLATFORM, reason: 'stolen' },
    unrevoke_platform: { platform: PLATFORM },
    set_minimum_evaluation: { number: 2 },
    set_policy: { document: new Uint8Array() },
  }

  it.each(Object.entries(calls))('%s is for the chain itself alone', (name, args) => {
    const world = createWorld()
    expect(codeOf(world.signed(ALICE, 'Attestation', name, args))).toBe('bad_origin')
    expect(codeOf(world.unsigned('Attestation', name, args))).toBe('bad_origin')
  })
})

describe('roots', () => {
  it('are added, and vouch from then on', () => {
    const world = createWorld({ roots: [] })
    const collateral = world.platform.collateral()
    const submission = { collateral }
    expect(codeOf(world.signed(ALICE, 'Attestation', 'submit_collateral', submission))).toBe(
      'Attestation.RootUntrusted',
    )
    expect(govern(world, 'add_root', rootOf(7))).toBe('ok')
    expect(lastEvent(world)).toBe('Attestation.RootAdded')
    expect(govern(world, 'add_root', rootOf(7))).toBe('Attestation.RootKnown')
    unwrap(world.signed(ALICE, 'Attestation', 'submit_collateral', submission))
    expect(attempt(world)).toBe('ok')
  })

  it('of one vendor vouch for nothing of another', () => {
    const world = createWorld({ roots: [] })
    expect(govern(world, 'add_root', { ...rootOf(7), vendor: { type: 'Amd' } })).toBe('ok')
    const args = { collateral: world.platform.collateral() }
    expect(codeOf(world.signed(ALICE, 'Attestation', 'submit_collateral', args))).toBe(
      'Attestation.RootUntrusted',
    )
  })

  it('are removed, and vouch no more', () => {
    const world = createAttestedWorld()
    const { fingerprint } = world.platform.root
    expect(govern(world, 'remove_root', { fingerprint: filled(1) })).toBe('Attestation.RootUnknown')
    expect(govern(world, 'remove_root', { fingerprint })).toBe('ok')
    expect(lastEvent(world)).toBe('Attestation.RootRemoved')
    expect(attempt(world)).toBe('Attestation.RootUntrusted')
  })

  it('are certificates', () => {
    const root = { ...rootOf(9), certificate: filled(1, 100) }
    expect(govern(createWorld(), 'add_root', root)).toBe('Attestation.RootMalformed')
  })

  it('are the vendors’ own on a production chain, under their own names', () => {
    const world = createWorld({ chainClass: 'production', roots: [] })
    expect(govern(world, 'add_root', rootOf(9))).toBe('Attestation.RootRefused')
    const { name, certificate } = INTEL_SGX_ROOT_CA
    const foreign = { name, certificate, vendor: { type: 'Nvidia' } } as const
    expect(govern(world, 'add_root', foreign)).toBe('Attestation.RootRefused')
    expect(govern(world, 'add_root', { ...foreign, vendor: { type: 'Intel' } })).toBe('ok')
  })

  it('are at most so many', () => {
    const roots = Array.from({ length: MAX_ROOTS }, (_, seed) => devPlatform({ seed }).root)
    const world = createWorld({ roots })
    expect(govern(world, 'add_root', rootOf(99))).toBe('Attestation.TooManyRoots')
  })
})

describe('measurements', () => {
  it('are allowed and disallowed', () => {
    const world = createAttestedWorld()
    const measurement = measurementOf(world.platform, 'Contracts')
    const allowed = { role: { type: 'Contracts' }, measurement } as const
    expect(govern(world, 'allow_measurement', { allowed })).toBe('Attestation.MeasurementKnown')
    expect(govern(world, 'disallow_measurement', { allowed })).toBe('ok')
    expect(lastEvent(world)).toBe('Attestation.MeasurementDisallowed')
    expect(govern(world, 'disallow_measurement', { allowed })).toBe(
      'Attestation.MeasurementUnknown',
    )
    expect(attempt(world)).toBe('Attestation.MeasurementRefused')
    expect(govern(world, 'allow_measurement', { allowed })).toBe('ok')
    expect(lastEvent(world)).toBe('Attestation.MeasurementAllowed')
    expect(attempt(world)).toBe('ok')
  })
})

describe('platforms', () => {
  it('are revoked by what their hardware says of itself, and taken back', () => {
    const ppid = filled(5, 16)
    const world = createAttestedWorld({ platform: devPlatform().attack({ machine: { ppid } }) })
    const platform = platformId(world.state.hashes, { type: 'Intel', value: ppid })
    expect(govern(world, 'unrevoke_platform', { platform })).toBe('Attestation.PlatformNotRevoked')
    expect(govern(world, 'revoke_platform', { platform, reason: 'interposer' })).toBe('ok')
    expect(lastEvent(world)).toBe('Attestation.PlatformRevoked')
    expect(attestationStorage.RevokedPlatforms.get(world.state, platform)).toEqual({
      reason: 'interposer',
      revokedAt: 1,
    })
    expect(govern(world, 'revoke_platform', { platform, reason: '' })).toBe(
      'Attestation.PlatformRevoked',
    )
    expect(attempt(world)).toBe('Attestation.PlatformRevoked')
    expect(govern(world, 'unrevoke_platform', { platform })).toBe('ok')
    expect(lastEvent(world)).toBe('Attestation.PlatformUnrevoked')
    expect(attempt(world)).toBe('ok')
  })
})

describe('the policy', () => {
  const strict = (world: World, changes: Partial<Policy> = {}): Uint8Array => {
    const policy = { ...developmentPolicy([world.platform.root]), debug: false, ...changes }
    return utf8(JSON.stringify(policy))
  }

  it('judges from then on, in place of the preset', () => {
    const world = createAttestedWorld()
    const document = strict(world, { dcap: { statuses: ['OutOfDate'] } })
    expect(govern(world, 'set_policy', { document })).toBe('ok')
    expect(world.events.at(-1)).toMatchObject({
      code: 'Attestation.PolicySet',
      value: { version: 1 },
    })
    expect(attempt(world)).toBe('Attestation.TcbRefused')
    expect(govern(world, 'set_policy', { document: strict(world, { roots: [] }) })).toBe('ok')
    expect(attempt(world)).toBe('Attestation.PolicyRefused')
    expect(govern(world, 'set_policy', { document: strict(world) })).toBe('ok')
    expect(attempt(world)).toBe('ok')
    expect(attestationStorage.Policy.get(world.state)).toMatchObject({ version: 3 })
  })

  it('of a vendor that it does not name accepts nothing', () => {
    const world = createAttestedWorld()
    const { dcap: _, ...others } = developmentPolicy([world.platform.root])
    const document = utf8(JSON.stringify({ ...others, debug: false }))
    expect(govern(world, 'set_policy', { document })).toBe('ok')
    expect(attempt(world)).toBe('Attestation.PolicyRefused')
  })

  it('lets no debugger in, on a chain of any class', () => {
    const world = createAttestedWorld()
    const document = strict(world, { debug: true })
    expect(govern(world, 'set_policy', { document })).toBe('Attestation.PolicyTooLoose')
    expect(() => createWorld({ policy: document })).toThrow('too loose')
  })

  it('is a policy', () => {
    const world = createWorld()
    const document = utf8('{}')
    expect(govern(world, 'set_policy', { document })).toBe('Attestation.PolicyMalformed')
    expect(() => createWorld({ policy: document })).toThrow('malformed')
  })

  it('may come with the genesis', () => {
    const policy = strict(createWorld(), { dcap: { statuses: [] } })
    expect(attempt(createAttestedWorld({ policy }))).toBe('Attestation.TcbRefused')
  })
})

describe('the minimum evaluation', () => {
  it('refuses evidence that rests on older collateral', () => {
    const world = createAttestedWorld()
    expect(govern(world, 'set_minimum_evaluation', { number: 2 })).toBe('ok')
    expect(lastEvent(world)).toBe('Attestation.MinimumEvaluationSet')
    expect(attempt(world)).toBe('Attestation.TcbEvaluationTooOld')
    expect(govern(world, 'set_minimum_evaluation', { number: 1 })).toBe('ok')
    expect(attempt(world)).toBe('ok')
  })
})
