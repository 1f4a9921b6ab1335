import { concatBytes, utf8 } from '@tacit/base'

/** An event to write into a synthetic log. */
export interface CcelEvent {
  /** 0 is MRTD, 1 to 4 are RTMR0 to RTMR3. */
  readonly index: number
  readonly type: number
  /** By TPM algorithm number, in order. */
  readonly digests: readonly (readonly [algorithm: number, digest: Uint8Array])[]
  readonly payload: Uint8Array
}

/** Declared in the header of a log unless told otherwise: SHA-384 alone, as TDX firmware does. */
export const SHA384_ALONE: readonly (readonly [number, number])[] = [[12, 48]]

/** A log of crypto-agile format, without padding. */
export function writeCcel(
  events: readonly CcelEvent[],
  algorithms: readonly (readonly [algorithm: number, bytes: number])[] = SHA384_ALONE,
  vendor: Uint8Array = new Uint8Array(),
): Uint8Array {
  const specId = concatBytes(
    utf8('Spec ID Event03\0'),
    u32(0),
    Uint8Array.of(0, 2, 0, 2),
    u32(algorithms.length),
    ...algorithms.flatMap(([algorithm, bytes]) => [u16(algorithm), u16(bytes)]),
    Uint8Array.of(vendor.length),
    vendor,
  )
  const header = concatBytes(u32(0), u32(3), new Uint8Array(20), u32(specId.length), specId)
  return concatBytes(header, ...events.map(writeEvent))
}

/** The ACPI table of a TD's log, with its checksum. */
export function writeCcelTable(logAreaBytes: number, type = 2): Uint8Array {
  const table = concatBytes(
    utf8('CCEL'),
    u32(56),
    Uint8Array.of(1, 0),
    utf8('TACIT TACITTBL'),
    u32(1),
    utf8('TACT'),
    u32(1),
    Uint8Array.of(type, 0, 0, 0),
    u32(logAreaBytes),
    u32(0),
    u32(0x7b4d_0000),
    u32(0),
  )
  const sum = table.reduce((total, byte) => total + byte, 0)
  return table.with(9, -sum & 255)
}

function writeEvent({ index, type, digests, payload }: CcelEvent): Uint8Array {
  const written = digests.flatMap(([algorithm, digest]) => [u16(algorithm), digest])
  const head = [u32(index), u32(type), u32(digests.length)]
  return concatBytes(...head, ...written, u32(payload.length), payload)
}

function u16(value: number): Uint8Array {
  return Uint8Array.of(value & 255, value >> 8)
}

export function u32(value: number): Uint8Array {
  return Uint8Array.of(value & 255, (value >> 8) & 255, (value >> 16) & 255, value >>> 24)
}
