import { bytesToHex } from '@tacit/base'
import { describe, expect, test } from 'vitest'
import { readGuestPolicy } from '../sev-snp/guest-policy.ts'
import { readPlatformInfo } from '../sev-snp/platform-info.ts'
import type { SnpVerdict } from '../sev-snp/verdict.ts'
import { testSection } from '../testing/section-cases.ts'
import { ROOT, snpVerdict } from '../testing/verdicts.ts'
import { evaluatePolicy } from './evaluate.ts'
import type { Policy } from './policy.ts'
import { SNP_PLATFORM_FLAGS, SNP_POLICY_FLAGS, type SnpPolicy } from './snp-policy.ts'
import { SNP_RULES } from './snp-rules.ts'

const guest = snpVerdict()
const OPEN: Policy = {
  name: 'open',
  roots: [bytesToHex(ROOT.fingerprint)],
  debug: true,
  sevSnp: { families: ['Milan', 'Genoa', 'Turin'] },
}
const CHIP = bytesToHex(guest.chipId)
const vlek = snpVerdict({ signingKey: 'vlek', cspId: 'AWS' })
const turin = { fmc: 1, bootloader: 1, tee: 1, snp: 4, microcode: 81 }

function withTcb(tcb: Partial<SnpVerdict['tcb']>): SnpVerdict {
  return { ...guest, tcb: { ...guest.tcb, ...tcb } }
}

const measured = {
  measurement: '03'.repeat(48),
  hostData: '04'.repeat(32),
  idKeyDigest: '05'.repeat(48),
  authorKeyDigest: '06'.repeat(48),
  familyId: '01'.repeat(16),
  imageId: '02'.repeat(16),
}

describe('rules for SEV-SNP', () => {
  testSection<SnpVerdict, SnpPolicy>('sevSnp', OPEN, SNP_RULES, [
    { rule: 'families', accepts: ['Genoa'], refuses: ['Turin'], verdict: guest, found: 'Genoa' },
    {
      rule: 'deniedAdvisories',
      accepts: ['AMD-SB-3019', 'AMD-SB-3015'],
      verdict: guest,
      other: { ...guest, platformInfo: { ...guest.platformInfo, aliasCheckComplete: false } },
      found: ['AMD-SB-3015'],
    },
    {
      rule: 'deniedAdvisories',
      accepts: ['AMD-SB-3019'],
      verdict: withTcb({ reported: { ...guest.tcb.reported, snp: 0x17 } }),
      other: withTcb({ reported: { ...guest.tcb.reported, snp: 0x16 } }),
      found: ['AMD-SB-3019'],
    },
    {
      rule: 'minimumTcb',
      accepts: { Genoa: { bootloader: 10, snp: 0x1b, microcode: 86 }, Milan: { snp: 99 } },
      refuses: { Genoa: { bootloader: 9, snp: 0x1c, microcode: 87 } },
      verdict: guest,
      found: { snp: 0x1b, microcode: 86 },
    },
    {
      rule: 'minimumTcb',
      accepts: { Turin: { fmc: 1 } },
      refuses: { Turin: { fmc: 2, bootloader: 1, tee: 2 } },
      verdict: { ...withTcb({ reported: turin }), family: 'Turin' },
      found: { fmc: 1, tee: 1 },
    },
    {
      rule: 'minimumTcb',
      accepts: { Genoa: {} },
      refuses: { Genoa: { fmc: 1 } },
      verdict: guest,
      found: { fmc: 0 },
    },
    {
      rule: 'minimumLaunchTcb',
      accepts: { Genoa: { snp: 0x1b } },
      verdict: guest,
      other: withTcb({ launch: { ...guest.tcb.launch, snp: 0x16 } }),
      found: { snp: 0x16 },
    },
    {
      rule: 'minimumFirmware',
      accepts: '1.55.21',
      refuses: '1.55.22',
      verdict: guest,
      found: '1.55.21',
    },
    {
      rule: 'refuseProvisionalFirmware',
      accepts: true,
      verdict: guest,
      other: snpVerdict({
        firmware: { ...guest.firmware, current: { major: 1, minor: 56, build: 0 } },
      }),
      found: { current: '1.56.0', committed: '1.55.21' },
    },
    { rule: 'vmpls', accepts: [0], verdict: guest, other: snpVerdict({ vmpl: 3 }), found: 3 },
    { rule: 'signingKeys', accepts: ['vcek'], verdict: guest, other: vlek, found: 'vlek' },
    { rule: 'cspIds', accepts: ['AWS'], refuses: ['GCP'], verdict: vlek, found: 'AWS' },
    {
      rule: 'cspIds',
      accepts: ['AWS'],
      verdict: guest,
      other: { ...vlek, cspId: undefined },
      found: null,
    },
    { rule: 'chipIds', accepts: [CHIP], refuses: ['00'.repeat(64)], verdict: guest, found: CHIP },
    {
      rule: 'chipIds',
      accepts: [CHIP, '00'.repeat(64)],
      verdict: guest,
      other: snpVerdict({ chipId: new Uint8Array(64), chipIdMasked: true }),
      found: null,
    },
    {
      rule: 'guestPolicy',
      accepts: { smtAllowed: true, migrationAgentAllowed: false },
      refuses: { smtAllowed: false, migrationAgentAllowed: false, singleSocketRequired: true },
      verdict: guest,
      found: { smtAllowed: true, singleSocketRequired: false },
    },
    {
      rule: 'platformInfo',
      accepts: { eccEnabled: true, aliasCheckComplete: true, raplDisabled: false },
      refuses: { raplDisabled: true },
      verdict: guest,
      found: { raplDisabled: false },
    },
    {
      rule: 'refuseUnknownPolicyBits',
      accepts: true,
      verdict: guest,
      other: snpVerdict({ policy: { ...guest.policy, unknownBits: [40] } }),
      found: [40],
    },
    {
      rule: 'refuseUnknownPlatformBits',
      accepts: true,
      verdict: guest,
      other: snpVerdict({ platformInfo: { ...guest.platformInfo, unknownBits: [9] } }),
      found: [9],
    },
    {
      rule: 'measurements',
      accepts: [
        { measurement: 'ee'.repeat(48) },
        { name: 'guest', ...measured, minimumGuestSvn: 2 },
      ],
      refuses: [{ ...measured, minimumGuestSvn: 3 }],
      verdict: guest,
      found: { ...measured, guestSvn: 2 },
    },
  ])

  test('switched off, a rule accepts what it would refuse', () => {
    const sevSnp = {
      families: ['Genoa'] as const,
      refuseProvisionalFirmware: false,
      refuseUnknownPolicyBits: false,
      refuseUnknownPlatformBits: false,
    }
    const bad = snpVerdict({
      policy: { ...guest.policy, unknownBits: [40] },
      platformInfo: { ...guest.platformInfo, unknownBits: [9] },
      firmware: { ...guest.firmware, current: { major: 2, minor: 0, build: 0 } },
    })
    expect(evaluatePolicy(bad, { ...OPEN, sevSnp }).failed).toEqual([])
  })
})

test.each(Object.keys(measured))('%s of an allow list counts', (name) => {
  const entry = { ...measured, [name]: 'ee'.repeat(measured.measurement.length / 2) }
  const sevSnp = { families: ['Genoa'] as const, measurements: [entry] }
  expect(evaluatePolicy(guest, { ...OPEN, sevSnp }).accepted).toBe(false)
})

test("an author key's digest counts only where there is an author key", () => {
  const measurements = [{ authorKeyDigest: measured.authorKeyDigest }]
  const sevSnp = { families: ['Genoa'] as const, measurements }
  const policy = { ...OPEN, sevSnp }
  expect(evaluatePolicy(guest, policy).accepted).toBe(true)
  expect(evaluatePolicy(snpVerdict({ authorKeyEnabled: false }), policy).accepted).toBe(false)
})

test('the age of collateral is that of the revocation list, by the own number of the section', () => {
  const policy = { ...OPEN, maxCollateralAgeSeconds: 86_400 }
  expect(evaluatePolicy(guest, policy).failed).toEqual([])
  const old = snpVerdict({ issued: { endorsement: 0, crl: guest.verifiedAt - 86_401 } })
  expect(evaluatePolicy(old, policy).failed).toEqual([
    { rule: 'maxCollateralAgeSeconds', found: 86_401, accepted: 86_400 },
  ])
  const families = ['Genoa'] as const
  const own = { ...policy, sevSnp: { families, maxCollateralAgeSeconds: 86_401 } }
  expect(evaluatePolicy(old, own).failed).toEqual([])
  const strict = { ...policy, sevSnp: { families, maxCollateralAgeSeconds: 5 } }
  expect(evaluatePolicy(old, strict).failed).toEqual([
    { rule: 'sevSnp.maxCollateralAgeSeconds', found: 86_401, accepted: 5 },
  ])
  const none = snpVerdict({ issued: { endorsement: 0, crl: undefined } })
  expect(evaluatePolicy(none, strict).failed).toEqual([])
})

test('the flags that a policy may name are those of reports', () => {
  const names = (flags: object): string[] => {
    return Object.entries(flags).flatMap(([name, value]) =>
      typeof value === 'boolean' ? [name] : [],
    )
  }
  const zero = new Uint8Array(8)
  expect(names(readGuestPolicy(zero)).filter((name) => name !== 'debugAllowed')).toEqual(
    SNP_POLICY_FLAGS,
  )
  expect(names(readPlatformInfo(zero))).toEqual(SNP_PLATFORM_FLAGS)
})
