import type { GpuAttack, ReportBlock } from '@tacit/platform-dev'
import type { ReportReason } from '../../nvidia/errors.ts'
import type { NvidiaInput } from '../../nvidia/verify.ts'
import { nvidiaCase, type NvidiaCase, type NvidiaExpectation } from './case.ts'
import { u16Field, withField } from './fields.ts'

const RESPONSE = 37
const RECORD = RESPONSE + 8
const DIGEST = new Uint8Array(48).fill(3)

/** Reports that are not what a device signs, though a device's key did sign them. */
export const REPORT_CASES: readonly NvidiaCase[] = [
  nvidiaCase(
    'nonce',
    'a report for another nonce',
    { code: 'nonce_mismatch' },
    { edit: (input) => ({ ...input, nonce: DIGEST.slice(0, 32) }) },
  ),
  nvidiaCase(
    'nonce-length',
    'a caller whose nonce is too short',
    { code: 'nonce_mismatch' },
    { edit: (input) => ({ ...input, nonce: input.nonce.subarray(0, 31) }) },
  ),
  nvidiaCase(
    'architecture',
    'a Hopper GPU that its container calls Blackwell',
    { code: 'architecture_mismatch', found: 'Hopper' },
    { edit: (input) => ({ ...input, architecture: 'BLACKWELL' }) },
  ),
  nvidiaCase(
    'fwid',
    'a report of other firmware than the certificate',
    { code: 'fwid_mismatch' },
    { attack: { certifiedFwid: DIGEST } },
  ),
  nvidiaCase(
    'fwid-blackwell',
    "the same in Blackwell's form",
    { code: 'fwid_mismatch' },
    { launch: { architecture: 'Blackwell' }, attack: { certifiedFwid: DIGEST } },
  ),
  nvidiaCase(
    'switch-pdi',
    'a switch that names another identifier than its certificate',
    { code: 'pdi_mismatch' },
    { launch: { architecture: 'LS10' }, attack: withField(22, DIGEST.slice(0, 8)) },
  ),
  nvidiaCase(
    'dice-digest-length',
    'a certified firmware digest of 32 bytes',
    { code: 'dice_extension_malformed', reason: 'value_invalid' },
    { attack: { certifiedFwid: DIGEST.slice(0, 32) } },
  ),
  ...(
    [
      ['request-version', 0, 0x12, { code: 'report_version_unsupported', version: 0x12 }],
      ['response-version', RESPONSE, 0x10, { code: 'report_version_unsupported', version: 0x10 }],
      ['request-code', 1, 0xe1, 'request_unexpected'],
      ['request-unsigned', 2, 0, 'request_unexpected'],
      ['request-one-block', 3, 1, 'request_unexpected'],
      ['response-code', RESPONSE + 1, 0x7f, 'response_unexpected'],
      ['block-count', RESPONSE + 4, 63, 'record_length_mismatch'],
      ['record-length', RESPONSE + 7, 2, 'record_too_long'],
      ['block-specification', RECORD + 1, 2, 'block_specification_unknown'],
      ['block-size', RECORD + 2, 52, 'record_length_mismatch'],
      ['value-size', RECORD + 5, 47, 'record_length_mismatch'],
      ['index-zero', RECORD, 0, 'block_index_invalid'],
      ['index-twice', RECORD, 2, 'block_index_invalid'],
      ['index-above', RECORD, 65, 'block_index_invalid'],
    ] as const
  ).map(([name, at, value, expected]) => signedByte(name, at, value, expected)),
  field('field-twice', 'field_duplicate', (fields) => void fields.push(...fields.slice(0, 1))),
  field('text-unprintable', 'field_invalid', withField(3, Uint8Array.of(0x80, 0)).editFields),
  field('text-long', 'field_invalid', withField(3, DIGEST.slice(0, 1).fill(0x31)).editFields, 65),
  field('vbios-length', 'field_invalid', withField(6, new Uint8Array(7)).editFields),
  field('fwid-length', 'field_invalid', withField(20, new Uint8Array(47)).editFields),
  field('status-length', 'field_invalid', withField(11, new Uint8Array(2)).editFields),
  field('feature-length', 'field_invalid', withField(36, new Uint8Array(1)).editFields),
  field('links-length', 'field_invalid', withField(22, new Uint8Array(9)).editFields),
  field('opaque-version', 'opaque_version_unsupported', withField(34, u16Field(3)).editFields),
  field(
    'opaque-version-length',
    'opaque_version_unsupported',
    withField(34, new Uint8Array(9)).editFields,
  ),
  nvidiaCase(
    'switch-links-length',
    'a switch whose links are cut off',
    { code: 'report_malformed', reason: 'field_invalid' },
    { launch: { architecture: 'LS10' }, attack: withField(26, new Uint8Array(64)) },
  ),
  nvidiaCase(
    'newer-opaque-data',
    'opaque data in the format with a header',
    { verdict: { driverVersion: '550.144.03', firmwareId: 'matched' } },
    {
      attack: {
        editFields: (fields) => {
          for (const [at, entry] of fields.entries()) fields[at] = { ...entry, valueType: 1 }
        },
      },
    },
  ),
  ...(
    [
      ['cut-off', (report) => report.subarray(0, -1), { code: 'report_truncated' }],
      ['empty', () => new Uint8Array(), { code: 'report_truncated', needed: 45, length: 0 }],
      ['trailing', (report) => new Uint8Array([...report, 0]), { verdict: { kind: 'gpu' } }],
    ] as const satisfies readonly (readonly [
      string,
      (report: Uint8Array) => Uint8Array,
      NvidiaCase['expected'],
    ])[]
  ).map(([name, edit, expected]) =>
    nvidiaCase(`report-${name}`, `a report ${name}`, expected, {
      edit: (input: NvidiaInput) => ({ ...input, report: edit(input.report) }),
    }),
  ),
]

/** Sets a byte before the report is signed. */
function signedByte(
  name: string,
  at: number,
  value: number,
  expected: ReportReason | Exclude<NvidiaExpectation, { verdict: unknown }>,
): NvidiaCase {
  const attack: GpuAttack = {
    editReport: (unsigned) => {
      unsigned[at] = value
      return unsigned
    },
  }
  const error = typeof expected === 'string' ? malformed(expected) : expected
  return nvidiaCase(`report-${name}`, `byte ${at} is ${value}`, error, { attack })
}

function field(
  name: string,
  reason: ReportReason,
  editFields: GpuAttack['editFields'],
  repeat = 1,
): NvidiaCase {
  const attack: GpuAttack = {
    editFields: (fields) => {
      editFields?.(fields)
      if (repeat === 1) return
      const at = fields.findIndex(({ type }) => type === 3)
      fields[at] = { type: 3, value: new Uint8Array(repeat).fill(0x31) }
    },
  }
  return nvidiaCase(`report-${name}`, `opaque data with ${name}`, malformed(reason), { attack })
}

function malformed(reason: ReportReason): NvidiaCase['expected'] {
  return { code: 'report_malformed', reason }
}

/** Changes one measurement before it is signed. */
export function withBlock(index: number, value: Uint8Array): GpuAttack {
  return {
    editBlocks: (blocks: ReportBlock[]) => void (blocks[index] = { index: index + 1, value }),
  }
}
