import { bytesToHex } from '@tacit/base'
import { describe, expect, test } from 'vitest'
import type { GpuSetVerdict, NvidiaVerdict } from '../nvidia/verdict.ts'
import { testSection } from '../testing/section-cases.ts'
import { gpuSetVerdict, nvidiaVerdict, ROOT } from '../testing/verdicts.ts'
import { evaluatePolicy } from './evaluate.ts'
import type { NvidiaPolicy } from './nvidia-policy.ts'
import { NVIDIA_RULES, NVIDIA_SET_RULES } from './nvidia-rules.ts'
import type { Policy } from './policy.ts'
import { isVersionBelow } from './rules.ts'

const gpu = nvidiaVerdict()
const nvswitch = nvidiaVerdict({
  kind: 'switch',
  architecture: 'LS10',
  driverVersion: undefined,
  rims: { driver: { status: 'absent' }, vbios: { status: 'matched', id: 'V' } },
})
const ALL = ['absent', 'matched', 'mismatched'] as const
const OPEN: Policy = {
  name: 'open',
  roots: [bytesToHex(ROOT.fingerprint)],
  debug: true,
  nvidia: { architectures: ['Hopper', 'Blackwell', 'LS10'], rims: { driver: ALL, vbios: ALL } },
}
const MISMATCH = { status: 'mismatched', id: 'D', mismatches: [9], belowFloor: [] } as const
const MATCHED = { driver: ['matched'], vbios: ['matched'] } as const
const measured = {
  hardwareModel: 'GH100 A01 GSP BROM',
  driverVersion: '550.144.03',
  vbiosVersion: '96.00.9F.00.01',
  project: '1010',
  projectSku: '0200',
  chipSku: '882',
  fwid: '02'.repeat(48),
}

const ALL_RULES = { ...NVIDIA_RULES, ...NVIDIA_SET_RULES }

describe('rules for NVIDIA', () => {
  testSection<NvidiaVerdict | GpuSetVerdict, NvidiaPolicy>('nvidia', OPEN, ALL_RULES, [
    {
      rule: 'architectures',
      accepts: ['Hopper'],
      refuses: ['Blackwell'],
      verdict: gpu,
      found: 'Hopper',
    },
    {
      rule: 'rims',
      accepts: MATCHED,
      verdict: gpu,
      other: nvidiaVerdict({ rims: { ...gpu.rims, driver: MISMATCH } }),
      found: { driver: MISMATCH, vbios: { status: 'matched', id: 'V' } },
    },
    {
      rule: 'rims',
      accepts: MATCHED,
      verdict: nvswitch,
      other: { ...nvswitch, rims: { driver: { status: 'absent' }, vbios: { status: 'absent' } } },
      found: { driver: { status: 'absent' }, vbios: { status: 'absent' } },
    },
    { rule: 'kinds', accepts: ['gpu'], verdict: gpu, other: nvswitch, found: 'switch' },
    {
      rule: 'minimumDriverVersion',
      accepts: '550.144.3',
      refuses: '550.144.10',
      verdict: gpu,
      found: '550.144.03',
    },
    {
      rule: 'minimumDriverVersion',
      accepts: '570',
      verdict: nvswitch,
      other: nvidiaVerdict({ driverVersion: undefined }),
      found: '',
    },
    {
      rule: 'driverVersions',
      accepts: ['550.144.03'],
      refuses: ['570.1'],
      verdict: gpu,
      found: '550.144.03',
    },
    {
      rule: 'driverVersions',
      accepts: ['570.1'],
      verdict: nvswitch,
      other: nvidiaVerdict({ driverVersion: undefined }),
      found: null,
    },
    {
      rule: 'minimumVbiosVersions',
      accepts: { Hopper: '96.00.9f', Blackwell: 'FF' },
      refuses: { Hopper: '96.00.A0' },
      verdict: gpu,
      found: '96.00.9F.00.01',
    },
    {
      rule: 'minimumVbiosVersions',
      accepts: { Hopper: '1' },
      verdict: gpu,
      other: nvidiaVerdict({ vbiosVersion: undefined }),
      found: '',
    },
    {
      rule: 'vbiosVersions',
      accepts: ['96.00.9F.00.01'],
      refuses: ['96.00.9F.00.02'],
      verdict: gpu,
      found: '96.00.9F.00.01',
    },
    {
      rule: 'requireFirmwareId',
      accepts: true,
      verdict: gpu,
      other: nvidiaVerdict({ firmwareId: 'not_in_report', fwid: undefined }),
      found: 'not_in_report',
    },
    {
      rule: 'requireFirmwareId',
      accepts: true,
      verdict: { ...nvswitch, firmwareId: 'not_in_report' },
      other: nvidiaVerdict({ firmwareId: 'not_in_certificate' }),
      found: 'not_in_certificate',
    },
    {
      rule: 'topologies',
      accepts: ['closed'],
      verdict: gpuSetVerdict([gpu, nvswitch], { topology: 'closed' }),
      other: gpuSetVerdict([gpu]),
      found: 'unlinked',
    },
    {
      rule: 'topologies',
      accepts: ['unlinked', 'closed'],
      verdict: gpuSetVerdict([gpu]),
      other: gpu,
      found: null,
    },
    {
      rule: 'requireSameDriver',
      accepts: true,
      verdict: gpuSetVerdict([gpu, gpu]),
      other: gpuSetVerdict([gpu], { driverVersions: ['550.144.03', '570.1'] }),
      found: ['550.144.03', '570.1'],
    },
    {
      rule: 'requireSameDriver',
      accepts: true,
      verdict: gpuSetVerdict([gpu]),
      other: gpuSetVerdict([gpu, nvidiaVerdict({ driverVersion: undefined })]),
      found: [gpu.driverVersion ?? ''],
    },
    {
      rule: 'requireSameDriver',
      accepts: true,
      refuses: true,
      verdict: gpu,
      other: gpuSetVerdict([gpu], { driverVersions: ['1', '2'] }),
      found: ['1', '2'],
    },
    {
      rule: 'refuseCertificateHold',
      accepts: true,
      verdict: gpu,
      other: nvidiaVerdict({ revocation: { ...gpu.revocation, onHold: ['device'] } }),
      found: ['device'],
    },
    {
      rule: 'requireProtectedPcie',
      accepts: true,
      verdict: nvidiaVerdict({ protectedPcie: 'enabled' }),
      other: gpu,
      found: 'disabled',
    },
    {
      rule: 'requireProtectedPcie',
      accepts: true,
      verdict: nvidiaVerdict({ protectedPcie: 'enabled' }),
      other: nvidiaVerdict({ protectedPcie: undefined }),
      found: null,
    },
    { rule: 'featureFlags', accepts: ['SPT'], refuses: ['PPCIE'], verdict: gpu, found: 'SPT' },
    { rule: 'pdis', accepts: ['03'.repeat(8)], refuses: [], verdict: gpu, found: '03'.repeat(8) },
    {
      rule: 'ueids',
      accepts: ['04'.repeat(20)],
      refuses: [],
      verdict: gpu,
      found: '04'.repeat(20),
    },
    {
      rule: 'measurements',
      accepts: [{ project: '0' }, { name: 'H100', ...measured }],
      refuses: [{ ...measured, driverVersion: '1' }],
      verdict: gpu,
      found: measured,
    },
  ])

  test('switched off, a rule accepts what it would refuse', () => {
    const off = {
      requireFirmwareId: false,
      refuseCertificateHold: false,
      requireProtectedPcie: false,
      requireSameDriver: false,
    }
    const nvidia = { architectures: ['Hopper'] as const, rims: { driver: ALL, vbios: ALL }, ...off }
    const bad = nvidiaVerdict({
      firmwareId: 'not_in_certificate',
      revocation: { ...gpu.revocation, onHold: ['device'] },
    })
    expect(evaluatePolicy(bad, { ...OPEN, nvidia }).failed).toEqual([])
  })
})

test.each(Object.keys(measured))('%s of an allow list counts, and must be known', (name) => {
  const rims = { driver: ALL, vbios: ALL }
  const entry = { ...measured, [name]: 'ee' }
  const nvidia = { architectures: ['Hopper'] as const, rims, measurements: [entry] }
  expect(evaluatePolicy(gpu, { ...OPEN, nvidia }).accepted).toBe(false)
  const silent = nvidiaVerdict({ [name]: undefined })
  const listed = { ...nvidia, measurements: [measured] }
  expect(evaluatePolicy(silent, { ...OPEN, nvidia: listed }).accepted).toBe(false)
})

test.each([
  ['1.2.3', '1.2.3', false],
  ['1.2', '1.2.0', false],
  ['1.2', '1.2.1', true],
  ['1.10', '1.9', false],
  ['2', '1.9.9', false],
  ['', '0', true],
  ['x.1', '0', true],
])('version %s below %s: %s', (version, minimum, expected) => {
  expect(isVersionBelow(version, minimum, 10)).toBe(expected)
})

test('a set is judged device by device, each failure with the number of its device', () => {
  const old = nvidiaVerdict({ driverVersion: '535.86.09' })
  const set = gpuSetVerdict([gpu, old, nvswitch])
  const nvidia: NvidiaPolicy = {
    architectures: ['Hopper', 'LS10'],
    rims: { driver: ALL, vbios: ALL },
    minimumDriverVersion: '550',
    pdis: [],
  }
  const pdi = '03'.repeat(8)
  expect(evaluatePolicy(set, { ...OPEN, nvidia }).failed).toEqual([
    { rule: 'nvidia.pdis', found: pdi, accepted: [], device: 0 },
    { rule: 'nvidia.minimumDriverVersion', found: '535.86.09', accepted: '550', device: 1 },
    { rule: 'nvidia.pdis', found: pdi, accepted: [], device: 1 },
    { rule: 'nvidia.pdis', found: pdi, accepted: [], device: 2 },
  ])
})

test('revocation must be known of every device of a set', () => {
  const open = nvidiaVerdict({ revocation: { ...gpu.revocation, unknown: ['device'] } })
  const policy = { ...OPEN, requireRevocationKnown: true }
  expect(evaluatePolicy(gpuSetVerdict([gpu, gpu]), policy).failed).toEqual([])
  expect(evaluatePolicy(gpuSetVerdict([gpu, open]), policy).failed).toEqual([
    { rule: 'requireRevocationKnown', found: false, accepted: true },
  ])
})
