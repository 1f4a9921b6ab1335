import { bytesToHex } from '@tacit/base'
import { createDevPlatform, type DevAttack } from '@tacit/platform-dev'
import { describe, expect, test } from 'vitest'
import { DAY, decide, honest, NOW, outcome, platformOf, sgx, tdx } from '../testing/kit.ts'
import type { DcapError } from './errors.ts'
import type { DcapInput } from './verify.ts'

const EXPIRED = { from: NOW - 40 * DAY, until: NOW - 1 }
const FUTURE = { from: NOW + 1, until: NOW + DAY }
const other = createDevPlatform({ seed: new Uint8Array(32).fill(8), now: NOW })

/** The first TCB level of a document under attack. */
type Document = Parameters<NonNullable<DevAttack['editTcbInfo']>>[0]

function levelsOf(document: Document): Record<string, unknown>[] {
  return document['tcbLevels'] as Record<string, unknown>[]
}

function modulesOf(document: Document): Record<string, unknown>[] {
  return document['tdxModuleIdentities'] as Record<string, unknown>[]
}

const CASES: readonly [string, DevAttack, Partial<DcapError> & { code: DcapError['code'] }][] = [
  // Chains.
  [
    'an intermediate that is no CA',
    role('pck_ca', { isCa: false, pathLength: undefined }),
    at('certificate_not_ca', 'pck_ca'),
  ],
  [
    'a root that is no CA',
    role('root', { isCa: false, pathLength: undefined }),
    at('certificate_not_ca', 'root'),
  ],
  ['a PCK that is a CA', role('pck', { isCa: true }), at('certificate_path_too_long', 'pck')],
  [
    'a TCB signer that is a CA',
    role('tcb_signing', { isCa: true }),
    at('certificate_is_ca', 'tcb_signing'),
  ],
  [
    'a root that allows no intermediate',
    role('root', { pathLength: 0 }),
    at('certificate_path_too_long', 'pck_ca'),
  ],
  [
    'an intermediate without certSign',
    role('pck_ca', { keyUsage: 0x02 }),
    at('certificate_key_usage_wrong', 'pck_ca'),
  ],
  [
    'an intermediate without cRLSign',
    role('pck_ca', { keyUsage: 0x04 }),
    at('certificate_key_usage_wrong', 'pck_ca'),
  ],
  [
    'a PCK without digitalSignature',
    role('pck', { keyUsage: 0x40 }),
    at('certificate_key_usage_wrong', 'pck'),
  ],
  [
    'a TCB signer without digitalSignature',
    role('tcb_signing', { keyUsage: 0x04 }),
    at('certificate_key_usage_wrong', 'tcb_signing'),
  ],
  [
    'a PCK of another name',
    role('pck', { commonName: 'Intel SGX TCB Signing' }),
    at('certificate_role_wrong', 'pck'),
  ],
  [
    'an intermediate of another name',
    role('pck_ca', { commonName: 'Intel SGX PCK Certificate' }),
    at('certificate_role_wrong', 'pck_ca'),
  ],
  [
    'a TCB signer of another name',
    role('tcb_signing', { commonName: 'Intel SGX PCK Processor CA' }),
    at('certificate_role_wrong', 'tcb_signing'),
  ],
  ['a PCK signed by itself', { signers: { pck: 'pck' } }, { code: 'pck_signature_invalid' }],
  [
    'an intermediate signed by the PCK',
    { signers: { pck_ca: 'pck' } },
    { code: 'pck_ca_signature_invalid' },
  ],
  [
    'a TCB signer signed by the intermediate',
    { signers: { tcb_signing: 'pck_ca' } },
    { code: 'tcb_signing_signature_invalid' },
  ],
  // An extracted PCK key must not speak for Intel.
  [
    'TCB info signed by the PCK',
    { signers: { tcb_info: 'pck' } },
    { code: 'tcb_info_signature_invalid' },
  ],
  [
    'QE identity signed by the PCK',
    { signers: { qe_identity: 'pck' } },
    { code: 'qe_identity_signature_invalid' },
  ],
  [
    'a root CRL signed by the PCK',
    { signers: { root_crl: 'pck' } },
    { code: 'root_crl_signature_invalid' },
  ],
  [
    'a PCK CRL signed by the PCK',
    { signers: { pck_crl: 'pck' } },
    { code: 'pck_crl_signature_invalid' },
  ],
  [
    'a forged CRL that names the PCK',
    { signers: { pck_crl: 'pck' }, revoked: ['pck'] },
    { code: 'pck_crl_signature_invalid' },
  ],
  // Revocation.
  ['a revoked PCK', { revoked: ['pck'] }, { code: 'pck_revoked' }],
  ['a revoked intermediate', { revoked: ['pck_ca'] }, { code: 'pck_ca_revoked' }],
  ['a revoked TCB signer', { revoked: ['tcb_signing'] }, { code: 'tcb_signing_revoked' }],
  [
    'a PCK CRL in the name of the root',
    { crlIssuers: { pck_crl: 'root' } },
    { code: 'crl_issuer_mismatch', crl: 'pck_crl' },
  ],
  [
    'a root CRL in the name of the intermediate',
    { crlIssuers: { root_crl: 'pck_ca' } },
    { code: 'crl_issuer_mismatch', crl: 'root_crl' },
  ],
  // Time.
  [
    'expired TCB info',
    { windows: { tcb_info: EXPIRED } },
    { code: 'collateral_expired', item: 'tcb_info' },
  ],
  [
    'expired QE identity',
    { windows: { qe_identity: EXPIRED } },
    { code: 'collateral_expired', item: 'qe_identity' },
  ],
  [
    'an expired PCK CRL',
    { windows: { pck_crl: EXPIRED } },
    { code: 'collateral_expired', item: 'pck_crl' },
  ],
  [
    'an expired root CRL',
    { windows: { root_crl: EXPIRED } },
    { code: 'collateral_expired', item: 'root_crl' },
  ],
  [
    'TCB info of the future',
    { windows: { tcb_info: FUTURE } },
    { code: 'collateral_not_yet_valid', item: 'tcb_info' },
  ],
  [
    'QE identity of the future',
    { windows: { qe_identity: FUTURE } },
    { code: 'collateral_not_yet_valid', item: 'qe_identity' },
  ],
  [
    'a PCK CRL of the future',
    { windows: { pck_crl: FUTURE } },
    { code: 'collateral_not_yet_valid', item: 'pck_crl' },
  ],
  [
    'a root CRL of the future',
    { windows: { root_crl: FUTURE } },
    { code: 'collateral_not_yet_valid', item: 'root_crl' },
  ],
  ['an expired PCK', role('pck', { notAfter: NOW - 1 }), at('certificate_expired', 'pck')],
  [
    'an expired intermediate',
    role('pck_ca', { notAfter: NOW - 1 }),
    at('certificate_expired', 'pck_ca'),
  ],
  [
    'an expired TCB signer',
    role('tcb_signing', { notAfter: NOW - 1 }),
    at('certificate_expired', 'tcb_signing'),
  ],
  ['an expired root', role('root', { notAfter: NOW - 1 }), at('certificate_expired', 'root')],
  [
    'a PCK of the future',
    role('pck', { notBefore: NOW + 1 }),
    at('certificate_not_yet_valid', 'pck'),
  ],
  [
    'an intermediate of the future',
    role('pck_ca', { notBefore: NOW + 1 }),
    at('certificate_not_yet_valid', 'pck_ca'),
  ],
  [
    'a TCB signer of the future',
    role('tcb_signing', { notBefore: NOW + 1 }),
    at('certificate_not_yet_valid', 'tcb_signing'),
  ],
  [
    'a root of the future',
    role('root', { notBefore: NOW + 1 }),
    at('certificate_not_yet_valid', 'root'),
  ],
  // TCB info and QE identity.
  ['another FMSPC', tcb((d) => (d['fmspc'] = '7AC170000001')), { code: 'fmspc_mismatch' }],
  ['another PCEID', tcb((d) => (d['pceId'] = '0100')), { code: 'pce_id_mismatch' }],
  ['TCB type 1', tcb((d) => (d['tcbType'] = 1)), { code: 'tcb_info_type_unsupported', tcbType: 1 }],
  [
    'TCB info version 4',
    tcb((d) => (d['version'] = 4)),
    { code: 'tcb_info_version_unsupported', version: 4 },
  ],
  [
    'QE identity version 1',
    qe((d) => (d['version'] = 1)),
    { code: 'qe_identity_version_unsupported', version: 1 },
  ],
  ['TCB info for SGX', tcb((d) => (d['id'] = 'SGX')), { code: 'tcb_info_tee_mismatch' }],
  ['QE identity for SGX', qe((d) => (d['id'] = 'QE')), { code: 'qe_identity_tee_mismatch' }],
  [
    "the verification enclave's identity",
    qe((d) => (d['id'] = 'QVE')),
    { code: 'qe_identity_tee_mismatch' },
  ],
  // The quoting enclave.
  [
    'another MRSIGNER',
    qe((d) => (d['mrsigner'] = '00'.repeat(32))),
    { code: 'qe_mr_signer_mismatch' },
  ],
  ['another product', qe((d) => (d['isvprodid'] = 3)), { code: 'qe_isv_prod_id_mismatch' }],
  ['another MISCSELECT', report(16), { code: 'qe_misc_select_mismatch' }],
  ['other attributes', report(48, 0x20), { code: 'qe_attributes_mismatch' }],
  ['a quoting enclave in debug mode', report(48, 0x02), { code: 'qe_debug' }],
  ['a report over another key', report(320), { code: 'qe_report_data_mismatch' }],
  ['a report with more behind the hash', report(352), { code: 'qe_report_data_mismatch' }],
  // The TDX module.
  [
    'an unknown module',
    tcb((d) => (d['tdxModuleIdentities'] = [])),
    { code: 'tdx_module_unknown', id: 'TDX_01' },
  ],
  [
    'no module identities',
    tcb((d) => delete d['tdxModuleIdentities']),
    { code: 'tdx_module_unknown', id: 'TDX_01' },
  ],
  ['a module by another signer', body(64), { code: 'tdx_module_mr_signer_mismatch' }],
  ['a module with attributes', body(112), { code: 'tdx_module_attributes_mismatch' }],
  [
    'a module whose identity has attributes',
    tcb((d) => Object.assign(modulesOf(d)[0] ?? {}, { attributes: '01'.padEnd(16, '0') })),
    { code: 'tdx_module_attributes_mismatch' },
  ],
]

function role(name: 'root' | 'pck_ca' | 'pck' | 'tcb_signing', change: object): DevAttack {
  return { certificates: { [name]: change } }
}

function at(
  code: Extract<DcapError, { certificate: unknown }>['code'],
  certificate: 'root' | 'pck_ca' | 'pck' | 'tcb_signing',
): Partial<DcapError> & { code: DcapError['code'] } {
  return { code, certificate }
}

function tcb(editTcbInfo: (document: Document) => unknown): DevAttack {
  return { editTcbInfo: (document) => void editTcbInfo(document) }
}

function qe(editQeIdentity: (document: Document) => unknown): DevAttack {
  return { editQeIdentity: (document) => void editQeIdentity(document) }
}

function report(offset: number, bits = 1): DevAttack {
  return { editQeReport: (bytes) => void (bytes[offset] = (bytes[offset] ?? 0) ^ bits) }
}

function body(offset: number, value = 1): DevAttack {
  return { editBody: (bytes) => void (bytes[offset] = value) }
}

/** Evidence of a platform under attack, with its own root trusted. */
function attacked(attack: DevAttack, options: Parameters<typeof platformOf>[0] = {}): DcapInput {
  const platform = platformOf(options).attack(attack)
  return { ...tdx(platform), roots: [platform.root] }
}

describe('every rule has its own code', () => {
  test.each(CASES)('%s', (_, attack, expected) => {
    const decided = decide(attacked(attack))
    expect(decided.ok ? decided.value.status : decided.error).toMatchObject(expected)
  })

  test('the cases are 61 and their platform is honest but for the attack', () => {
    expect(CASES).toHaveLength(61)
    expect(outcome(attacked({}))).toBe('UpToDate')
  })
})

describe('roots', () => {
  test('another root', () => {
    const decided = decide({ ...tdx(), roots: [other.root] })
    expect(decided).toEqual({ ok: false, error: { code: 'root_untrusted', chain: 'pck' } })
  })

  test('no root', () => {
    expect(outcome({ ...tdx(), roots: [] })).toBe('root_untrusted')
  })

  test("another vendor's root vouches for nothing of Intel's", () => {
    const roots = [{ ...honest.root, vendor: 'amd' } as const]
    expect(outcome({ ...tdx(), roots })).toBe('root_untrusted')
  })

  test('a root with the same key and name but other bytes', () => {
    const renewed = honest.attack({ certificates: { root: { notBefore: NOW - DAY } } })
    expect(renewed.root.name).toBe(honest.root.name)
    expect(outcome({ ...tdx(), roots: [renewed.root] })).toBe('root_untrusted')
  })

  test.each([
    ['pck_crl_issuer', 'pckCrlIssuerChain'],
    ['tcb_info_issuer', 'tcbInfoIssuerChain'],
    ['qe_identity_issuer', 'qeIdentityIssuerChain'],
  ] as const)('a %s chain under another trusted root', (chain, field) => {
    const input = tdx()
    const collateral = { ...input.collateral, [field]: other.collateral()[field] }
    const decided = decide({ ...input, collateral, roots: [honest.root, other.root] })
    expect(decided).toEqual({ ok: false, error: { code: 'root_untrusted', chain } })
  })

  test('two platforms under two trusted roots both verify', () => {
    const roots = [honest.root, other.root]
    expect(outcome({ ...tdx(), roots })).toBe('UpToDate')
    expect(outcome({ ...tdx(other), roots })).toBe('UpToDate')
  })
})

describe('statuses', () => {
  test.each([
    'UpToDate',
    'SWHardeningNeeded',
    'ConfigurationNeeded',
    'ConfigurationAndSWHardeningNeeded',
    'OutOfDate',
    'OutOfDateConfigurationNeeded',
    'Revoked',
    'NotSupported',
  ] as const)('%s is the platform level of TDX and of SGX', (status) => {
    const platform = platformOf({ status, advisories: ['INTEL-SA-00001'] })
    const advisories = status === 'NotSupported' ? [] : ['INTEL-SA-00001']
    for (const input of [tdx(platform), sgx(platform)]) {
      expect(decide(input)).toMatchObject({ ok: true, value: { status, advisories } })
    }
  })

  const CONVERGED = {
    UpToDate: 'OutOfDate',
    SWHardeningNeeded: 'OutOfDate',
    ConfigurationNeeded: 'OutOfDateConfigurationNeeded',
    ConfigurationAndSWHardeningNeeded: 'OutOfDateConfigurationNeeded',
    OutOfDate: 'OutOfDate',
    OutOfDateConfigurationNeeded: 'OutOfDateConfigurationNeeded',
    Revoked: 'Revoked',
    NotSupported: 'NotSupported',
  } as const

  test.each(Object.entries(CONVERGED))(
    '%s with an old quoting enclave is %s',
    (status, expected) => {
      const options = { status: status as keyof typeof CONVERGED }
      expect(outcome(attacked(qeLevel('OutOfDate'), options))).toBe(expected)
    },
  )

  test.each(Object.entries(CONVERGED))('%s with an old TDX module is %s', (status, expected) => {
    const options = { status: status as keyof typeof CONVERGED }
    expect(outcome(attacked(moduleLevel('OutOfDate'), options))).toBe(expected)
  })

  test.each(['Revoked', 'NotSupported'])('a quoting enclave that is %s decides', (status) => {
    expect(outcome(attacked(qeLevel(status)))).toBe(status)
    expect(outcome(attacked(qeLevel(status), { status: 'OutOfDate' }))).toBe(status)
  })

  test.each(['Revoked', 'NotSupported'])('a TDX module that is %s decides', (status) => {
    expect(outcome(attacked(moduleLevel(status)))).toBe(status)
    expect(outcome(attacked({ ...moduleLevel(status), ...qeLevel('OutOfDate') }))).toBe(status)
  })

  test('advisories of level and module are merged without repetition; those of the quoting enclave stand apart', () => {
    const attack = {
      ...moduleLevel('OutOfDate', ['INTEL-SA-00002', 'INTEL-SA-00001']),
      ...qeLevel('OutOfDate', ['INTEL-SA-00003']),
    }
    const decided = decide(attacked(attack, { advisories: ['INTEL-SA-00001'] }))
    expect(decided).toMatchObject({
      value: {
        advisories: ['INTEL-SA-00001', 'INTEL-SA-00002'],
        quotingEnclave: { advisories: ['INTEL-SA-00003'] },
      },
    })
  })

  test('levels count in descending order, whatever their order in the document', () => {
    const reversed = tcb((document) => levelsOf(document).reverse())
    for (const status of ['OutOfDate', 'Revoked'] as const) {
      expect(outcome(attacked(reversed, { status }))).toBe(status)
    }
  })

  test.each([
    ['an SGX component', { sgxSvns: svns([4, 3, 2, 2, 4, 1, 0, 5]) }],
    ['the PCESVN', { pceSvn: 12 }],
  ])('%s below the level is not supported', (_, machine) => {
    const low = honest.attack({ machine })
    const input = { ...tdx(low), collateral: honest.collateral() }
    expect(outcome(input)).toBe('NotSupported')
  })

  test('TDX components 0 and 1 are for the module identity to judge, from 2 on for the level', () => {
    const demanding = tcb((document) => setTdxSvn(document, 0, 200))
    expect(outcome(attacked(demanding))).toBe('UpToDate')
    expect(outcome(attacked(tcb((document) => setTdxSvn(document, 2, 6))))).toBe('NotSupported')
    expect(outcome(attacked(tcb((document) => setTdxSvn(document, 15, 1))))).toBe('NotSupported')
  })

  test('a module before 1.5 has no identity: all components count', () => {
    const old = { machine: { teeTcbSvn: svns([4, 0, 5]) } }
    const plain = attacked(old)
    expect(decide(plain)).toMatchObject({ value: { status: 'UpToDate', module: undefined } })
    const demanding = tcb((document) => setTdxSvn(document, 0, 5))
    expect(outcome(attacked({ ...old, ...demanding }))).toBe('NotSupported')
  })

  test('evaluation numbers below the minimum are refused', () => {
    const input = { ...tdx(platformOf({ tcbEvaluationDataNumber: 18 })), now: NOW }
    expect(outcome({ ...input, minimumTcbEvaluationDataNumber: 18 })).toBe('UpToDate')
    expect(decide({ ...input, minimumTcbEvaluationDataNumber: 19 })).toEqual({
      ok: false,
      error: { code: 'tcb_evaluation_too_old', document: 'tcb_info', number: 18, minimum: 19 },
    })
    const mixed = attacked(tcb((document) => (document['tcbEvaluationDataNumber'] = 19)))
    expect(decide({ ...mixed, minimumTcbEvaluationDataNumber: 19 })).toMatchObject({
      error: { code: 'tcb_evaluation_too_old', document: 'qe_identity' },
    })
  })
})

describe('relaunch', () => {
  const current = svns([5, 1, 5])
  const relaunch = (teeTcbSvn2: Uint8Array, more: DevAttack = {}): DevAttack => ({
    ...moduleLevel('OutOfDate'),
    editBody: (bytes) => bytes.set(teeTcbSvn2, 584),
    ...more,
  })
  const outcome5 = (attack: DevAttack, options: Parameters<typeof platformOf>[0] = {}): string => {
    const platform = platformOf(options).attack(attack)
    return outcome({ ...tdx(platform, { quoteVersion: 5 }), roots: [platform.root] })
  }

  test('is advised where the module that runs now is current', () => {
    expect(outcome5(relaunch(current))).toBe('TDRelaunchAdvised')
    expect(outcome5(relaunch(current), { status: 'SWHardeningNeeded' })).toBe('TDRelaunchAdvised')
  })

  test.each(['ConfigurationNeeded', 'ConfigurationAndSWHardeningNeeded'] as const)(
    'keeps the need for configuration: %s',
    (status) => {
      expect(outcome5(relaunch(current), { status })).toBe('TDRelaunchAdvisedConfigurationNeeded')
    },
  )

  test('is not advised where the module that runs now is old too, or a component is', () => {
    expect(outcome5(relaunch(svns([4, 1, 5])))).toBe('OutOfDate')
    expect(outcome5(relaunch(svns([5, 1, 4])))).toBe('OutOfDate')
  })

  test('is not advised where processor or quoting enclave are to blame', () => {
    expect(outcome5(relaunch(current), { status: 'OutOfDate' })).toBe('OutOfDate')
    expect(outcome5(relaunch(current, qeLevel('OutOfDate')))).toBe('OutOfDate')
    expect(outcome5(relaunch(current), { status: 'Revoked' })).toBe('Revoked')
  })

  test('compares with the level where the module that runs now has no version', () => {
    expect(outcome5(relaunch(svns([0, 0, 5])))).toBe('TDRelaunchAdvised')
    const demanding = withTcb(relaunch(svns([0, 0, 5])), (document) => setTdxSvn(document, 0, 1))
    expect(outcome5(demanding)).toBe('OutOfDate')
  })

  test('a module that runs now without an identity is unknown', () => {
    expect(outcome5(relaunch(svns([5, 2, 5])))).toBe('tdx_module_unknown')
  })

  test('TD 1.0 knows no relaunch', () => {
    expect(outcome(attacked(moduleLevel('OutOfDate')))).toBe('OutOfDate')
  })
})

describe('claims', () => {
  test('debug is a claim, not an error', () => {
    expect(decide(tdx(honest, { debug: true }))).toMatchObject({ value: { debug: true } })
    expect(decide(sgx(honest, { debug: true }))).toMatchObject({ value: { debug: true } })
    expect(decide(tdx())).toMatchObject({ value: { debug: false } })
  })

  test('TD attributes have names', () => {
    const named = {
      editBody: (bytes: Uint8Array) => bytes.set([0, 0, 0, 0xf8, 0, 0, 0, 0x80], 120),
    }
    expect(decide(attacked(named))).toMatchObject({
      value: {
        flags: {
          debug: false,
          linearAddressSpaceSeparation: true,
          septVeDisable: true,
          migratable: true,
          protectionKeys: true,
          keyLocker: true,
          performanceMonitoring: true,
          unknown: false,
        },
      },
    })
    for (const offset of [121, 122, 124, 126]) {
      expect(decide(attacked(body(offset)))).toMatchObject({ value: { flags: { unknown: true } } })
    }
  })

  test('every field of a TD report is claimed', () => {
    const fill = (bytes: Uint8Array): void => {
      for (let at = 128; at < bytes.length; at++) bytes[at] = at & 255
    }
    const platform = honest.attack({ editBody: fill })
    const decided = decide(tdx(platform, { quoteVersion: 5 }))
    if (!decided.ok || decided.value.tee !== 'tdx') throw new Error('not a TD')
    const { xfam, mrTd, mrConfigId, mrOwner, mrOwnerConfig } = decided.value
    const { rtmr0, rtmr1, rtmr2, rtmr3, reportData, mrServiceTd } = decided.value
    const starts = [
      xfam,
      mrTd,
      mrConfigId,
      mrOwner,
      mrOwnerConfig,
      rtmr0,
      rtmr1,
      rtmr2,
      rtmr3,
      reportData,
    ]
    expect(starts.map(([first]) => first)).toEqual(
      [128, 136, 184, 232, 280, 328, 376, 424, 472, 520].map((offset) => offset & 255),
    )
    expect(starts.map(({ length }) => length)).toEqual([8, 48, 48, 48, 48, 48, 48, 48, 48, 64])
    expect([mrServiceTd?.[0], mrServiceTd?.length]).toEqual([600 & 255, 48])
  })

  test('every field of an SGX report is claimed', () => {
    const decided = decide(sgx())
    expect(decided).toMatchObject({
      value: {
        tee: 'sgx',
        quoteVersion: 3,
        mrEnclave: new Uint8Array(32).fill(2),
        mrSigner: new Uint8Array(32).fill(3),
        isvProdId: 258,
        isvSvn: 772,
        flags: { initialized: true, mode64: true, debug: false, provisionKey: false },
      },
    })
  })

  test('the platform is described', () => {
    const decided = decide(tdx())
    if (!decided.ok) throw new Error(decided.error.code)
    const { platform, root, signatureChecks, quotingEnclave } = decided.value
    expect(bytesToHex(platform.fmspc)).toBe('7ac170000000')
    expect(platform).toMatchObject({ pceSvn: 13, ca: 'platform', sgxType: 'scalable' })
    expect(platform.configuration).toEqual({
      dynamicPlatform: false,
      cachedKeys: false,
      smtEnabled: true,
    })
    expect(root.name).toMatch(/^Tacit Development Root CA [0-9a-f]{8}$/)
    expect(signatureChecks).toBe(9)
    expect(quotingEnclave).toMatchObject({ isvSvn: 8, status: 'UpToDate' })
  })

  test('renewed certificates of the same keys take further checks', () => {
    const renewed = honest.attack({ certificates: { pck_ca: { notBefore: NOW - DAY } } })
    const input = { ...tdx(), collateral: renewed.collateral() }
    expect(decide(input)).toMatchObject({ value: { status: 'UpToDate', signatureChecks: 10 } })
  })

  test('collateral for the Processor CA does not cover a Platform CA quote', () => {
    const processor = honest.attack({
      certificates: { pck_ca: { commonName: 'Intel SGX PCK Processor CA' } },
    })
    const collateral = processor.collateral()
    expect(decide({ ...tdx(), collateral })).toMatchObject({
      error: { code: 'crl_issuer_mismatch', crl: 'pck_crl' },
    })
    const own = { ...tdx(processor), collateral }
    expect(decide(own)).toMatchObject({ value: { platform: { ca: 'processor' } } })
  })
})

function svns(first: readonly number[]): Uint8Array {
  const all = new Uint8Array(16)
  all.set(first)
  return all
}

/** The quoting enclave's level: NotSupported by demanding more than it has. */
function qeLevel(tcbStatus: string, advisoryIDs: readonly string[] = []): DevAttack {
  return qe((document) => {
    document['tcbLevels'] = [enclaveLevel(tcbStatus, 8, advisoryIDs)]
  })
}

/** The TDX module's level below a newer one. */
function moduleLevel(tcbStatus: string, advisoryIDs: readonly string[] = []): DevAttack {
  return tcb((document) => {
    const newer = enclaveLevel('UpToDate', 5, [])
    const tcbLevels = [newer, enclaveLevel(tcbStatus, 4, advisoryIDs)]
    Object.assign(modulesOf(document)[0] ?? {}, { tcbLevels })
  })
}

function enclaveLevel(status: string, isvSvn: number, advisoryIDs: readonly string[]): object {
  const isUnsupported = status === 'NotSupported'
  return {
    tcb: { isvsvn: isUnsupported ? isvSvn + 1 : isvSvn },
    tcbDate: '2024-01-01T00:00:00Z',
    tcbStatus: isUnsupported ? 'UpToDate' : status,
    advisoryIDs,
  }
}

function setTdxSvn(document: Document, index: number, svn: number): void {
  for (const level of levelsOf(document)) {
    const { tdxtcbcomponents } = level['tcb'] as { tdxtcbcomponents: { svn: number }[] }
    tdxtcbcomponents[index] = { svn }
  }
}

function withTcb(attack: DevAttack, edit: (document: Document) => void): DevAttack {
  const editTcbInfo = (document: Document): void => {
    attack.editTcbInfo?.(document)
    edit(document)
  }
  return { ...attack, editTcbInfo }
}
