import { bytesToHex } from '@tacit/base'
import { describe, expect, test } from 'vitest'
import { TCB_STATUSES } from '../dcap/tcb-status.ts'
import type { DcapVerdict, SgxVerdict, TdxVerdict } from '../dcap/verdict.ts'
import { DAY, decide, honest, NOW, platformOf, sgx, tdx } from '../testing/kit.ts'
import { testSection } from '../testing/section-cases.ts'
import { DCAP_RULES } from './dcap-rules.ts'
import type { DcapPolicy } from './dcap-policy.ts'
import { evaluatePolicy } from './evaluate.ts'
import type { Policy } from './policy.ts'

const td = verdictOf(tdx()) as TdxVerdict
const enclave = verdictOf(sgx()) as SgxVerdict
const OPEN: Policy = {
  name: 'open',
  roots: [bytesToHex(honest.root.fingerprint)],
  debug: true,
  dcap: { statuses: TCB_STATUSES.filter((status) => status !== 'NotSupported') },
}

function verdictOf(input: Parameters<typeof decide>[0]): DcapVerdict {
  const decided = decide(input)
  if (!decided.ok) throw new Error(decided.error.code)
  return decided.value
}

/** A verdict whose platform differs. */
function on(platform: Partial<DcapVerdict['platform']>): DcapVerdict {
  return { ...td, platform: { ...td.platform, ...platform } }
}

function configured(configuration: Partial<DcapVerdict['platform']['configuration']>): DcapVerdict {
  const unknown = { dynamicPlatform: undefined, cachedKeys: undefined, smtEnabled: undefined }
  return on({ configuration: { ...unknown, ...configuration } })
}

function flagged(flags: Partial<TdxVerdict['flags']>): DcapVerdict {
  return { ...td, flags: { ...td.flags, ...flags } }
}

const quoted = (changes: Partial<DcapVerdict['quotingEnclave']>): DcapVerdict => {
  return { ...td, quotingEnclave: { ...td.quotingEnclave, ...changes } }
}

const PPID = bytesToHex(td.platform.ppid)
const INSTANCE = new Uint8Array(16).fill(9)
const SVNS = [...td.teeTcbSvn]
const SERVICE_TD = new Uint8Array(48).with(47, 1)
const measured = {
  tee: 'tdx',
  mrTd: bytesToHex(td.mrTd),
  rtmr0: bytesToHex(td.rtmr0),
  rtmr1: bytesToHex(td.rtmr1),
  rtmr2: bytesToHex(td.rtmr2),
  rtmr3: bytesToHex(td.rtmr3),
  mrConfigId: bytesToHex(td.mrConfigId),
  mrOwner: bytesToHex(td.mrOwner),
  mrOwnerConfig: bytesToHex(td.mrOwnerConfig),
  mrSeam: bytesToHex(td.mrSeam),
  mrServiceTd: '00'.repeat(48),
} as const

describe('rules for DCAP', () => {
  testSection<DcapVerdict, DcapPolicy>('dcap', OPEN, DCAP_RULES, [
    {
      rule: 'statuses',
      accepts: ['UpToDate'],
      refuses: ['OutOfDate', 'Revoked'],
      verdict: td,
      found: 'UpToDate',
    },
    {
      rule: 'moduleStatuses',
      accepts: ['UpToDate'],
      refuses: ['OutOfDate'],
      verdict: td,
      found: 'UpToDate',
    },
    {
      rule: 'quotingEnclaveStatuses',
      accepts: ['UpToDate'],
      verdict: td,
      other: quoted({ status: 'OutOfDate' }),
      found: 'OutOfDate',
    },
    {
      rule: 'deniedAdvisories',
      accepts: ['INTEL-SA-1', 'INTEL-SA-2'],
      verdict: td,
      other: { ...td, advisories: ['INTEL-SA-3', 'INTEL-SA-2'] },
      found: ['INTEL-SA-2'],
    },
    {
      rule: 'deniedAdvisories',
      accepts: ['INTEL-SA-1'],
      verdict: td,
      other: quoted({ advisories: ['INTEL-SA-1'] }),
      found: ['INTEL-SA-1'],
    },
    { rule: 'minimumTcbEvaluationDataNumber', accepts: 1, refuses: 2, verdict: td, found: 1 },
    {
      rule: 'minimumTcbEvaluationDataNumber',
      accepts: 1,
      verdict: td,
      other: { ...td, qeIdentityEvaluationDataNumber: 0 },
      found: 0,
    },
    {
      rule: 'minimumTeeTcbSvn',
      accepts: SVNS,
      refuses: SVNS.with(15, 1),
      verdict: td,
      found: SVNS,
    },
    {
      rule: 'minimumPceSvn',
      accepts: td.platform.pceSvn,
      refuses: td.platform.pceSvn + 1,
      verdict: td,
      found: td.platform.pceSvn,
    },
    {
      rule: 'minimumQuotingEnclaveSvn',
      accepts: td.quotingEnclave.isvSvn,
      refuses: td.quotingEnclave.isvSvn + 1,
      verdict: td,
      found: td.quotingEnclave.isvSvn,
    },
    { rule: 'minimumIsvSvn', accepts: 772, refuses: 773, verdict: enclave, found: 772 },
    { rule: 'ppids', accepts: [PPID], refuses: ['00'.repeat(16)], verdict: td, found: PPID },
    { rule: 'fmspcs', accepts: ['7ac170000000'], refuses: [], verdict: td, found: '7ac170000000' },
    {
      rule: 'platformInstanceIds',
      accepts: [bytesToHex(INSTANCE)],
      verdict: on({ platformInstanceId: INSTANCE }),
      other: on({ platformInstanceId: undefined }),
      found: null,
    },
    {
      rule: 'platformInstanceIds',
      accepts: [bytesToHex(INSTANCE)],
      refuses: [],
      verdict: on({ platformInstanceId: INSTANCE }),
      found: bytesToHex(INSTANCE),
    },
    {
      rule: 'requireSmtDisabled',
      accepts: true,
      verdict: configured({ smtEnabled: false }),
      other: configured({ smtEnabled: true }),
      found: true,
    },
    {
      rule: 'requireSmtDisabled',
      accepts: true,
      verdict: configured({ smtEnabled: false }),
      other: on({ configuration: undefined }),
      found: null,
    },
    {
      rule: 'refuseDynamicPlatform',
      accepts: true,
      verdict: configured({ dynamicPlatform: undefined }),
      other: configured({ dynamicPlatform: true }),
      found: true,
    },
    {
      rule: 'refuseCachedKeys',
      accepts: true,
      verdict: configured({ cachedKeys: false }),
      other: configured({ cachedKeys: true }),
      found: true,
    },
    {
      rule: 'requireSeptVeDisable',
      accepts: true,
      verdict: td,
      other: flagged({ septVeDisable: false }),
      found: false,
    },
    {
      rule: 'refuseUnknownAttributes',
      accepts: true,
      verdict: td,
      other: flagged({ unknown: true }),
      found: bytesToHex(td.tdAttributes),
    },
    {
      rule: 'refuseUnknownAttributes',
      accepts: true,
      verdict: enclave,
      other: { ...enclave, flags: { ...enclave.flags, unknown: true } },
      found: bytesToHex(enclave.attributes),
    },
    {
      rule: 'deniedTdAttributes',
      accepts: ['migratable', 'keyLocker'],
      verdict: td,
      other: flagged({ migratable: true }),
      found: ['migratable'],
    },
    {
      rule: 'deniedSgxAttributes',
      accepts: ['provisionKey'],
      refuses: ['provisionKey', 'mode64'],
      verdict: enclave,
      found: ['mode64'],
    },
    {
      rule: 'refuseServiceTd',
      accepts: true,
      verdict: { ...td, mrServiceTd: new Uint8Array(48) },
      other: { ...td, mrServiceTd: SERVICE_TD },
      found: bytesToHex(SERVICE_TD),
    },
    {
      rule: 'measurements',
      accepts: [{ tee: 'sgx' }, { ...measured, name: 'contracts' }],
      refuses: [{ tee: 'sgx' }],
      verdict: td,
      found: measured,
    },
  ])

  test('switched off, a rule accepts what it would refuse', () => {
    const worst: DcapVerdict = { ...td, ...flagged({ septVeDisable: false, unknown: true }) }
    const bad = { ...worst, ...on({ configuration: undefined }), mrServiceTd: SERVICE_TD }
    const off = {
      requireSmtDisabled: false,
      refuseDynamicPlatform: false,
      refuseCachedKeys: false,
      requireSeptVeDisable: false,
      refuseUnknownAttributes: false,
      refuseServiceTd: false,
    }
    expect(
      evaluatePolicy(bad, { ...OPEN, dcap: { ...OPEN.dcap, statuses: ['UpToDate'], ...off } }),
    ).toEqual({
      policy: 'open',
      accepted: true,
      failed: [],
    })
  })

  test('rules for TDX say nothing about SGX, nor the other way round', () => {
    const rules: DcapPolicy = {
      statuses: ['UpToDate'],
      moduleStatuses: [],
      minimumTeeTcbSvn: Array.from({ length: 16 }, () => 255),
      requireSeptVeDisable: true,
      deniedTdAttributes: ['septVeDisable'],
      refuseServiceTd: true,
    }
    expect(evaluatePolicy(enclave, { ...OPEN, dcap: rules }).failed).toEqual([])
    const forSgx: DcapPolicy = {
      statuses: ['UpToDate'],
      minimumIsvSvn: 9999,
      deniedSgxAttributes: ['mode64'],
    }
    expect(evaluatePolicy(td, { ...OPEN, dcap: forSgx }).failed).toEqual([])
  })

  test('NotSupported is never accepted, even where a policy names it', () => {
    const unsupported = verdictOf(tdx(platformOf({ status: 'NotSupported' })))
    const statuses = TCB_STATUSES as unknown as DcapPolicy['statuses']
    const policy = { ...OPEN, dcap: { statuses } }
    expect(evaluatePolicy(unsupported, policy).failed).toMatchObject([{ rule: 'dcap.statuses' }])
  })

  test('attributes and service TDs as the processor writes them', () => {
    const loose = honest.attack({
      editBody: (bytes) => {
        bytes[123] = 0
        bytes[121] = 1
        bytes[647] = 1
      },
    })
    const verdict = verdictOf(tdx(loose, { quoteVersion: 5 }))
    const strict = {
      requireSeptVeDisable: true,
      refuseUnknownAttributes: true,
      refuseServiceTd: true,
    }
    const policy: Policy = { ...OPEN, dcap: { statuses: ['UpToDate'], ...strict } }
    expect(evaluatePolicy(verdict, policy).failed.map(({ rule, found }) => [rule, found])).toEqual([
      ['dcap.requireSeptVeDisable', false],
      ['dcap.refuseUnknownAttributes', '0001000000000000'],
      ['dcap.refuseServiceTd', `${'00'.repeat(47)}01`],
    ])
  })
})

describe('allow lists of programs', () => {
  const of = (verdict: DcapVerdict, measurements: DcapPolicy['measurements'] = []) => {
    const dcap = { statuses: ['UpToDate'] as const, measurements }
    return evaluatePolicy(verdict, { ...OPEN, dcap }).accepted
  }

  test.each(Object.keys(measured).filter((name) => name !== 'tee'))('%s counts', (name) => {
    const other = { ...measured, [name]: 'ee'.repeat(48) }
    expect(of(td, [other])).toBe(false)
    expect(of(td, [other, measured])).toBe(true)
  })

  const program = {
    tee: 'sgx',
    mrEnclave: '02'.repeat(32),
    mrSigner: '03'.repeat(32),
    isvProdId: 258,
    minimumIsvSvn: 772,
    configId: '00'.repeat(64),
    isvFamilyId: '00'.repeat(16),
    isvExtProdId: '00'.repeat(16),
  } as const

  test.each([
    ['mrEnclave', 'ee'.repeat(32)],
    ['mrSigner', 'ee'.repeat(32)],
    ['isvProdId', 259],
    ['minimumIsvSvn', 773],
    ['configId', 'ee'.repeat(64)],
    ['isvFamilyId', 'ee'.repeat(16)],
    ['isvExtProdId', 'ee'.repeat(16)],
  ])('%s counts', (name, value) => {
    expect(of(enclave, [{ ...program, minimumIsvSvn: 771 }])).toBe(true)
    expect(of(enclave, [{ ...program, [name]: value }])).toBe(false)
  })

  test('fields of several entries are not mixed', () => {
    const split = [
      { ...measured, rtmr3: 'ee'.repeat(48) },
      { ...measured, mrTd: 'ee'.repeat(48) },
    ]
    expect(of(td, split)).toBe(false)
  })

  test('a program of the other kind is on no list, and the empty list has none', () => {
    expect(of(td, [{ tee: 'sgx' }])).toBe(false)
    expect(of(enclave, [{ tee: 'tdx' }])).toBe(false)
    expect(of(td, [])).toBe(false)
  })
})

test('the age of collateral is that of the oldest document', () => {
  const old = { ...td, issued: { ...td.issued, qeIdentity: NOW - 2 * DAY } }
  const policy = { ...OPEN, maxCollateralAgeSeconds: 2 * DAY - 1 }
  expect(evaluatePolicy(td, policy).failed).toEqual([])
  expect(evaluatePolicy(old, policy).failed).toEqual([
    { rule: 'maxCollateralAgeSeconds', found: 2 * DAY, accepted: 2 * DAY - 1 },
  ])
  for (const document of ['tcbInfo', 'pckCrl']) {
    const other = { ...td, issued: { ...td.issued, [document]: NOW - 3 * DAY } }
    expect(evaluatePolicy(other, policy).accepted).toBe(false)
  }
})
