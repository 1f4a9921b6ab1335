import { bytesToHex } from '@tacit/base'
import { describe, expect, test } from 'vitest'
import type { NrasDevice } from '../nvidia/nras/claims.ts'
import { NRAS_ISSUER, type NrasVerdict } from '../nvidia/nras/nras.ts'
import { NOW } from '../testing/kit.ts'
import { evaluateNras } from './evaluate-nras.ts'
import type { NvidiaPolicy } from './nvidia-policy.ts'
import type { Policy } from './policy.ts'
import { PRODUCTION_POLICY } from './presets.ts'

const CHAIN = 'x-nvidia-gpu-attestation-report-cert-chain'
const GOOD = {
  status: 'valid',
  ocspStatus: 'good',
  expiration: undefined,
  revocationReason: undefined,
}
const DEVICE: NrasDevice = {
  name: 'GPU-0',
  kind: 'gpu',
  hardwareModel: 'GH100 A01 GSP BROM',
  ueid: new Uint8Array(20).fill(4),
  oemId: '5703',
  driverVersion: '550.144.03',
  vbiosVersion: '96.00.9F.00.01',
  secureBoot: true,
  debugStatus: 'disabled',
  measurements: 'success',
  warning: undefined,
  checks: { secboot: true, [`${CHAIN}-fwid-match`]: true },
  chains: { [CHAIN]: GOOD },
}
const VERDICT: NrasVerdict = {
  issuer: NRAS_ISSUER,
  claimsVersion: '3.0',
  nonce: new Uint8Array(32),
  devices: [DEVICE],
  undisclosed: [],
  verifiedAt: NOW,
  latestIssue: NOW,
  earliestExpiry: NOW + 3600,
  signatureChecks: 2,
}
const SECTION: NvidiaPolicy = {
  architectures: ['Hopper'],
  rims: { driver: ['matched'], vbios: ['matched'] },
  nrasIssuers: [NRAS_ISSUER],
}
const POLICY: Policy = { ...PRODUCTION_POLICY, roots: [], nvidia: SECTION }

function failures(verdict: Partial<NrasVerdict>, policy: Partial<Policy> = {}, at?: number) {
  return evaluateNras({ ...VERDICT, ...verdict }, { ...POLICY, ...policy }, at).failed
}

function ofDevice(device: Partial<NrasDevice>, section: Partial<NvidiaPolicy> = {}) {
  const nvidia = { ...SECTION, ...section }
  return failures({ devices: [DEVICE, { ...DEVICE, ...device }] }, { nvidia })
}

test("NVIDIA's word is taken where the policy names the issuer, and nowhere else", () => {
  expect(evaluateNras(VERDICT, POLICY)).toEqual({
    policy: 'production',
    accepted: true,
    failed: [],
  })
  const { nrasIssuers: _issuers, ...without } = SECTION
  for (const nvidia of [without, { ...SECTION, nrasIssuers: ['https://example.com'] }]) {
    expect(failures({}, { nvidia }).map(({ rule, found }) => [rule, found])).toEqual([
      ['nvidia.nrasIssuers', NRAS_ISSUER],
    ])
  }
  expect(evaluateNras(VERDICT, PRODUCTION_POLICY).failed).toEqual([
    { rule: 'nvidia.nrasIssuers', found: NRAS_ISSUER, accepted: [] },
  ])
})

describe('common rules', () => {
  test('time', () => {
    const window = { from: NOW, until: NOW + 3600 }
    expect(failures({}, {}, NOW + 3601)).toEqual([
      { rule: 'holds', found: NOW + 3601, accepted: window },
    ])
    expect(failures({}, { maxEvidenceAgeSeconds: 9 }, NOW + 10)).toEqual([
      { rule: 'maxEvidenceAgeSeconds', found: 10, accepted: 9 },
    ])
  })

  test('kinds of evidence', () => {
    expect(failures({}, { tees: ['nvidia'] })).toEqual([])
    expect(failures({}, { tees: ['tdx'] })).toEqual([
      { rule: 'tees', found: 'nvidia', accepted: ['tdx'] },
    ])
  })

  test('a policy without the section', () => {
    const { nvidia: _nvidia, ...without } = POLICY
    expect(evaluateNras(VERDICT, without).failed).toEqual([
      { rule: 'nvidia', found: 'nvidia', accepted: null },
    ])
  })

  test.each([['enabled'], [undefined]])('debug status %s', (debugStatus) => {
    expect(ofDevice({ debugStatus })).toEqual([
      { rule: 'debug', found: debugStatus ?? null, accepted: false, device: 1 },
    ])
    const devices = [{ ...DEVICE, debugStatus }]
    expect(failures({ devices }, { debug: true })).toEqual([])
  })

  test('revocation must be known of every chain, and of one at least', () => {
    const failed = (found: readonly string[]) => [
      { rule: 'requireRevocationKnown', found, accepted: true, device: 1 },
    ]
    const unknown = { ...GOOD, ocspStatus: 'unknown' }
    expect(ofDevice({ chains: { [CHAIN]: GOOD, other: unknown } })).toEqual(failed(['other']))
    expect(ofDevice({ chains: {} })).toEqual(failed([]))
    const devices = [{ ...DEVICE, chains: {} }]
    expect(failures({ devices }, { requireRevocationKnown: false })).toEqual([])
  })
})

describe('rules for devices', () => {
  test('every device must have its token', () => {
    expect(failures({ devices: [], undisclosed: ['GPU-0'] })).toEqual([
      { rule: 'nvidia.nrasDisclosed', found: ['GPU-0'], accepted: [] },
    ])
  })

  test('no check may have failed, and secure boot must be said', () => {
    const failed = (found: readonly string[]) => [
      { rule: 'nvidia.nrasChecks', found, accepted: [], device: 1 },
    ]
    expect(ofDevice({ checks: { ...DEVICE.checks, arch: false } })).toEqual(failed(['arch']))
    expect(ofDevice({ secureBoot: undefined })).toEqual(failed(['secboot']))
    expect(ofDevice({ secureBoot: false, checks: { secboot: false } })).toEqual(failed(['secboot']))
  })

  test.each<[keyof NvidiaPolicy, Partial<NrasDevice>, Partial<NvidiaPolicy>, unknown]>([
    ['architectures', { hardwareModel: 'GB100 A01 GSP BROM' }, {}, 'Blackwell'],
    ['architectures', { hardwareModel: undefined }, {}, null],
    ['kinds', { kind: 'switch' }, { kinds: ['gpu'] }, 'switch'],
    ['minimumDriverVersion', { driverVersion: '535.1' }, { minimumDriverVersion: '550' }, '535.1'],
    ['vbiosVersions', { vbiosVersion: '1' }, { vbiosVersions: ['96.00.9F.00.01'] }, '1'],
    ['requireFirmwareId', { checks: {} }, { requireFirmwareId: true }, 'not_in_report'],
    ['refuseCertificateHold', { warning: 'hold' }, { refuseCertificateHold: true }, ['hold']],
    [
      'refuseCertificateHold',
      { chains: { [CHAIN]: { ...GOOD, revocationReason: 'certificateHold' } } },
      { refuseCertificateHold: true },
      [CHAIN],
    ],
    ['ueids', { ueid: undefined }, { ueids: [bytesToHex(new Uint8Array(20).fill(4))] }, null],
  ])('%s', (rule, device, section, found) => {
    expect(ofDevice(device, section)).toEqual([
      { rule: `nvidia.${rule}`, found, accepted: { ...SECTION, ...section }[rule], device: 1 },
    ])
  })

  test('measurements that are not those of the manifests', () => {
    const result = { status: 'mismatched', id: 'NRAS', mismatches: [], belowFloor: [] }
    expect(ofDevice({ measurements: 'fail' })).toMatchObject([
      { rule: 'nvidia.rims', found: { driver: result, vbios: result }, device: 1 },
    ])
  })

  test('what tokens do not say is on no list', () => {
    const nvidia = {
      ...SECTION,
      pdis: ['00'.repeat(8)],
      featureFlags: ['SPT'] as const,
      requireProtectedPcie: true,
      measurements: [{ fwid: '00'.repeat(48) }],
      topologies: ['unlinked'] as const,
    }
    expect(failures({}, { nvidia }).map(({ rule }) => rule)).toEqual([
      'nvidia.topologies',
      'nvidia.requireProtectedPcie',
      'nvidia.featureFlags',
      'nvidia.pdis',
      'nvidia.measurements',
    ])
  })

  test('different drivers', () => {
    expect(ofDevice({ driverVersion: '570.1' }, { requireSameDriver: true })).toEqual([
      { rule: 'nvidia.requireSameDriver', found: ['550.144.03', '570.1'], accepted: true },
    ])
  })
})
