import { equalBytes, err, ok, utf8, type Result } from '@tacit/base'
import { u16At, u32At } from '../dcap/bytes-at.ts'
import { readCcelTable, TABLE_BYTES, isCcelTable } from './ccel-table.ts'
import type { EventLogFormError } from './errors.ts'
import { MAX_EVENTS, MAX_LOG_BYTES, RTMRS, type LoggedEvent } from './event.ts'

const SHA384 = 12
const SHA384_BYTES = 48
const SPEC_ID_EVENT = 3
const SIGNATURE = utf8('Spec ID Event03\0')
/** Index, type, SHA-1 digest and length of the header event. */
const HEADER_BYTES = 32
const MAX_ALGORITHMS = 8
const END = 0xffff_ffff
const REGISTERS = ['mrtd', ...RTMRS] as const

/**
 * Reads a CCEL log as Linux exports it in /sys/firmware/acpi/tables/data/CCEL, alone or behind its
 * ACPI table: a "Spec ID Event03" header, then events with digests by the algorithms that the
 * header declares. The log area's unused rest (0xff, or zeros) is neither read nor bounded.
 * Source: TCG PC Client Platform Firmware Profile 1.06, section 10 (crypto-agile log); UEFI 2.10,
 * section 38.4 (register numbers: 0 is MRTD, 1 to 4 are RTMR0 to RTMR3).
 * @returns `event_log_truncated` | `event_log_header_invalid` | `event_log_algorithm_unknown` |
 *   `event_digest_missing` | `event_register_unknown` | `event_log_too_long` |
 *   `event_log_too_many_events` | `event_log_table_invalid`.
 */
export function parseCcel(bytes: Uint8Array): Result<readonly LoggedEvent[], EventLogFormError> {
  if (!isCcelTable(bytes)) return parseLog(bytes)
  const table = readCcelTable(bytes.subarray(0, TABLE_BYTES))
  return table.ok ? parseLog(bytes.subarray(TABLE_BYTES)) : table
}

function parseLog(log: Uint8Array): Result<readonly LoggedEvent[], EventLogFormError> {
  const header = readHeader(log)
  if (!header.ok) return header
  const { digestSizes } = header.value
  const events: LoggedEvent[] = []
  let { end: at } = header.value
  while (!isEnd(log, at)) {
    if (events.length === MAX_EVENTS) {
      return err({ code: 'event_log_too_many_events', maximum: MAX_EVENTS })
    }
    const read = readEvent(log, at, digestSizes, events.length)
    if (!read.ok) return read
    at = read.value.end
    if (at > MAX_LOG_BYTES) return err({ code: 'event_log_too_long', maximum: MAX_LOG_BYTES })
    events.push(read.value.event)
  }
  return ok(events)
}

/** Firmware fills the area with 0xff or leaves it zero: an event of no digest is none. */
function isEnd(log: Uint8Array, at: number): boolean {
  if (at === log.length) return true
  if (log.length - at < 4) return false
  if (u32At(log, at) === END) return true
  return log.length - at >= 12 && log.subarray(at, at + 12).every((byte) => byte === 0)
}

interface Header {
  /** Bytes of a digest by the algorithm's TPM number. */
  readonly digestSizes: ReadonlyMap<number, number>
  readonly end: number
}

function readHeader(log: Uint8Array): Result<Header, EventLogFormError> {
  if (log.length < HEADER_BYTES) return truncated(log)
  const size = u32At(log, 28)
  const end = HEADER_BYTES + size
  if (u32At(log, 4) !== SPEC_ID_EVENT) return err({ code: 'event_log_header_invalid', at: 4 })
  if (end > log.length) return truncated(log)
  const event = log.subarray(HEADER_BYTES, end)
  const count = size < 29 ? 0 : u32At(event, 24)
  const isSpecId = equalBytes(event.subarray(0, SIGNATURE.length), SIGNATURE)
  if (!isSpecId || count < 1 || count > MAX_ALGORITHMS) return invalidHeader(HEADER_BYTES)
  const vendorAt = 28 + 4 * count
  if (vendorAt >= size || vendorAt + 1 + (event[vendorAt] ?? 0) !== size) return invalidHeader(28)
  const digestSizes = new Map<number, number>()
  for (let at = 28; at < vendorAt; at += 4) digestSizes.set(u16At(event, at), u16At(event, at + 2))
  const sha384 = digestSizes.get(SHA384) ?? SHA384_BYTES
  if (digestSizes.size !== count || sha384 !== SHA384_BYTES) return invalidHeader(HEADER_BYTES + 28)
  return ok({ digestSizes, end })
}

function readEvent(
  log: Uint8Array,
  start: number,
  digestSizes: Header['digestSizes'],
  event: number,
): Result<{ event: LoggedEvent; end: number }, EventLogFormError> {
  if (log.length - start < 12) return truncated(log)
  const index = u32At(log, start)
  const register = REGISTERS[index]
  if (register === undefined) return err({ code: 'event_register_unknown', event, register: index })
  const digests = readDigests(log, start + 8, digestSizes, event)
  if (!digests.ok) return digests
  const { digest, end: sizeAt } = digests.value
  if (log.length - sizeAt < 4) return truncated(log)
  const end = sizeAt + 4 + u32At(log, sizeAt)
  if (end > log.length) return truncated(log)
  const payload = log.slice(sizeAt + 4, Math.min(end, sizeAt + 4 + MAX_LOG_BYTES))
  const type = u32At(log, start + 4)
  return ok({ event: { register, type, digest, name: '', payload, version: undefined }, end })
}

function readDigests(
  log: Uint8Array,
  start: number,
  digestSizes: Header['digestSizes'],
  event: number,
): Result<{ digest: Uint8Array; end: number }, EventLogFormError> {
  const found = new Map<number, Uint8Array>()
  const count = u32At(log, start)
  let at = start + 4
  for (let read = 0; read < count; read++) {
    if (log.length - at < 2) return truncated(log)
    const algorithm = u16At(log, at)
    const size = digestSizes.get(algorithm)
    if (size === undefined || found.has(algorithm)) {
      return err({ code: 'event_log_algorithm_unknown', event, algorithm })
    }
    at += 2 + size
    if (at > log.length) return truncated(log)
    found.set(algorithm, log.slice(at - size, at))
  }
  const digest = found.get(SHA384)
  return digest ? ok({ digest, end: at }) : err({ code: 'event_digest_missing', event })
}

function invalidHeader(at: number): Result<never, EventLogFormError> {
  return err({ code: 'event_log_header_invalid', at })
}

function truncated(log: Uint8Array): Result<never, EventLogFormError> {
  return err({ code: 'event_log_truncated', at: log.length })
}
