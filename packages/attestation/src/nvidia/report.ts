import { err, ok, type Result } from '@tacit/base'
import { u16At } from '../dcap/bytes-at.ts'
import type { NvidiaFormError, ReportReason } from './errors.ts'
import { parseOpaqueData, type OpaqueFields } from './opaque-data.ts'

/** A signed exchange cut into its parts, all views of the input; bytes behind the signature are left out. */
export interface SpdmReport {
  /** 32 bytes that the requester chose. */
  readonly nonce: Uint8Array
  /** 32 bytes that the device chose. */
  readonly responseNonce: Uint8Array
  /** In order of their index: the first one has index 1, and index 0 in manifests. */
  readonly blocks: readonly MeasurementBlock[]
  readonly opaque: OpaqueFields
  /** Request and response up to the signature: what the attestation key signed. */
  readonly signed: Uint8Array
  /** r||s, 96 bytes. */
  readonly signature: Uint8Array
}

export interface MeasurementBlock {
  /** What the value is, by DMTF: firmware, configuration and so on; bit 7 marks bytes in place of a digest. */
  readonly type: number
  /** 48 bytes on every known device. */
  readonly value: Uint8Array
}

const REQUEST_BYTES = 37
const RESPONSE_HEADER_BYTES = 8
const NONCE_BYTES = 32
const SIGNATURE_BYTES = 96
const BLOCK_HEADER_BYTES = 4
const DMTF_HEADER_BYTES = 3
const MAX_RECORD_BYTES = 64 * 1024
const SPDM_11 = 0x11
const GET_MEASUREMENTS = 0xe0
const SIGNED = 0x01
const ALL_BLOCKS = 0xff
const MEASUREMENTS = 0x60
const DMTF_SPECIFICATION = 0x01

/**
 * Cuts an SPDM 1.1 measurement exchange, request followed by response, into its parts. Every length
 * must close exactly; whatever follows the signature (some tools pad with a zero) is ignored.
 * Source: DMTF DSP0274 1.1.0, sections 10.11.1 and 10.11.2, with the 48-byte digests, 96-byte
 * signature and opaque fields of NVIDIA's devices.
 */
export function parseSpdmReport(report: Uint8Array): Result<SpdmReport, NvidiaFormError> {
  const header = findHeaderProblem(report)
  if (header !== undefined) return err(header)
  const record = REQUEST_BYTES + RESPONSE_HEADER_BYTES
  const recordLength = u16At(report, record - 3) + (report[record - 1] ?? 0) * 0x1_0000
  if (recordLength > MAX_RECORD_BYTES) return malformed('record_too_long', record - 3)
  const responseNonce = record + recordLength
  const opaque = responseNonce + NONCE_BYTES + 2
  if (report.length < opaque) return truncated(opaque, report)
  const signature = opaque + u16At(report, opaque - 2)
  const end = signature + SIGNATURE_BYTES
  if (report.length < end) return truncated(end, report)
  const count = report[REQUEST_BYTES + 4] ?? 0
  const blocks = parseBlocks(report.subarray(0, responseNonce), record, count)
  if (!blocks.ok) return blocks
  const fields = parseOpaqueData(report.subarray(0, signature), opaque)
  if (!fields.ok) return fields
  return ok({
    nonce: report.subarray(4, 4 + NONCE_BYTES),
    responseNonce: report.subarray(responseNonce, responseNonce + NONCE_BYTES),
    blocks: blocks.value,
    opaque: fields.value,
    signed: report.subarray(0, signature),
    signature: report.subarray(signature, end),
  })
}

/** Whether bytes begin like an exchange: GET_MEASUREMENTS, then MEASUREMENTS, both of SPDM 1.1. */
export function isSpdmReport(bytes: Uint8Array): boolean {
  const response = REQUEST_BYTES
  return (
    bytes[0] === SPDM_11 &&
    bytes[1] === GET_MEASUREMENTS &&
    bytes[response] === SPDM_11 &&
    bytes[response + 1] === MEASUREMENTS
  )
}

function findHeaderProblem(report: Uint8Array): NvidiaFormError | undefined {
  const needed = REQUEST_BYTES + RESPONSE_HEADER_BYTES
  if (report.length < needed) return { code: 'report_truncated', needed, length: report.length }
  const unsupported = [report[0], report[REQUEST_BYTES]].find((version) => version !== SPDM_11)
  if (unsupported !== undefined) {
    return { code: 'report_version_unsupported', version: unsupported }
  }
  const isRequest =
    report[1] === GET_MEASUREMENTS && report[2] === SIGNED && report[3] === ALL_BLOCKS
  if (!isRequest) return { code: 'report_malformed', reason: 'request_unexpected', at: 1 }
  const at = REQUEST_BYTES + 1
  const isResponse = report[at] === MEASUREMENTS
  return isResponse ? undefined : { code: 'report_malformed', reason: 'response_unexpected', at }
}

/** Reads the blocks from start to the end of the input and puts them in order. */
function parseBlocks(
  report: Uint8Array,
  start: number,
  count: number,
): Result<readonly MeasurementBlock[], NvidiaFormError> {
  const blocks = new Map<number, MeasurementBlock>()
  let at = start
  for (let number = 0; number < count; number++) {
    const value = at + BLOCK_HEADER_BYTES + DMTF_HEADER_BYTES
    if (report.length < value) return malformed('record_length_mismatch', at)
    const index = report[at] ?? 0
    if (report[at + 1] !== DMTF_SPECIFICATION) return malformed('block_specification_unknown', at)
    const size = u16At(report, at + 5)
    const isWhole = u16At(report, at + 2) === size + DMTF_HEADER_BYTES
    if (!isWhole || report.length < value + size) return malformed('record_length_mismatch', at)
    if (index === 0 || index > count || blocks.has(index)) {
      return malformed('block_index_invalid', at)
    }
    blocks.set(index, { type: report[at + 4] ?? 0, value: report.subarray(value, value + size) })
    at = value + size
  }
  if (at !== report.length) return malformed('record_length_mismatch', at)
  return ok([...blocks].toSorted(([a], [b]) => a - b).map(([, block]) => block))
}

function malformed(reason: ReportReason, at: number): Result<never, NvidiaFormError> {
  return err({ code: 'report_malformed', reason, at })
}

function truncated(needed: number, report: Uint8Array): Result<never, NvidiaFormError> {
  return err({ code: 'report_truncated', needed, length: report.length })
}
