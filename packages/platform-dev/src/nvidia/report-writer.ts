import { concatBytes } from '@tacit/base'

/** A measurement block as it stands in a report. */
export interface ReportBlock {
  /** From 1. */
  readonly index: number
  readonly value: Uint8Array
}

/** An opaque field as it stands in a report. */
export interface ReportField {
  readonly type: number
  readonly value: Uint8Array
  /** Where given, all fields have one, behind the header of the newer format. */
  readonly valueType?: number
}

/** What a report says. */
export interface ReportContent {
  /** 32 bytes of the requester. */
  readonly nonce: Uint8Array
  /** 32 bytes of the device. */
  readonly responseNonce: Uint8Array
  readonly blocks: readonly ReportBlock[]
  readonly fields: readonly ReportField[]
}

/** Opaque data's header: magic, profile 0, version 2.0. */
const OPAQUE_HEADER = concatBytes(
  new TextEncoder().encode('NVDAOD'),
  Uint8Array.of(0, 0, 2, 0, 0, 0),
)

/**
 * Writes GET_MEASUREMENTS and MEASUREMENTS up to the signature.
 * Source: DMTF DSP0274 1.1.0, sections 10.11.1 and 10.11.2, as NVIDIA's devices fill it.
 */
export function writeReport({ nonce, responseNonce, blocks, fields }: ReportContent): Uint8Array {
  const record = concatBytes(...blocks.map(writeBlock))
  const opaque = writeFields(fields)
  return concatBytes(
    Uint8Array.of(0x11, 0xe0, 0x01, 0xff),
    nonce,
    Uint8Array.of(0),
    Uint8Array.of(0x11, 0x60, 0, 0, blocks.length),
    u16(record.length),
    Uint8Array.of(record.length >> 16),
    record,
    responseNonce,
    u16(opaque.length),
    opaque,
  )
}

function writeBlock({ index, value }: ReportBlock): Uint8Array {
  const header = Uint8Array.of(index, 1)
  return concatBytes(header, u16(value.length + 3), Uint8Array.of(1), u16(value.length), value)
}

function writeFields(fields: readonly ReportField[]): Uint8Array {
  const hasHeader = fields.some(({ valueType }) => valueType !== undefined)
  const written = fields.map(({ type, value, valueType = 0 }) =>
    concatBytes(u16(type), hasHeader ? u16(valueType) : new Uint8Array(), u16(value.length), value),
  )
  return hasHeader ? concatBytes(OPAQUE_HEADER, ...written) : concatBytes(...written)
}

export function u16(value: number): Uint8Array {
  return Uint8Array.of(value, value >> 8)
}
