import { unwrap } from '@tacit/base'
import { describe, expect, it } from 'vitest'
import { platformId } from '../../protocol/platform.ts'
import { createAttestedAmdWorld, AMD, snpReporter } from '../testing/amd.ts'
import {
  createGpuWorld,
  demandMeasuredGpus,
  gpuReporter,
  GPUS,
  submitRims,
  type GpuReporter,
} from '../testing/nvidia.ts'
import {
  codeOf,
  createEnclave,
  filled,
  OPERATOR,
  register,
  START,
  type RegistrationChanges,
  type World,
} from '../testing/world.ts'
import type { Instance } from './records.ts'
import { standingOf } from './standing.ts'
import { workersStorage } from './types.ts'

const ROOT = { type: 'Root' } as const
const enclave = createEnclave('Contracts', 3)
const gpu = GPUS.launch()

function attempt(world: World, gpus: GpuReporter, changes: RegistrationChanges = {}): string {
  const args = enclave.registration(world, { ...changes, gpus })
  return codeOf(world.signed(OPERATOR, 'Workers', 'register', args))
}

function instanceOf(world: World, { publicKey } = enclave): Instance {
  const found = workersStorage.Instances.get(world.state, publicKey)
  if (found === undefined) throw new Error('not registered')
  return found
}

describe('registering with GPUs', () => {
  it('keeps each device beside the verdict of the CPU', () => {
    const world = createGpuWorld()
    submitRims(world, gpu)
    expect(attempt(world, gpuReporter([gpu], gpu.ocspAll()))).toBe('ok')
    const { verdict, evidenceHash } = instanceOf(world)
    expect(evidenceHash).toHaveLength(32)
    expect(verdict).toMatchObject({ tee: { type: 'Tdx' }, status: { type: 'UpToDate' } })
    expect(verdict.gpus).toMatchObject([
      {
        platform: platformId(world.state.hashes, { type: 'Nvidia', value: gpu.pdi }),
        kind: { type: 'Gpu' },
        model: 'GH100 A01 GSP BROM',
        driverVersion: gpu.driverVersion,
        vbiosVersion: gpu.vbiosVersion,
        isRevocationKnown: true,
      },
    ])
    expect(verdict.gpus[0]?.driverRim).toHaveLength(48)
    expect(verdict.gpus[0]?.vbiosRim).toHaveLength(48)
    expect(verdict.gpuRoots).toEqual([GPUS.root.fingerprint, GPUS.rimRoot.fingerprint])
    // OCSP responses end first; then TDX's collateral does.
    expect(verdict.earliestExpiry).toBe(BigInt(START + 86_400))
    expect(verdict.signatureChecks).toBe(9 + 4 + 1 + 3)
  })

  it('works without manifests and responses, where the policy lets it', () => {
    const world = createGpuWorld()
    expect(attempt(world, gpuReporter([gpu]))).toBe('ok')
    expect(instanceOf(world).verdict.gpus).toMatchObject([
      { driverRim: undefined, vbiosRim: undefined, isRevocationKnown: false },
    ])
    expect(instanceOf(world).verdict.gpuRoots).toEqual([GPUS.root.fingerprint])
  })

  it('takes a whole machine: eight GPUs and four switches that are linked to each other', () => {
    const world = createGpuWorld()
    const set = GPUS.launchSet()
    const [first] = set
    const last = set.at(-1)
    if (!first || !last) throw new Error('no devices')
    submitRims(world, first)
    submitRims(world, last)
    const ocsp = [...set.flatMap((device) => device.ocsp('device')), ...first.ocspAll()]
    expect(attempt(world, gpuReporter(set, ocsp))).toBe('ok')
    const { gpus } = instanceOf(world).verdict
    expect(gpus.map(({ kind }) => kind.type)).toEqual([
      ...Array.from({ length: 8 }, () => 'Gpu'),
      ...Array.from({ length: 4 }, () => 'Switch'),
    ])
    expect(workersStorage.GpuHolders.entries(world.state)).toHaveLength(12)
    unwrap(world.signed(OPERATOR, 'Workers', 'deregister', { slot: 0 }))
    expect(workersStorage.GpuHolders.entries(world.state)).toEqual([])
  })

  it('goes with SEV-SNP as well', () => {
    const world = createAttestedAmdWorld()
    const { name, certificate } = GPUS.root
    const root = { name, certificate, vendor: { type: 'Nvidia' } }
    unwrap(world.dispatch(ROOT, 'Attestation', 'add_root', root))
    expect(attempt(world, gpuReporter([gpu]), { cpu: snpReporter(AMD) })).toBe('ok')
    expect(instanceOf(world).verdict).toMatchObject({ tee: { type: 'SevSnp' }, gpus: [{}] })
  })

  it.each<[string, (world: World) => readonly [GpuReporter, RegistrationChanges?], string]>([
    ['no device', () => [gpuReporter([])], 'Attestation.DeviceCountWrong'],
    [
      'another nonce than follows from the registration',
      () => [gpuReporter([gpu]), { gpuNonce: filled(1) }],
      'Attestation.NonceMismatch',
    ],
    [
      'a nonce that was made for other devices',
      () => {
        const other = GPUS.launch({ slot: 1 })
        return [{ ...gpuReporter([gpu]), chains: [other.chain] }]
      },
      'Attestation.NonceMismatch',
    ],
    [
      'a nonce that was made for another order of devices',
      () => {
        const both = [gpu, GPUS.launch({ slot: 1 })]
        const honest = gpuReporter(both)
        return [{ ...honest, chains: honest.chains.toReversed() }]
      },
      'Attestation.NonceMismatch',
    ],
    ['a device twice', () => [gpuReporter([gpu, gpu])], 'Attestation.DeviceDuplicate'],
    [
      'a machine with a switch missing',
      () => [gpuReporter(GPUS.launchSet().slice(0, -1))],
      'Attestation.TopologyIncomplete',
    ],
    [
      'switches without a GPU',
      () => [gpuReporter(GPUS.launchSet().slice(8))],
      'Attestation.DeviceRefused',
    ],
    [
      'a report that somebody else signed',
      () => [gpuReporter([GPUS.attack({ signers: { report: 'device' } }).launch()])],
      'Attestation.ReportSignatureInvalid',
    ],
    [
      'a device that somebody else certified',
      () => [gpuReporter([GPUS.attack({ signers: { device: 'root' } }).launch()])],
      'Attestation.DeviceSignatureInvalid',
    ],
    [
      'firmware that the certificate does not name',
      () => [gpuReporter([GPUS.attack({ certifiedFwid: filled(9, 48) }).launch()])],
      'Attestation.FwidMismatch',
    ],
    [
      'a device that was revoked',
      () => [gpuReporter([gpu], [gpu.ocsp('device', { status: 'revoked' })])],
      'Attestation.CertificateRevoked',
    ],
    [
      'a response that is none',
      () => [gpuReporter([gpu], [filled(1)])],
      'Attestation.OcspMalformed',
    ],
    [
      'another measurement than the manifest has',
      (world) => {
        submitRims(world, gpu)
        const editBlocks = (blocks: { value: Uint8Array }[]): void => {
          const [, second] = blocks
          if (second) second.value = filled(9, 48)
        }
        return [gpuReporter([GPUS.attack({ editBlocks }).launch()])]
      },
      'Attestation.DeviceRefused',
    ],
  ])('refuses %s', (_, make, code) => {
    const world = createGpuWorld()
    const [gpus, changes] = make(world)
    expect(attempt(world, gpus, changes)).toBe(code)
    expect(workersStorage.GpuHolders.entries(world.state)).toEqual([])
  })

  it('refuses roots that are not pinned', () => {
    const world = createAttestedAmdWorld()
    const outcome = attempt(world, gpuReporter([gpu]), { cpu: snpReporter(AMD) })
    expect(outcome).toBe('Attestation.RootUntrusted')
  })

  it('refuses evidence that report data does not bind', () => {
    const world = createGpuWorld()
    const args = enclave.registration(world, { gpus: gpuReporter([gpu]) })
    const { cpu, gpu: bound } = args.evidence
    const other = enclave.registration(world, { gpus: gpuReporter([GPUS.launch({ slot: 1 })]) })
    for (const foreign of [undefined, other.evidence.gpu]) {
      const changed = { ...args, evidence: { cpu, gpu: foreign } }
      expect(codeOf(world.signed(OPERATOR, 'Workers', 'register', changed))).toBe(
        'Attestation.ReportDataMismatch',
      )
    }
    // What NVIDIA signs anyone may staple.
    const stapled = { cpu, gpu: bound && { ...bound, ocsp: gpu.ocspAll() } }
    const changed = { ...args, evidence: stapled }
    expect(codeOf(world.signed(OPERATOR, 'Workers', 'register', changed))).toBe('ok')
  })

  it('needs manifests and responses where the policy demands them', () => {
    const world = createGpuWorld()
    demandMeasuredGpus(world)
    const stapled = gpuReporter([gpu], gpu.ocspAll())
    expect(attempt(world, stapled)).toBe('Attestation.DeviceRefused')
    submitRims(world, gpu)
    expect(attempt(world, gpuReporter([gpu]))).toBe('Attestation.DeviceRefused')
    expect(attempt(world, stapled)).toBe('ok')
  })

  it('does not count manifests whose root is gone', () => {
    const world = createGpuWorld()
    submitRims(world, gpu)
    const { fingerprint } = GPUS.rimRoot
    unwrap(world.dispatch(ROOT, 'Attestation', 'remove_root', { fingerprint }))
    expect(attempt(world, gpuReporter([gpu]))).toBe('ok')
    expect(instanceOf(world).verdict.gpus).toMatchObject([{ driverRim: undefined }])
  })

  it('refuses a GPU that governance revoked', () => {
    const world = createGpuWorld()
    const platform = platformId(world.state.hashes, { type: 'Nvidia', value: gpu.pdi })
    const args = { platform, reason: 'stolen' }
    unwrap(world.dispatch(ROOT, 'Attestation', 'revoke_platform', args))
    expect(attempt(world, gpuReporter([gpu]))).toBe('Attestation.PlatformRevoked')
  })
})

describe('a GPU', () => {
  it('is in one instance only; a renewal keeps it', () => {
    const world = createGpuWorld()
    register(world, enclave, { gpus: gpuReporter([gpu]) })
    const second = createEnclave('Contracts', 4)
    const gpus = gpuReporter([gpu, GPUS.launch({ slot: 1 })])
    const args = second.registration(world, { slot: 1, gpus })
    expect(codeOf(world.signed(OPERATOR, 'Workers', 'register', args))).toBe('Workers.DeviceInUse')
    world.nextBlock()
    register(world, enclave, { gpus })
    expect(workersStorage.GpuHolders.entries(world.state)).toHaveLength(2)
    world.nextBlock()
    register(world, enclave)
    expect(workersStorage.GpuHolders.entries(world.state)).toEqual([])
    register(world, second, { slot: 1, gpus })
  })

  it.each<[string, string, (instance: Instance) => readonly [string, unknown]]>([
    [
      'that is revoked takes its instance out of service',
      'PlatformRevoked',
      ({ verdict }) => [
        'revoke_platform',
        { platform: verdict.gpus[0]?.platform, reason: 'leaked' },
      ],
    ],
    [
      'stops with the root of devices',
      'RootRemoved',
      () => ['remove_root', { fingerprint: GPUS.root.fingerprint }],
    ],
    [
      'stops with the root of the manifests that it matched',
      'RootRemoved',
      () => ['remove_root', { fingerprint: GPUS.rimRoot.fingerprint }],
    ],
  ])('%s', (_, reason, decide) => {
    const world = createGpuWorld()
    submitRims(world, gpu)
    register(world, enclave, { gpus: gpuReporter([gpu]) })
    const [name, args] = decide(instanceOf(world))
    unwrap(world.dispatch(ROOT, 'Attestation', name, args))
    expect(standingOf(world.state, instanceOf(world), world.block.nowMs)).toEqual({
      type: 'Out',
      reason: { type: reason },
    })
    world.nextBlock()
    expect(workersStorage.GpuHolders.entries(world.state)).toEqual([])
  })
})
