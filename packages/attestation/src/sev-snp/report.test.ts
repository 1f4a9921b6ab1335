import { bytesToHex, parseHex, unwrap } from '@tacit/base'
import { describe, expect, test } from 'vitest'
import { evidenceFolder, flipped, readListedFile } from '../testing/kit.ts'
import { familyOfCpuid, familyOfProduct } from './family.ts'
import { parseSnpReport, SNP_REPORT_BYTES, type SnpReport } from './report.ts'
import { findReservedTcbByte, findTcbBelow, findTcbDifference, splitTcb } from './tcb.ts'

/** A report without a signature that is well formed in every reserved byte. */
function reportOf(version: number, cpuid: readonly number[] = [0x19, 0x11, 1]): Uint8Array {
  const report = new Uint8Array(SNP_REPORT_BYTES)
  report[0] = version
  report[0x0a] = 2
  report[0x34] = 1
  if (version >= 3) report.set(cpuid, 0x188)
  return report
}

function errorOf(report: Uint8Array): unknown {
  const parsed = parseSnpReport(report)
  return parsed.ok ? undefined : parsed.error
}

function fieldsOf(report: Uint8Array): SnpReport {
  return unwrap(parseSnpReport(report)).fields
}

describe('parseSnpReport', () => {
  test.each([2, 3, 4, 5])('version %d is read', (version) => {
    const { reportVersion, cpuid, mitigations } = fieldsOf(reportOf(version))
    expect(reportVersion).toBe(version)
    expect(cpuid).toEqual(version < 3 ? undefined : { family: 0x19, model: 0x11, stepping: 1 })
    expect(mitigations === undefined).toBe(version < 5)
  })

  test.each([0, 1, 6, 0x102])('version %d is refused', (version) => {
    const report = reportOf(version)
    new DataView(report.buffer).setUint32(0, version, true)
    expect(errorOf(report)).toEqual({ code: 'report_version_unsupported', version })
  })

  test('every length but 1184 is refused', () => {
    const report = reportOf(2)
    for (let length = 0; length < SNP_REPORT_BYTES; length++) {
      expect(errorOf(report.subarray(0, length))).toEqual({ code: 'report_length_wrong', length })
    }
    const longer = new Uint8Array(SNP_REPORT_BYTES + 1)
    longer.set(report)
    expect(errorOf(longer)).toEqual({ code: 'report_length_wrong', length: 1185 })
  })

  test.each([0, 2, 0x101])('signature algorithm %d is refused', (algorithm) => {
    const report = reportOf(2)
    new DataView(report.buffer).setUint32(0x34, algorithm, true)
    expect(errorOf(report)).toEqual({ code: 'report_algorithm_unsupported', algorithm })
  })

  test.each([2, 3, 4, 5, 6, 7])('signing key %d is refused', (signingKey) => {
    const report = reportOf(2)
    report[0x48] = signingKey << 2
    expect(errorOf(report)).toEqual({ code: 'report_signing_key_unsupported', signingKey })
  })

  test.each([4, 0xffff_ffff])('VMPL %d is refused', (vmpl) => {
    const report = reportOf(2)
    new DataView(report.buffer).setUint32(0x30, vmpl, true)
    expect(errorOf(report)).toEqual({ code: 'report_vmpl_unsupported', vmpl })
  })

  test('every reserved byte of every version must be zero', () => {
    const reserved = (version: number): number[] => [
      ...range(0x49, 0x50),
      ...range(version >= 3 ? 0x18b : 0x188, 0x1a0),
      0x1eb,
      0x1ef,
      ...range(version >= 5 ? 0x208 : 0x1f8, 0x2a0),
    ]
    for (const version of [2, 3, 4, 5]) {
      for (const at of reserved(version)) {
        expect(errorOf(flipped(reportOf(version), at, 0x80))).toEqual({
          code: 'report_reserved_nonzero',
          at,
        })
      }
    }
  })

  test.each([0x20, 0x40, 0x80])('reserved flag %d is refused', (bit) => {
    const code = 'report_reserved_nonzero'
    expect(errorOf(flipped(reportOf(2), 0x48, bit))).toEqual({ code, at: 0x48 })
  })

  test('bit 17 of the policy must be one', () => {
    expect(errorOf(flipped(reportOf(2), 0x0a, 2))).toEqual({ code: 'report_policy_invalid' })
  })

  test('r and s end after 48 bytes, and nothing follows s', () => {
    const junk = [...range(0x2d0, 0x2e8), ...range(0x318, SNP_REPORT_BYTES)]
    for (const at of junk) {
      expect(errorOf(flipped(reportOf(2), at))).toEqual({ code: 'report_signature_malformed', at })
    }
  })

  test('r and s are turned into big-endian', () => {
    const report = reportOf(2)
    report[0x2a0] = 1
    report[0x2cf] = 2
    report[0x2e8] = 3
    report[0x317] = 4
    const { signature, signed } = unwrap(parseSnpReport(report))
    expect([signature[0], signature[47], signature[48], signature[95]]).toEqual([2, 1, 4, 3])
    expect(signed).toEqual(report.subarray(0, 0x2a0))
  })

  test.each([
    [0x19, 0x20],
    [0x19, 0xb0],
    [0x1a, 0x12],
    [0x1a, 0x50],
    [0x17, 0x31],
  ])('processor %d/%d is refused', (family, model) => {
    const code = 'report_processor_unsupported'
    expect(errorOf(reportOf(3, [family, model, 0]))).toEqual({ code, family, model })
  })

  test('policy and platform information are named bit by bit', () => {
    const report = reportOf(2)
    report.set([0x1f, 0x02, 0xff, 0x87, 0, 0, 0, 0x80], 0x08)
    report.set([0xff, 0x01, 0, 0, 0, 0, 0, 0x80], 0x40)
    const { policy, platformInfo, debug } = fieldsOf(report)
    expect(policy).toEqual({
      abiMajor: 2,
      abiMinor: 31,
      smtAllowed: true,
      migrationAgentAllowed: true,
      debugAllowed: true,
      singleSocketRequired: true,
      cxlAllowed: true,
      aes256XtsRequired: true,
      raplDisabled: true,
      ciphertextHidingRequired: true,
      pageSwapDisabled: true,
      unknownBits: [26, 31, 63],
    })
    expect(debug).toBe(true)
    expect(platformInfo).toEqual({
      smtEnabled: true,
      tsmeEnabled: true,
      eccEnabled: true,
      raplDisabled: true,
      ciphertextHidingEnabled: true,
      aliasCheckComplete: true,
      iommuWriteSafe: true,
      tioEnabled: true,
      unknownBits: [8, 63],
    })
  })

  test.each([
    [16, 'smtAllowed'],
    [18, 'migrationAgentAllowed'],
    [19, 'debugAllowed'],
    [20, 'singleSocketRequired'],
    [21, 'cxlAllowed'],
    [22, 'aes256XtsRequired'],
    [23, 'raplDisabled'],
    [24, 'ciphertextHidingRequired'],
    [25, 'pageSwapDisabled'],
  ])('policy bit %d alone is %s', (bit, name) => {
    const { policy } = fieldsOf(flipped(reportOf(2), 8 + (bit >> 3), 1 << (bit & 7)))
    const set = Object.entries(policy).filter(([, value]) => value === true)
    expect(set.map(([key]) => key)).toEqual([name])
  })

  test.each([
    [0, 'smtEnabled'],
    [1, 'tsmeEnabled'],
    [2, 'eccEnabled'],
    [3, 'raplDisabled'],
    [4, 'ciphertextHidingEnabled'],
    [5, 'aliasCheckComplete'],
    [6, 'iommuWriteSafe'],
    [7, 'tioEnabled'],
  ])('platform bit %d alone is %s', (bit, name) => {
    const { platformInfo } = fieldsOf(flipped(reportOf(2), 0x40, 1 << bit))
    const set = Object.entries(platformInfo).filter(([, value]) => value === true)
    expect(set.map(([key]) => key)).toEqual([name])
  })
})

describe('families', () => {
  test.each([
    [0x19, 0x00, 'Milan'],
    [0x19, 0x0f, 'Milan'],
    [0x19, 0x10, 'Genoa'],
    [0x19, 0x1f, 'Genoa'],
    [0x19, 0xa0, 'Genoa'],
    [0x19, 0xaf, 'Genoa'],
    [0x1a, 0x00, 'Turin'],
    [0x1a, 0x11, 'Turin'],
    [0x19, 0x9f, undefined],
    [0x18, 0x01, undefined],
  ])('%d/%d is %s', (family, model, expected) => {
    expect(familyOfCpuid({ family, model, stepping: 0 })).toBe(expected)
  })

  test.each([
    ['Milan-B0', 'Milan'],
    ['Genoa', 'Genoa'],
    ['Turin-B1', 'Turin'],
    ['Venice-A0', undefined],
    ['Milan-', undefined],
    ['Milan-B0 ', undefined],
    ['', undefined],
  ])('%j is %s', (name, expected) => expect(familyOfProduct(name)).toBe(expected))
})

describe('TCBs', () => {
  const bytes = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8)

  test('are split by family', () => {
    const milan = { fmc: undefined, bootloader: 1, tee: 2, snp: 7, microcode: 8 }
    expect(splitTcb('Milan', bytes)).toEqual(milan)
    expect(splitTcb('Genoa', bytes)).toEqual(milan)
    const turin = { fmc: 1, bootloader: 2, tee: 3, snp: 4, microcode: 8 }
    expect(splitTcb('Turin', bytes)).toEqual(turin)
  })

  test('reserve what their family does not use', () => {
    expect(findReservedTcbByte('Milan', bytes)).toBe(2)
    expect(findReservedTcbByte('Turin', bytes)).toBe(4)
    expect(findReservedTcbByte('Genoa', Uint8Array.of(1, 2, 0, 0, 0, 0, 7, 8))).toBeUndefined()
    expect(findReservedTcbByte('Turin', Uint8Array.of(1, 2, 3, 4, 0, 0, 0, 8))).toBeUndefined()
  })

  test('are compared by component, where one number would say otherwise', () => {
    const low = { fmc: undefined, bootloader: 9, tee: 0, snp: 8, microcode: 1 }
    const high = { fmc: undefined, bootloader: 3, tee: 0, snp: 8, microcode: 200 }
    expect(findTcbBelow(high, low)).toBe('bootloader')
    expect(findTcbBelow(low, high)).toBe('microcode')
    expect(findTcbBelow(low, low)).toBeUndefined()
    expect(findTcbDifference(low, high)).toBe('bootloader')
    expect(findTcbDifference(low, { ...low })).toBeUndefined()
    expect(findTcbDifference(low, { ...low, fmc: 0 })).toBe('fmc')
    expect(findTcbBelow(low, { snp: 8 })).toBeUndefined()
    expect(findTcbBelow(low, { snp: 9 })).toBe('snp')
  })
})

describe.runIf(evidenceFolder !== undefined)('real reports', () => {
  const folder = evidenceFolder ?? ''

  test('Turin, version 5', () => {
    const fields = fieldsOf(readListedFile(folder, 'snp/msft__turin_attestation_report.bin'))
    expect(fields).toMatchObject({
      reportVersion: 5,
      signingKey: 'vcek',
      vmpl: 0,
      guestSvn: 2,
      cpuid: { family: 0x1a, model: 2, stepping: 1 },
      firmware: { current: { major: 1, minor: 55, build: 65 } },
      platformInfo: { smtEnabled: true, iommuWriteSafe: true, unknownBits: [] },
    })
    expect(bytesToHex(fields.mitigations?.launch ?? new Uint8Array())).toBe('3f00000000000000')
    expect(fields.chipId.subarray(8)).toEqual(new Uint8Array(56))
  })

  test('Milan, version 2, DEBUG', () => {
    const fields = fieldsOf(readListedFile(folder, 'snp/gosev__attestation.bin'))
    expect(fields).toMatchObject({ reportVersion: 2, debug: true, cpuid: undefined })
  })

  test('a report in hex is a report', () => {
    const text = new TextDecoder().decode(readListedFile(folder, 'snp/virtee__report_milan.hex'))
    expect(fieldsOf(unwrap(parseHex(text))).tcbBytes.reported[6]).toBe(8)
  })
})

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from }, (_, at) => from + at)
}
