import { bytesToHex } from '@tacit/base'
import { describe, expect, test } from 'vitest'
import type { Verdict } from '../verdict.ts'
import { decide, NOW, tdx } from '../testing/kit.ts'
import { nvidiaVerdict, ROOT, snpVerdict } from '../testing/verdicts.ts'
import { evaluatePolicy } from './evaluate.ts'
import type { Policy } from './policy.ts'
import { developmentPolicy } from './presets.ts'

const guest = snpVerdict()
const gpu = nvidiaVerdict()
const td = { ...unwrapTd(), root: ROOT }
const OPEN = developmentPolicy([ROOT])
const FINGERPRINT = bytesToHex(ROOT.fingerprint)

function unwrapTd() {
  const decided = decide(tdx())
  if (!decided.ok) throw new Error(decided.error.code)
  return decided.value
}

function failures(verdict: Verdict, policy: Partial<Policy>, at?: number): readonly object[] {
  return evaluatePolicy(verdict, { ...OPEN, ...policy }, at).failed
}

describe.each([
  ['TDX', td, 'dcap'],
  ['SEV-SNP', guest, 'sevSnp'],
  ['NVIDIA', gpu, 'nvidia'],
] as const)('common rules for %s', (_, verdict, section) => {
  const { tee } = verdict

  test('an open policy accepts', () => {
    expect(failures(verdict, {})).toEqual([])
  })

  test('roots', () => {
    const failed = [{ rule: 'roots', found: FINGERPRINT, accepted: ['00'] }]
    expect(failures(verdict, { roots: ['00'] })).toEqual(failed)
  })

  test('debug', () => {
    const open: Verdict = { ...verdict, debug: true }
    expect(failures(open, { debug: false })).toEqual([
      { rule: 'debug', found: true, accepted: false },
    ])
    expect(failures(open, { debug: true })).toEqual([])
    expect(failures(verdict, { debug: false })).toEqual([])
  })

  test('tees', () => {
    expect(failures(verdict, { tees: [tee] })).toEqual([])
    expect(failures(verdict, { tees: ['sgx'] })).toEqual([
      { rule: 'tees', found: tee, accepted: ['sgx'] },
    ])
  })

  test('age of the verdict', () => {
    const policy = { maxEvidenceAgeSeconds: 60 }
    expect(failures(verdict, policy)).toEqual([])
    expect(failures(verdict, policy, NOW + 60)).toEqual([])
    expect(failures(verdict, policy, NOW + 61)).toEqual([
      { rule: 'maxEvidenceAgeSeconds', found: 61, accepted: 60 },
    ])
  })

  test('a verdict holds from its latest issue to its earliest expiry', () => {
    const { latestIssue: from, earliestExpiry: until } = verdict
    expect(failures(verdict, {}, from)).toEqual([])
    expect(failures(verdict, {}, until)).toEqual([])
    for (const at of [from - 1, until + 1]) {
      const failed = [{ rule: 'holds', found: at, accepted: { from, until } }]
      expect(failures(verdict, {}, at)).toEqual(failed)
    }
  })

  test('a policy without the section refuses', () => {
    const { [section]: _section, ...without } = OPEN
    expect(evaluatePolicy(verdict, without).failed).toEqual([
      { rule: section, found: tee, accepted: null },
    ])
  })

  test("the other vendors' sections say nothing", () => {
    const impossible: Policy = {
      ...OPEN,
      dcap: { statuses: [] },
      sevSnp: { families: [] },
      nvidia: { architectures: [], rims: { driver: [], vbios: [] } },
    }
    expect(failures(verdict, { ...impossible, [section]: OPEN[section] })).toEqual([])
    expect(failures(verdict, impossible).length).toBeGreaterThan(0)
  })
})

test('revocation must be known where the policy demands it', () => {
  const failed = [{ rule: 'requireRevocationKnown', found: false, accepted: true }]
  const policy = { requireRevocationKnown: true }
  for (const verdict of [td, guest, gpu]) expect(failures(verdict, policy)).toEqual([])
  const silentGuest = snpVerdict({ revocationKnownUntil: undefined })
  const revocation = { ...gpu.revocation, unknown: ['device'] as const }
  for (const verdict of [silentGuest, nvidiaVerdict({ revocation })]) {
    expect(failures(verdict, policy)).toEqual(failed)
    expect(failures(verdict, { requireRevocationKnown: false })).toEqual([])
    expect(failures(verdict, {})).toEqual([])
  }
})

test("NVIDIA's documents have no age", () => {
  expect(failures(gpu, { maxCollateralAgeSeconds: 0 })).toEqual([])
})

test('every failed rule is named, common ones first', () => {
  const bad = snpVerdict({ debug: true, revocationKnownUntil: undefined, vmpl: 3 })
  const policy: Policy = {
    name: 'narrow',
    roots: [],
    debug: false,
    tees: ['tdx'],
    maxEvidenceAgeSeconds: 1,
    maxCollateralAgeSeconds: 1,
    requireRevocationKnown: true,
    sevSnp: {
      families: [],
      minimumTcb: { Genoa: { snp: 255 } },
      minimumLaunchTcb: { Genoa: { snp: 255 } },
      minimumFirmware: '9',
      vmpls: [0],
      signingKeys: ['vlek'],
      chipIds: [],
      guestPolicy: { smtAllowed: false },
      platformInfo: { tioEnabled: true },
      measurements: [],
    },
  }
  const { accepted, failed } = evaluatePolicy(bad, policy, bad.earliestExpiry + 1)
  expect(accepted).toBe(false)
  expect(failed.map(({ rule }) => rule)).toEqual([
    'holds',
    'roots',
    'debug',
    'tees',
    'maxEvidenceAgeSeconds',
    'maxCollateralAgeSeconds',
    'requireRevocationKnown',
    'sevSnp.families',
    'sevSnp.minimumTcb',
    'sevSnp.minimumLaunchTcb',
    'sevSnp.minimumFirmware',
    'sevSnp.vmpls',
    'sevSnp.signingKeys',
    'sevSnp.chipIds',
    'sevSnp.guestPolicy',
    'sevSnp.platformInfo',
    'sevSnp.measurements',
  ])
})
