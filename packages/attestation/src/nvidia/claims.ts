import { bytesToHex, equalBytes, err, ok, type Result } from '@tacit/base'
import { isZero, u16At } from '../dcap/bytes-at.ts'
import type { NvidiaFormError } from './errors.ts'
import { FIELD, fieldName, type OpaqueField, type OpaqueFields } from './opaque-data.ts'
import type { FieldStatus, NvidiaVerdict } from './verdict.ts'

/** What a device says of itself in opaque fields, read by the kind of device that it is. */
export interface ReportClaims extends Pick<
  NvidiaVerdict,
  | 'driverVersion'
  | 'vbiosVersion'
  | 'project'
  | 'projectSku'
  | 'chipSku'
  | 'nvdec0'
  | 'protectedPcie'
  | 'featureFlag'
  | 'switchPdis'
  | 'gpuPdis'
  | 'opaque'
> {
  /** 48 bytes. */
  readonly fwid: Uint8Array | undefined
  /** What a GPU says is its chip, such as `GB100`; manifests name it so. */
  readonly chipInfo: string | undefined
  /** What a switch says is its own PDI, 8 bytes. */
  readonly ownPdi: Uint8Array | undefined
}

class FieldFault {
  readonly at: number
  constructor(at: number) {
    this.at = at
  }
}

const MAX_TEXT_BYTES = 64
const MAX_OPAQUE_DATA_VERSION = 2
const PDI_BYTES = 8
/** Eight PDIs, then the index of one of them, or 0xFF, for each of 64 ports. */
const SWITCH_GPU_PDIS_BYTES = 128
const ENABLED = 0xaa
const DISABLED = 0x55
const FEATURES = ['SPT', 'MPT', 'PPCIE'] as const

/**
 * Reads the fields that mean something to a policy; the others stay bytes.
 * Source: NVIDIA/attestation-sdk, gpu_opaque_data_parser.cpp, evidence.cpp of GPUs and switches; the
 * values were seen in reports of both.
 */
export function readClaims(
  fields: OpaqueFields,
  kind: 'gpu' | 'switch',
): Result<ReportClaims, NvidiaFormError> {
  const version = fields.get(FIELD.opaqueDataVersion)
  if (version !== undefined && !isKnownVersion(version.value)) {
    return err({ code: 'report_malformed', reason: 'opaque_version_unsupported', at: version.at })
  }
  try {
    const named = [...fields].map(([type, { value }]) => [fieldName(type), value.slice()] as const)
    const opaque = Object.fromEntries(named)
    return ok({ opaque, ...(kind === 'gpu' ? readGpu(fields) : readSwitch(fields)) })
  } catch (fault) {
    if (!(fault instanceof FieldFault)) throw fault
    return err({ code: 'report_malformed', reason: 'field_invalid', at: fault.at })
  }
}

function readGpu(fields: OpaqueFields): Omit<ReportClaims, 'opaque'> {
  return {
    driverVersion: read(fields, FIELD.driverVersion, readText),
    vbiosVersion: read(fields, FIELD.vbiosVersion, readGpuVersion),
    project: read(fields, FIELD.project, readText),
    projectSku: read(fields, FIELD.projectSku, readText),
    chipSku: read(fields, FIELD.chipSku, readText),
    fwid: read(fields, FIELD.fwid, (field) => sized(field, 48).slice()),
    nvdec0: read(fields, FIELD.nvdec0Status, readStatus),
    protectedPcie: read(fields, FIELD.protectedPcieStatus, readStatus),
    featureFlag: read(fields, FIELD.featureFlag, readFeature),
    // A GPU writes the PDIs of switches backwards.
    switchPdis: read(fields, FIELD.switchPdi, readPdis)?.map((pdi) => pdi.reverse()) ?? [],
    gpuPdis: [],
    chipInfo: read(fields, FIELD.chipInfo, readText),
    ownPdi: undefined,
  }
}

function readSwitch(fields: OpaqueFields): Omit<ReportClaims, 'opaque'> {
  return {
    driverVersion: undefined,
    vbiosVersion: read(fields, FIELD.vbiosVersion, readText),
    project: undefined,
    projectSku: undefined,
    chipSku: undefined,
    fwid: read(fields, FIELD.fwid, (field) => sized(field, 48).slice()),
    nvdec0: undefined,
    protectedPcie: undefined,
    featureFlag: undefined,
    switchPdis: [],
    gpuPdis: read(fields, FIELD.switchGpuPdis, readLinkedGpus) ?? [],
    chipInfo: undefined,
    ownPdi: read(fields, FIELD.switchPdi, (field) => sized(field, PDI_BYTES).slice()),
  }
}

function read<T>(
  fields: OpaqueFields,
  type: number,
  decode: (field: OpaqueField) => T,
): T | undefined {
  const field = fields.get(type)
  return field === undefined ? undefined : decode(field)
}

function sized(field: OpaqueField, length: number): Uint8Array {
  if (field.value.length !== length) throw new FieldFault(field.at)
  return field.value
}

/** Printable ASCII; the zeros that end it are no part of it. */
function readText({ value, at }: OpaqueField): string {
  const end = value.findLastIndex((byte) => byte !== 0) + 1
  const text = value.subarray(0, end)
  const isPrintable = text.every((byte) => byte >= 0x20 && byte < 0x7f)
  if (value.length > MAX_TEXT_BYTES || !isPrintable) throw new FieldFault(at)
  return String.fromCharCode(...text)
}

/** `96.00.9F.00.01`: a little-endian u32, then one more byte. */
function readGpuVersion(field: OpaqueField): string {
  const [a = 0, b = 0, c = 0, d = 0, e = 0] = sized(field, 8)
  return bytesToHex(Uint8Array.of(d, c, b, a, e))
    .toUpperCase()
    .replaceAll(/..(?=.)/g, '$&.')
}

function readStatus(field: OpaqueField): FieldStatus {
  const [status] = sized(field, 1)
  if (status === ENABLED) return 'enabled'
  return status === DISABLED ? 'disabled' : 'unknown'
}

function readFeature(field: OpaqueField): (typeof FEATURES)[number] | 'unknown' {
  return FEATURES[u16At(sized(field, 2), 0)] ?? 'unknown'
}

function readLinkedGpus(field: OpaqueField): Uint8Array[] {
  const value = sized(field, SWITCH_GPU_PDIS_BYTES).subarray(0, SWITCH_GPU_PDIS_BYTES / 2)
  return readPdis({ ...field, value })
}

/** The different PDIs that are not zero, in order of appearance. */
function readPdis({ value, at }: OpaqueField): Uint8Array[] {
  if (value.length % PDI_BYTES !== 0) throw new FieldFault(at)
  const pdis: Uint8Array[] = []
  for (let start = 0; start < value.length; start += PDI_BYTES) {
    const pdi = value.slice(start, start + PDI_BYTES)
    if (!isZero(pdi) && !pdis.some((known) => equalBytes(known, pdi))) pdis.push(pdi)
  }
  return pdis
}

/** A little-endian number of at most 8 bytes. */
function isKnownVersion(value: Uint8Array): boolean {
  return (
    value.length <= 8 && (value[0] ?? 0) <= MAX_OPAQUE_DATA_VERSION && isZero(value.subarray(1))
  )
}
