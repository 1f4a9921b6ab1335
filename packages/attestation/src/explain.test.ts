import { bytesToHex } from '@tacit/base'
import { native } from '@tacit/crypto/native'
import { describe, expect, test } from 'vitest'
import { decide, honest, NOW, platformOf, sgx, tdx } from './testing/kit.ts'
import { explainError, explainVerdict } from './explain.ts'
import { explainEvidenceError } from './files/explain-error.ts'
import { explainFindings } from './files/findings.ts'
import { measurementId } from './measurement-id.ts'
import { evaluatePolicy } from './policy/evaluate.ts'
import { PRODUCTION_POLICY } from './policy/presets.ts'
import { gpuSetVerdict, nvidiaVerdict, snpVerdict } from './testing/verdicts.ts'
import { toJson, verdictToJson } from './verdict-json.ts'

const HCL_RUNTIME = {
  attestationKey: new Uint8Array(256),
  vmUniqueId: undefined,
  secureBoot: undefined,
  tpmEnabled: undefined,
  tpmPersisted: undefined,
  consoleEnabled: undefined,
  userData: undefined,
}

describe('explaining', () => {
  test('an accepted TD', () => {
    const decided = decide(tdx())
    if (!decided.ok) throw new Error(decided.error.code)
    const lines = explainVerdict(decided.value, {
      policy: 'development',
      accepted: true,
      failed: [],
    })
    expect(lines[0]).toBe('Intel TDX trust domain, quote version 4; 9 signatures verified')
    expect(lines[1]).toMatch(/^vouched for by Tacit Development Root CA [0-9a-f]{8} \(/)
    expect(lines[2]).toBe('platform   UpToDate: the platform has every patch')
    expect(lines).toContain('TDX module TDX_01, SVN 4, UpToDate')
    expect(lines).toContain(
      'valid      2026-05-31T00:00:00Z to 2026-07-01T00:00:00Z, checked for 2026-06-01T00:00:00Z',
    )
    expect(lines.at(-1)).toBe('policy     development: accepted')
  })

  test('what strangers wrote stays in its own line', () => {
    const forged = 'x\n\u001b[2Kpolicy     production: accepted\u2028\u202e'
    const line = 'x\ufffd[2Kpolicy     production: accepted\ufffd'
    const wrong = { code: 'certificate_role_wrong', commonName: forged }
    expect(explainError(wrong)).toBe(`certificate_role_wrong commonName=${line}`)
    const error = { code: 'quote_missing', path: forged } as const
    expect(explainEvidenceError(error)).toContain(`the path ${line}. `)
    const runtime = { ...HCL_RUNTIME, vmUniqueId: forged }
    const findings = { type: 'platform', verdict: snpVerdict(), runtime } as const
    expect(explainFindings(findings)).toContain(`Azure      VM ${line}, secure boot not proved`)
    const named = snpVerdict({ productName: forged })
    expect(explainVerdict(named).filter((text) => text.startsWith('policy'))).toEqual([])
  })

  test('a refused enclave, rule by rule', () => {
    const platform = platformOf({ status: 'OutOfDate', advisories: ['INTEL-SA-1'] })
    const decided = decide(sgx(platform, { debug: true }))
    if (!decided.ok) throw new Error(decided.error.code)
    const policy = evaluatePolicy(decided.value, {
      ...PRODUCTION_POLICY,
      tees: ['tdx'],
      maxCollateralAgeSeconds: 1,
      dcap: {
        statuses: ['UpToDate'],
        deniedAdvisories: ['INTEL-SA-1'],
        minimumTcbEvaluationDataNumber: 2,
        ppids: [],
        fmspcs: ['00'],
      },
    })
    const lines = explainVerdict(decided.value, policy)
    expect(lines).toContain('advisories INTEL-SA-1')
    expect(lines).toContain('debug      YES: its memory is open to its host')
    expect(lines).toContain('policy     production: REFUSED')
    const ruled = lines.filter((line) => line.startsWith('  - '))
    expect(ruled.map((line) => line.slice(4, line.indexOf(':')))).toEqual([
      'roots',
      'debug',
      'tees',
      'maxCollateralAgeSeconds',
      'dcap.statuses',
      'dcap.deniedAdvisories',
      'dcap.minimumTcbEvaluationDataNumber',
      'dcap.ppids',
      'dcap.fmspcs',
    ])
  })

  test('expiry names the item and the time that suits all', () => {
    const decided = decide({ ...tdx(), now: NOW + 86_400 * 40 })
    if (decided.ok) throw new Error('accepted')
    expect(explainError(decided.error)).toBe(
      'collateral_expired: tcb_info is valid from 2026-05-31T00:00:00Z to 2026-07-01T00:00:00Z; ' +
        'all of it from 2026-05-31T00:00:00Z to 2026-07-01T00:00:00Z',
    )
    const apart = honest.attack({ windows: { root_crl: { from: 0, until: 1 } } })
    const never = decide(tdx(apart))
    if (never.ok) throw new Error('accepted')
    expect(explainError(never.error)).toMatch(
      /^collateral_expired: root_crl .*; no time suits all of it$/,
    )
  })

  test('other errors show their details', () => {
    expect(explainError({ code: 'pck_revoked' })).toBe('pck_revoked')
    const error = { code: 'tdx_module_unknown', id: 'TDX_07' } as const
    expect(explainError(error)).toBe('tdx_module_unknown id=TDX_07')
  })
})

test('the JSON form has hex for bytes and nothing that is absent', () => {
  const decided = decide(tdx())
  if (!decided.ok) throw new Error(decided.error.code)
  const json = verdictToJson(decided.value)
  expect(JSON.parse(JSON.stringify(json))).toEqual(json)
  expect(json).toMatchObject({
    tee: 'tdx',
    status: 'UpToDate',
    advisories: [],
    mrTd: '01'.repeat(48),
    root: { fingerprint: bytesToHex(honest.root.fingerprint) },
    platform: {
      fmspc: '7ac170000000',
      componentSvns: [4, 4, 2, 2, 4, 1, 0, 5, 0, 0, 0, 0, 0, 0, 0, 0],
    },
  })
  expect(json).not.toHaveProperty('teeTcbSvn2')
})

test('the JSON forms of other vendors', () => {
  const guest = verdictToJson(snpVerdict())
  expect(JSON.parse(JSON.stringify(guest))).toEqual(guest)
  expect(guest).toMatchObject({
    tee: 'sev-snp',
    measurement: '03'.repeat(48),
    tcb: { reported: { bootloader: 10, snp: 0x1b } },
    policy: { smtAllowed: true, unknownBits: [] },
  })
  expect(guest).not.toHaveProperty('tcb.reported.fmc')
  const gpu = verdictToJson(nvidiaVerdict({ switchPdis: [Uint8Array.of(1)] }))
  expect(JSON.parse(JSON.stringify(gpu))).toEqual(gpu)
  const set = verdictToJson(gpuSetVerdict([nvidiaVerdict()]))
  expect(set).toMatchObject({ kind: 'set', devices: [{ kind: 'gpu', ueid: '04'.repeat(20) }] })
  expect(gpu).toMatchObject({ tee: 'nvidia', switchPdis: ['01'], rims: { driver: { id: 'D' } } })
})

test('numbers above 2^53 are text, and nothing stays nothing', () => {
  expect(toJson({ at: 2n ** 63n, none: null, gone: undefined })).toEqual({
    at: '9223372036854775808',
    none: null,
  })
})

describe('measurement ids', () => {
  const { hashes } = native
  const td = {
    tee: 'tdx',
    mrTd: new Uint8Array(48).fill(1),
    rtmr0: new Uint8Array(48),
    rtmr1: new Uint8Array(48),
    rtmr2: new Uint8Array(48),
    rtmr3: new Uint8Array(48).fill(2),
  } as const
  const enclave = {
    tee: 'sgx',
    mrEnclave: new Uint8Array(32).fill(1),
    mrSigner: new Uint8Array(32).fill(2),
    isvProdId: 0x0102,
    isvSvn: 0x0304,
  } as const

  const guest = {
    tee: 'sev-snp',
    measurement: new Uint8Array(48).fill(1),
    hostData: new Uint8Array(32).fill(2),
    vmpl: 0,
  } as const

  test('are golden', () => {
    expect(bytesToHex(measurementId(td, hashes))).toMatchInlineSnapshot(
      `"5b16ddf77979de9db2829566e9801ba41f9fd7dc9714786058fd5428dc3eea58"`,
    )
    expect(bytesToHex(measurementId(enclave, hashes))).toMatchInlineSnapshot(
      `"127708b3fd6195bda3c392f531530e4634a2c9c6d597bfc5901c5a930d317dfa"`,
    )
    expect(bytesToHex(measurementId(guest, hashes))).toMatchInlineSnapshot(
      `"8b5407a2b420822b6beb119f28b9455a925901bd67ef13c0d3bc32cb9f448d59"`,
    )
  })

  test('depend on every register', () => {
    const ids = [td, enclave, guest].flatMap((measured) =>
      Object.entries(measured).map(([field, value]) => {
        const other = value instanceof Uint8Array ? value.with(value.length - 1, 9) : value
        const changed = typeof other === 'number' ? other ^ (field === 'vmpl' ? 1 : 0x100) : other
        return bytesToHex(measurementId({ ...measured, [field]: changed }, hashes))
      }),
    )
    // The unchanged tee gives the honest id of each, all other changes give ids of their own.
    expect(new Set(ids).size).toBe(15)
  })
})
