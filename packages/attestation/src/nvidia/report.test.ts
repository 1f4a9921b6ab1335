import { bytesToHex, concatBytes, parseHex, unwrap } from '@tacit/base'
import { describe, expect, test } from 'vitest'
import { unwrapText } from '../files/unwrap-text.ts'
import { evidenceFolder, readListedFile } from '../testing/kit.ts'
import { fieldName } from './opaque-data.ts'
import { parseSpdmReport, type SpdmReport } from './report.ts'

/** A report with the given blocks and opaque data, as a device would sign it. */
function reportOf(blocks: readonly string[], opaque = '', change: Record<number, number> = {}) {
  const record = blocks.join('')
  const length = (record.length / 2)
    .toString(16)
    .padStart(6, '0')
    .match(/../g)
    ?.toReversed()
    .join('')
  const size = (opaque.length / 2).toString(16).padStart(4, '0').match(/../g)?.toReversed().join('')
  const hex =
    `11e001ff${'01'.repeat(32)}00` +
    `11600000${blocks.length.toString(16).padStart(2, '0')}${length}${record}` +
    `${'02'.repeat(32)}${size}${opaque}${'03'.repeat(96)}`
  const bytes = unwrap(parseHex(hex))
  for (const [at, value] of Object.entries(change)) bytes[Number(at)] = value
  return bytes
}

function block(index: number, value = 'aa'.repeat(48), header = '01'): string {
  const hex = (number: number) => number.toString(16).padStart(2, '0')
  const size = value.length / 2
  return `${hex(index)}${header}${hex(size + 3)}0001${hex(size)}00${value}`
}

const GOOD = reportOf([block(1), block(2, 'bb'.repeat(48))], '030002003100')

function reason(report: Uint8Array): string {
  const parsed = parseSpdmReport(report)
  if (parsed.ok) return 'ok'
  return parsed.error.code === 'report_malformed' ? parsed.error.reason : parsed.error.code
}

describe('the form of a report', () => {
  test('a whole one is cut into views of itself', () => {
    const report = unwrap(parseSpdmReport(GOOD))
    expect(report.nonce).toEqual(new Uint8Array(32).fill(1))
    expect(report.responseNonce).toEqual(new Uint8Array(32).fill(2))
    expect(report.blocks.map(({ type, value }) => [type, value[0], value.length])).toEqual([
      [1, 0xaa, 48],
      [1, 0xbb, 48],
    ])
    expect([...report.opaque].map(([type, { value }]) => [type, [...value]])).toEqual([
      [3, [0x31, 0]],
    ])
    expect(report.signature).toEqual(new Uint8Array(96).fill(3))
    expect(report.signed.length + 96).toBe(GOOD.length)
    expect(report.signed.buffer).toBe(GOOD.buffer)
  })

  test('blocks are put in order of their index', () => {
    const report = unwrap(parseSpdmReport(reportOf([block(2, 'bb'), block(1, 'aa')])))
    expect(report.blocks.map(({ value }) => value[0])).toEqual([0xaa, 0xbb])
  })

  test.each([
    ['SPDM 1.0 in the request', 0, 0x10, 'report_version_unsupported'],
    ['SPDM 1.2 in the response', 37, 0x12, 'report_version_unsupported'],
    ['another request', 1, 0xe1, 'request_unexpected'],
    ['a request without signature', 2, 0, 'request_unexpected'],
    ['a request for one block', 3, 1, 'request_unexpected'],
    ['another response', 38, 0x61, 'response_unexpected'],
    ['one block more than there are', 41, 3, 'record_length_mismatch'],
    ['one block less than there are', 41, 1, 'record_length_mismatch'],
    ['a record of 65792 bytes', 44, 1, 'record_too_long'],
    ['another measurement specification', 46, 2, 'block_specification_unknown'],
    ['a block that is longer than its value', 47, 52, 'record_length_mismatch'],
    ['a value that is longer than its block', 50, 49, 'record_length_mismatch'],
    ['a block of 64 KiB', 48, 255, 'record_length_mismatch'],
  ])('%s', (_, at, value, expected) => {
    const report = GOOD.slice()
    report[at] = value
    expect(reason(report)).toBe(expected)
  })

  test.each([
    ['the same index twice', [block(1), block(1)], 'block_index_invalid'],
    ['index 0', [block(0), block(1)], 'block_index_invalid'],
    ['an index above the number of blocks', [block(1), block(3)], 'block_index_invalid'],
    [
      'a last block that reaches out of the record',
      [block(1), '0201330001'],
      'record_length_mismatch',
    ],
    ['a last block without a value', [block(1), '02013300013000'], 'record_length_mismatch'],
  ])('%s', (_, blocks, expected) => {
    expect(reason(reportOf(blocks))).toBe(expected)
  })

  test.each([
    ['a field without a length', '0300', 'opaque_length_mismatch'],
    ['a field that reaches out of the opaque data', '0300030031', 'opaque_length_mismatch'],
    ['a field into which the next one reaches', '03000500310400', 'opaque_length_mismatch'],
    ['a field twice', '03000100310300010032', 'field_duplicate'],
    ['an unknown field twice', '99990000999900', 'opaque_length_mismatch'],
    ['an empty unknown field twice', '9999000099990000', 'field_duplicate'],
    ['a header of profile 1', '4e5644414f44010001000000', 'opaque_version_unsupported'],
    ['a header of version 3', '4e5644414f44000003000000', 'opaque_version_unsupported'],
    [
      'a field without value type behind a header',
      '4e5644414f440000020000000300',
      'opaque_length_mismatch',
    ],
  ])('opaque data with %s', (_, opaque, expected) => {
    expect(reason(reportOf([block(1)], opaque))).toBe(expected)
  })

  test('opaque data with a header has value types', () => {
    const opaque = '4e5644414f440000020100000300870002003100999900000000'
    const report = unwrap(parseSpdmReport(reportOf([block(1)], opaque)))
    expect([...report.opaque].map(([type, { value }]) => [type, [...value]])).toEqual([
      [3, [0x31, 0]],
      [0x9999, []],
    ])
  })

  test('a report cut off anywhere is refused', () => {
    for (let length = 0; length < GOOD.length; length++) {
      expect(reason(GOOD.subarray(0, length)), `at ${length}`).toBe('report_truncated')
    }
  })

  test('what follows the signature is no part of it', () => {
    const padded = concatBytes(GOOD, new Uint8Array(64 * 1024 * 1024))
    expect(unwrap(parseSpdmReport(padded)).signature).toEqual(new Uint8Array(96).fill(3))
    const started = performance.now()
    for (let run = 0; run < 10; run++) parseSpdmReport(padded)
    expect(performance.now() - started).toBeLessThan(50)
  })
})

describe.runIf(evidenceFolder !== undefined)('real reports', () => {
  const read = (name: string) => readListedFile(evidenceFolder ?? '', `nvidia/${name}`)
  const json = (name: string) => JSON.parse(new TextDecoder().decode(read(name)))
  const parse = (name: string): SpdmReport => {
    const text = unwrapText(read(name)) ?? new Uint8Array()
    return unwrap(parseSpdmReport(text))
  }
  const hex = (bytes: Uint8Array | undefined) => `0x${bytesToHex(bytes ?? new Uint8Array())}`

  test.each([
    ['GPU', 'nvsdk__hopperAttestationReport.txt', 'nvsdk__spdm_parsed_output.json'],
    ['switch', 'nvsdk__switchAttestationReport.txt', 'nvsdk__switch_spdm_parsed_output.json'],
  ])("a %s's report reads as NVIDIA's SDK reads it", (_, file, oracleFile) => {
    const report = parse(file)
    const oracle = json(oracleFile)
    expect(hex(report.responseNonce)).toBe(oracle.Nonce)
    expect(hex(report.signature)).toBe(oracle.Signature)
    expect(report.blocks).toHaveLength(oracle.NumberOfBlocks)
    const blocks = Object.entries(oracle.MeasurementRecord.MeasurementBlocks)
    expect(blocks).toHaveLength(oracle.NumberOfBlocks)
    for (const [index, expected] of blocks) {
      const found = report.blocks[Number(index) - 1]
      expect({
        DMTFSpecMeasurementValueType: found?.type,
        DMTFSpecMeasurementValueSize: found?.value.length,
        DMTFSpecMeasurementValue: hex(found?.value),
      }).toEqual(expected)
    }
  })

  test("a request reads as NVIDIA's SDK reads it", () => {
    const report = parse('nvsdk__hopperAttestationReport.txt')
    const oracle = json('nvsdk__spdm_req_parsed_output.json')
    const request = report.signed.subarray(0, 37)
    expect(hex(report.nonce)).toBe(oracle.Nonce)
    const { SPDMVersion, RequestResponseCode, Param1, Param2, SlotIDParam } = oracle
    const parts = [SPDMVersion, RequestResponseCode, Param1, Param2, oracle.Nonce, SlotIDParam]
    expect(bytesToHex(request)).toBe(parts.map((part: string) => part.slice(2)).join(''))
  })

  test("a GPU's opaque fields read as NVIDIA's SDK reads them", () => {
    const report = parse('nvsdk__hopperAttestationReport.txt')
    const oracle = json('nvsdk__spdm_parsed_output.json').OpaqueData.OpaqueDataField
    const found = Object.fromEntries(
      [...report.opaque].map(([type, { value }]) => [fieldName(type), value]),
    )
    for (const [name, expected] of Object.entries<string | number[]>(oracle)) {
      const field = found[camelCase(name)]
      if (typeof expected === 'string') expect(hex(field), name).toBe(expected)
      else expect([...new Uint32Array(field?.slice().buffer ?? [])], name).toEqual(expected)
    }
  })

  test("a switch's opaque fields read as NVIDIA's SDK reads them", () => {
    const report = parse('nvsdk__switchAttestationReport.txt')
    const oracle = json('nvsdk__switch_spdm_parsed_output.json').OpaqueData.OpaqueDataField
    const field = (type: number) => report.opaque.get(type)?.value ?? new Uint8Array()
    expect(hex(field(6))).toBe(oracle.OPAQUE_FIELD_ID_VBIOS_VERSION)
    expect(hex(field(22))).toBe(oracle.OPAQUE_FIELD_ID_DEVICE_PDI)
    expect(hex(field(24))).toBe(oracle.OPAQUE_FIELD_ID_SWITCH_POSITION_ID)
    expect(hex(field(25))).toBe(oracle.OPAQUE_FIELD_ID_SWITCH_LOCK_STATUS)
    expect([...new Uint32Array(field(12).slice().buffer)]).toEqual(oracle.OPAQUE_FIELD_ID_MSRSCNT)
    const pdis = Array.from({ length: 8 }, (_, at) => hex(field(26).subarray(8 * at, 8 * at + 8)))
    expect(pdis).toEqual(oracle.OPAQUE_FIELD_ID_SWITCH_GPU_PDIS)
    const ports = [...field(26).subarray(64)].map((port) => hex(Uint8Array.of(port)))
    expect(ports).toEqual(oracle.OPAQUE_FIELD_ID_SWITCH_PORT)
  })

  test("another project reads the same measurements out of NVIDIA's sample", () => {
    const report = parse('nvtrust__samples__hopperAttestationReport.txt')
    const { measurements } = json('trustee__nvidia__hopperAttestationReport-claims.txt')
    const found = report.blocks.map(({ value }, at) => [`${at + 1}`, bytesToHex(value)])
    expect(Object.fromEntries(found)).toEqual(measurements)
  })
})

/** `OPAQUE_FIELD_ID_MSRSCNT` and the like by the names used here. */
function camelCase(name: string): string {
  const words = name.replace('OPAQUE_FIELD_ID_', '').toLowerCase().split('_')
  const joined = words.map((word, at) => (at === 0 ? word : word[0]?.toUpperCase() + word.slice(1)))
  return { msrscnt: 'measurementCounts', cprinfo: 'cprInfo' }[joined.join('')] ?? joined.join('')
}
