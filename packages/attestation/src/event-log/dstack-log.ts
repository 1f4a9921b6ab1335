import { err, ok, parseHex, type Result } from '@tacit/base'
import { readJson, type JsonField } from '../json-document.ts'
import type { EventLogFormError } from './errors.ts'
import { DSTACK_EVENT, MAX_EVENTS, RTMRS, type LoggedEvent } from './event.ts'

const MAX_NAME = 256
const MAX_PAYLOAD_HEX = 128 * 1024

/**
 * Reads dstack's event log: a JSON array of `{imr, event_type, digest, event, event_payload}`, of
 * the firmware and of dstack itself. Registers count from 0 (RTMR0). The digest of a dstack event
 * may be missing; it is computed then. At most 256 KiB and 1024 events.
 * Source: dstack, cc-eventlog/src/tdx.rs at 312dc605.
 */
export function parseDstackLog(
  text: Uint8Array,
): Result<readonly LoggedEvent[], EventLogFormError> {
  const read = readJson(text, (root) => root.items(0, MAX_EVENTS).map(readEvent))
  return read.ok ? ok(read.value) : err({ code: 'event_log_malformed', ...read.error })
}

function readEvent(item: JsonField): LoggedEvent {
  const register = RTMRS[item.get('imr').integer(3)] ?? item.fail('value_invalid')
  const type = item.get('event_type').integer(0xffff_ffff)
  const isDstack = type === DSTACK_EVENT
  const digest = item.maybe('digest')
  const isAbsent = isDstack && (digest === undefined || digest.value === '')
  return {
    register,
    type,
    digest: isAbsent ? undefined : (digest ?? item.get('digest')).hex(48),
    name: isDstack ? item.get('event').text(MAX_NAME) : '',
    payload: readHex(item.get('event_payload'), MAX_PAYLOAD_HEX),
    version: readVersion(item.maybe('version')),
  }
}

function readVersion(field: JsonField | undefined): 1 | 2 | undefined {
  if (field === undefined) return undefined
  return field.value === 1 || field.value === 2 ? field.value : field.fail('value_invalid')
}

/** Hex of at most so many digits. */
export function readHex(field: JsonField, maxDigits: number): Uint8Array {
  const bytes = parseHex(field.text(maxDigits))
  return bytes.ok ? bytes.value : field.fail('value_invalid')
}
