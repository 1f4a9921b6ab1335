import { err, ok, type Result } from '@tacit/base'
import { u16At } from '../dcap/bytes-at.ts'
import type { NvidiaFormError, ReportReason } from './errors.ts'

/** A field's bytes, a view of the report, and where they start in it. */
export interface OpaqueField {
  readonly value: Uint8Array
  readonly at: number
  /** What the value is, in the newer format alone; 0x87 is a security version. */
  readonly valueType: number | undefined
}

/** Opaque fields by type; each type occurs at most once. */
export type OpaqueFields = ReadonlyMap<number, OpaqueField>

/** Types of fields that mean something here. */
export const FIELD = {
  driverVersion: 3,
  vbiosVersion: 6,
  nvdec0Status: 11,
  chipSku: 15,
  project: 17,
  projectSku: 18,
  fwid: 20,
  protectedPcieStatus: 21,
  /** Of a GPU: the switches it is linked to. Of a switch: its own. */
  switchPdi: 22,
  /** Of a switch: the GPUs it is linked to. */
  switchGpuPdis: 26,
  opaqueDataVersion: 34,
  chipInfo: 35,
  featureFlag: 36,
} as const

/**
 * NVIDIA's names of the types, in camel case.
 * Source: NVIDIA/attestation-sdk, gpu_opaque_data_parser.hpp and its sibling for switches.
 */
const NAMES: Readonly<Record<number, string>> = {
  1: 'certIssuerName',
  2: 'certAuthorityKeyIdentifier',
  [FIELD.driverVersion]: 'driverVersion',
  4: 'gpuInfo',
  5: 'sku',
  [FIELD.vbiosVersion]: 'vbiosVersion',
  7: 'manufacturerId',
  8: 'tamperDetection',
  9: 'smc',
  10: 'vpr',
  [FIELD.nvdec0Status]: 'nvdec0Status',
  12: 'measurementCounts',
  13: 'cprInfo',
  14: 'boardId',
  [FIELD.chipSku]: 'chipSku',
  16: 'chipSkuMod',
  [FIELD.project]: 'project',
  [FIELD.projectSku]: 'projectSku',
  19: 'projectSkuMod',
  [FIELD.fwid]: 'fwid',
  [FIELD.protectedPcieStatus]: 'protectedPcieStatus',
  [FIELD.switchPdi]: 'switchPdi',
  23: 'floorsweptPorts',
  24: 'positionId',
  25: 'lockSwitchStatus',
  [FIELD.switchGpuPdis]: 'switchGpuPdis',
  32: 'gpuLinkConn',
  33: 'sysEnableStatus',
  [FIELD.opaqueDataVersion]: 'opaqueDataVersion',
  [FIELD.chipInfo]: 'chipInfo',
  [FIELD.featureFlag]: 'featureFlag',
}

const MAGIC = new TextEncoder().encode('NVDAOD')
const HEADER_BYTES = 12
const MAX_VERSION = 2

/** The name of a field's type; `field37` for one that has none. */
export function fieldName(type: number): string {
  return NAMES[type] ?? `field${type}`
}

/**
 * Reads opaque data from start to the end of the input: fields of type, length and value, or, behind
 * a header with the magic `NVDAOD`, of type, value type, length and value. Numbers are u16,
 * little-endian. Source: NVIDIA/attestation-sdk, spdm_opaque_data_parser.cpp.
 */
export function parseOpaqueData(
  report: Uint8Array,
  start: number,
): Result<OpaqueFields, NvidiaFormError> {
  const hasHeader =
    report.length - start >= HEADER_BYTES &&
    MAGIC.every((byte, index) => report[start + index] === byte)
  if (!hasHeader) return parseFields(report, start, 4)
  const isProfile0 = u16At(report, start + 6) === 0
  const isKnown = isProfile0 && (report[start + 8] ?? 0) <= MAX_VERSION
  if (!isKnown) return malformed('opaque_version_unsupported', start)
  return parseFields(report, start + HEADER_BYTES, 6)
}

/** The length is the last two bytes of a field's header. */
function parseFields(
  report: Uint8Array,
  start: number,
  headerBytes: 4 | 6,
): Result<OpaqueFields, NvidiaFormError> {
  const fields = new Map<number, OpaqueField>()
  let at = start
  while (at < report.length) {
    const value = at + headerBytes
    if (report.length < value) return malformed('opaque_length_mismatch', at)
    const end = value + u16At(report, value - 2)
    if (report.length < end) return malformed('opaque_length_mismatch', at)
    const type = u16At(report, at)
    if (fields.has(type)) return malformed('field_duplicate', at)
    const valueType = headerBytes === 6 ? u16At(report, at + 2) : undefined
    fields.set(type, { value: report.subarray(value, end), at: value, valueType })
    at = end
  }
  return ok(fields)
}

function malformed(reason: ReportReason, at: number): Result<never, NvidiaFormError> {
  return err({ code: 'report_malformed', reason, at })
}
