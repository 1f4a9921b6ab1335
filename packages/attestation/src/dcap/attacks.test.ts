import { bytesToHex } from '@tacit/base'
import { createDevPlatform, type DevAttack } from '@tacit/platform-dev'
import { describe, expect, test } from 'vitest'
import { DCAP_CASES } from '../testing/dcap-cases.ts'
import {
  editBody,
  editReport,
  editTcb,
  expectationText,
  setSvn,
} from '../testing/dcap-cases/case.ts'
import { DAY, decide, honest, NOW, outcome, platformOf, sgx, tdx } from '../testing/kit.ts'
import { TCB_STATUSES } from './tcb-status.ts'
import type { DcapInput } from './verify.ts'

const other = createDevPlatform({ seed: new Uint8Array(32).fill(8), now: NOW })

/** Evidence of a platform under attack, with its own root trusted. */
function attacked(attack: DevAttack, options: Parameters<typeof platformOf>[0] = {}): DcapInput {
  const platform = platformOf(options).attack(attack)
  return { ...tdx(platform), roots: [platform.root] }
}

describe('every synthetic case', () => {
  test.each(DCAP_CASES)('$name: $what', ({ expected, input }) => {
    const decided = decide(input())
    if ('status' in expected) expect(decided).toMatchObject({ ok: true, value: expected })
    else expect(decided).toMatchObject({ ok: false, error: expected })
  })

  test('has a name of its own, and every code and status of trust is reached', () => {
    expect(new Set(DCAP_CASES.map(({ name }) => name)).size).toBe(DCAP_CASES.length)
    expect(DCAP_CASES.length).toBeGreaterThanOrEqual(130)
    const reached = new Set(DCAP_CASES.map(({ expected }) => expectationText(expected)))
    expect(TCB_STATUSES.filter((status) => !reached.has(status))).toEqual([])
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
  test('advisories of level and module are merged without repetition; those of the quoting enclave stand apart', () => {
    const platform = platformOf({
      advisories: ['INTEL-SA-00001'],
      module: { status: 'OutOfDate', advisories: ['INTEL-SA-00002', 'INTEL-SA-00001'] },
      quotingEnclave: { status: 'OutOfDate', advisories: ['INTEL-SA-00003'] },
    })
    const decided = decide(tdx(platform))
    expect(decided).toMatchObject({
      value: {
        advisories: ['INTEL-SA-00001', 'INTEL-SA-00002'],
        quotingEnclave: { advisories: ['INTEL-SA-00003'] },
      },
    })
  })

  test('a module before 1.5 has no identity: all components count', () => {
    const old = { machine: { teeTcbSvn: svns([4, 0, 5]) } }
    const plain = attacked(old)
    expect(decide(plain)).toMatchObject({ value: { status: 'UpToDate', module: undefined } })
    const demanding = editTcb((document) => setSvn(document, 'tdxtcbcomponents', 0, 5))
    expect(outcome(attacked({ ...old, ...demanding }))).toBe('NotSupported')
  })

  test("of two faults the first in order of Intel's own verifier is told: module, enclave, level", () => {
    const old = editTcb((document) => setSvn(document, 'tdxtcbcomponents', 15, 1))
    const enclave = editReport(128)
    expect(outcome(attacked({ ...old, ...enclave, ...editBody(64) }))).toBe(
      'tdx_module_mr_signer_mismatch',
    )
    expect(outcome(attacked({ ...old, ...enclave }))).toBe('qe_mr_signer_mismatch')
    expect(outcome(attacked(old))).toBe('NotSupported')
  })

  test('evaluation numbers below the minimum are refused', () => {
    const input = { ...tdx(platformOf({ tcbEvaluationDataNumber: 18 })), now: NOW }
    expect(outcome({ ...input, minimumTcbEvaluationDataNumber: 18 })).toBe('UpToDate')
    expect(decide({ ...input, minimumTcbEvaluationDataNumber: 19 })).toEqual({
      ok: false,
      error: { code: 'tcb_evaluation_too_old', document: 'tcb_info', number: 18, minimum: 19 },
    })
    const mixed = attacked(editTcb((document) => (document['tcbEvaluationDataNumber'] = 19)))
    expect(decide({ ...mixed, minimumTcbEvaluationDataNumber: 19 })).toMatchObject({
      error: { code: 'tcb_evaluation_too_old', document: 'qe_identity' },
    })
  })
})

describe('relaunch', () => {
  const relaunch = (teeTcbSvn2: Uint8Array, more: DevAttack = {}): DevAttack => ({
    editBody: (bytes) => bytes.set(teeTcbSvn2, 584),
    ...more,
  })
  const outcome5 = (attack: DevAttack): string => {
    const platform = platformOf({ module: { status: 'OutOfDate' } }).attack(attack)
    return outcome({ ...tdx(platform, { quoteVersion: 5 }), roots: [platform.root] })
  }

  test('compares with the level where the module that runs now has no version', () => {
    expect(outcome5(relaunch(svns([0, 0, 5])))).toBe('TDRelaunchAdvised')
    const demanding = editTcb((document) => setSvn(document, 'tdxtcbcomponents', 0, 1))
    expect(outcome5({ ...relaunch(svns([0, 0, 5])), ...demanding })).toBe('OutOfDate')
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
      editBody: (bytes: Uint8Array) => bytes.set([0x70, 0, 1, 0xf8, 0, 0, 0, 0xc0], 120),
    }
    expect(decide(attacked(named))).toMatchObject({
      value: {
        debug: true,
        flags: {
          debug: false,
          underDebug: true,
          hgsPlusProfiling: true,
          performanceProfiling: true,
          platformMonitoringProfiling: true,
          icssd: true,
          linearAddressSpaceSeparation: true,
          septVeDisable: true,
          migratable: true,
          protectionKeys: true,
          keyLocker: true,
          provisioningAgent: true,
          performanceMonitoring: true,
          unknown: false,
        },
      },
    })
    for (const offset of [121, 123, 124, 126]) {
      expect(decide(attacked(editBody(offset)))).toMatchObject({
        value: { flags: { unknown: true } },
      })
    }
  })

  test('each bit that opens a TD to its host counts as debug', () => {
    for (let bit = 0; bit < 8; bit++) {
      expect(decide(attacked(editBody(120, 1 << bit)))).toMatchObject({ value: { debug: true } })
    }
    expect(decide(attacked(editBody(121)))).toMatchObject({ value: { debug: false } })
  })

  test('SGX attributes and MISCSELECT have names', () => {
    const flagsOf = (offset: number, value: number): unknown => {
      const platform = honest.attack(editBody(offset, value))
      const decided = decide(sgx(platform))
      return decided.ok ? decided.value.flags : decided.error
    }
    expect(flagsOf(48, 0xf7)).toEqual({
      initialized: true,
      debug: true,
      mode64: true,
      provisionKey: true,
      launchTokenKey: true,
      controlFlowEnforcement: true,
      keySeparation: true,
      asyncExitNotify: false,
      exceptionInfo: false,
      controlProtectionInfo: false,
      unknown: false,
    })
    expect(flagsOf(49, 0x04)).toMatchObject({ asyncExitNotify: true, unknown: false })
    expect(flagsOf(16, 0x03)).toMatchObject({
      exceptionInfo: true,
      controlProtectionInfo: true,
      unknown: false,
    })
    const unnamed = [
      [48, 0x08],
      [49, 0x01],
      [55, 0x80],
      [16, 0x04],
      [19, 0x80],
    ] as const
    for (const [offset, value] of unnamed) {
      expect(flagsOf(offset, value)).toMatchObject({ unknown: true })
    }
  })

  test('extended features have names, in TDs and in enclaves', () => {
    const all = (offset: number) => ({
      editBody: (bytes: Uint8Array) => bytes.fill(255, offset, offset + 8),
    })
    const honestTd = decide(tdx())
    expect(honestTd).toMatchObject({
      value: {
        features: [
          'x87',
          'sse',
          'avx',
          'avx512_opmask',
          'avx512_zmm_hi256',
          'avx512_hi16_zmm',
          'pkru',
          'amx_tilecfg',
          'amx_tiledata',
        ],
      },
    })
    for (const input of [attacked(all(128)), sgx(honest.attack(all(56)))]) {
      const decided = decide(input)
      if (!decided.ok) throw new Error(decided.error.code)
      expect(decided.value.features).toHaveLength(64)
      expect(decided.value.features.slice(-2)).toEqual(['bit_62', 'bit_63'])
    }
  })

  test('the level names its components and what they reach', () => {
    const decided = decide(tdx(platformOf({ status: 'OutOfDate' })))
    if (!decided.ok) throw new Error(decided.error.code)
    const { platformLevel } = decided.value
    expect(platformLevel).toMatchObject({ status: 'OutOfDate', pceSvn: 13 })
    expect(platformLevel?.sgxComponents).toHaveLength(16)
    expect(platformLevel?.sgxComponents[0]).toEqual({
      category: 'BIOS',
      type: 'Early Microcode Update',
      svn: 4,
      levelSvn: 4,
    })
    expect(platformLevel?.tdxComponents[2]).toEqual({
      category: 'OS/VMM',
      type: 'TDX Late Microcode Update',
      svn: 5,
      levelSvn: 5,
    })
    const enclave = decide(sgx(platformOf({ tcbInfoVersion: 2 })))
    if (!enclave.ok) throw new Error(enclave.error.code)
    expect(enclave.value.platformLevel).toMatchObject({ tdxComponents: [] })
    expect(enclave.value.platformLevel?.sgxComponents[7]).toEqual({
      category: undefined,
      type: undefined,
      svn: 5,
      levelSvn: 5,
    })
  })

  test('dates of all documents, the way to the PCK and the header are claimed', () => {
    const windows = Object.fromEntries(
      (['tcb_info', 'qe_identity', 'root_crl', 'pck_crl'] as const).map((item, at) => [
        item,
        { from: NOW - 10 + at, until: NOW + 10 + at },
      ]),
    )
    expect(decide(attacked({ windows }))).toMatchObject({
      value: {
        issued: { tcbInfo: NOW - 10, qeIdentity: NOW - 9, rootCrl: NOW - 8, pckCrl: NOW - 7 },
        nextUpdates: {
          tcbInfo: NOW + 10,
          qeIdentity: NOW + 11,
          rootCrl: NOW + 12,
          pckCrl: NOW + 13,
        },
        latestIssue: NOW - 7,
        earliestExpiry: NOW + 10,
        certificationType: 5,
        userData: new Uint8Array(20),
      },
    })
    const named = { ...sgx(honest, { certificationType: 1 }), pckChain: honest.pckChain }
    expect(decide(named)).toMatchObject({ value: { certificationType: 1, signatureChecks: 9 } })
  })

  test('a PCK by the Processor CA names no platform instance', () => {
    const decided = decide(sgx(platformOf({ pckCa: 'processor' })))
    expect(decided).toMatchObject({
      value: {
        platform: { ca: 'processor', platformInstanceId: undefined, configuration: undefined },
      },
    })
  })

  test("a supplied chain counts in place of the quote's own", () => {
    const renewed = honest.attack({ certificates: { pck: { notBefore: NOW - DAY } } })
    const input = { ...tdx(), pckChain: renewed.pckChain }
    expect(decide(input)).toMatchObject({ value: { latestIssue: NOW - DAY, signatureChecks: 9 } })
    expect(outcome({ ...tdx(), pckChain: other.pckChain })).toBe('root_untrusted')
    const foreign = { ...tdx(), pckChain: other.pckChain, roots: [other.root, honest.root] }
    expect(decide(foreign)).toMatchObject({
      error: { code: 'root_untrusted', chain: 'pck_crl_issuer' },
    })
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
