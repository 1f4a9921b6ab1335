import {
  concatBytes,
  equalBytes,
  err,
  ok,
  startsWith,
  utf8,
  bytesToHex,
  type Result,
} from '@tacit/base'
import type { Hashes } from '@tacit/crypto'
import { u32At } from '../dcap/bytes-at.ts'
import type { EventLogTrustError } from './errors.ts'
import { DSTACK_EVENT, EV_NO_ACTION, type LoggedEvent, type MeasuredEvent } from './event.ts'
import { canonicalJson } from './jcs.ts'

type Sha384 = Pick<Hashes, 'sha384'>

/** Firmware events whose digest is the hash of their data. */
const HASHED_WHOLE: ReadonlySet<number> = new Set([
  0x4, // EV_SEPARATOR
  0x5, // EV_ACTION
  0x8, // EV_S_CRTM_VERSION
  0x8000_0001, // EV_EFI_VARIABLE_DRIVER_CONFIG
  0x8000_0006, // EV_EFI_GPT_EVENT
  0x8000_0007, // EV_EFI_ACTION
  0x8000_000c, // EV_EFI_VARIABLE_BOOT2
  0x8000_00e0, // EV_EFI_VARIABLE_AUTHORITY
])
/** The digest is of the variable's value alone, its name is not covered. */
const EV_EFI_VARIABLE_BOOT = 0x8000_0002
/** GRUB's: the digest is of the text behind the label. */
const EV_IPL = 0xd
const GRUB_LABELS = ['grub_cmd: ', 'kernel_cmdline: ', 'module_cmdline: '].map(utf8)

/**
 * Recomputes an event's digest where it is known what was hashed, and keeps of the payload what the
 * digest covers. A firmware event that does not hash to its digest is left without content: logs
 * name what they measured in many ways. A dstack event that does not is a lie.
 * Source: TCG PC Client Platform Firmware Profile 1.06, section 10.4; GRUB manual, "Measured Boot";
 * dstack, cc-eventlog at 312dc605.
 * @param at the event's number in the log, for the error.
 */
export function proveEvent(
  event: LoggedEvent,
  at: number,
  hashes: Sha384,
): Result<MeasuredEvent, EventLogTrustError> {
  if (event.type === DSTACK_EVENT) return proveDstackEvent(event, at, hashes)
  const { register, type, digest } = event
  if (digest === undefined) return err({ code: 'event_digest_mismatch', event: at })
  const isExtended = register !== 'mrtd' && type !== EV_NO_ACTION
  const content = isExtended ? findHashed(event, digest, hashes) : undefined
  const proof = content === undefined ? 'digest' : 'content'
  const name = undefined
  return ok({ register, type, digest, proof: isExtended ? proof : 'none', name, payload: content })
}

/** The part of the payload that hashes to the digest. */
function findHashed(
  { type, payload }: LoggedEvent,
  digest: Uint8Array,
  { sha384 }: Sha384,
): Uint8Array | undefined {
  const hashed = hashedPart(type, payload)
  return hashed !== undefined && equalBytes(sha384(hashed), digest) ? hashed : undefined
}

function hashedPart(type: number, payload: Uint8Array): Uint8Array | undefined {
  if (HASHED_WHOLE.has(type)) return payload
  if (type === EV_EFI_VARIABLE_BOOT) return variableValue(payload)
  if (type !== EV_IPL) return undefined
  const label = GRUB_LABELS.find((candidate) => startsWith(payload, candidate))
  if (label === undefined) return undefined
  return payload.subarray(label.length, payload.length - (payload.at(-1) === 0 ? 1 : 0))
}

/** UEFI_VARIABLE_DATA: GUID, u64 characters of the name, u64 bytes of the value, name, value. */
function variableValue(data: Uint8Array): Uint8Array | undefined {
  if (data.length < 32) return undefined
  const valueAt = 32 + 2 * u32At(data, 16)
  return valueAt + u32At(data, 24) === data.length ? data.subarray(valueAt) : undefined
}

/**
 * dstack's events hash type, name and payload. In the older format both are joined by colons, so
 * that a name is only proved as far as names have none.
 */
function proveDstackEvent(
  event: LoggedEvent,
  at: number,
  hashes: Sha384,
): Result<MeasuredEvent, EventLogTrustError> {
  const { register, type, name, payload } = event
  const versions = event.version === undefined ? ([1, 2] as const) : [event.version]
  const digests = versions.map((version) => dstackDigest(version, name, payload, hashes))
  const logged = event.digest ?? digests[0]
  const isProved = digests.some((digest) => digest && logged && equalBytes(digest, logged))
  if (!isProved || logged === undefined || register === 'mrtd') {
    return err({ code: 'event_digest_mismatch', event: at })
  }
  return ok({ register, type, digest: logged, proof: 'content', name, payload })
}

/** The digest of a dstack event; undefined where its name has no place in the format. */
export function dstackDigest(
  version: 1 | 2,
  name: string,
  payload: Uint8Array,
  { sha384 }: Sha384,
): Uint8Array | undefined {
  if (version === 2) {
    const text = canonicalJson({ name, payload: bytesToHex(payload), type: DSTACK_EVENT })
    return text === undefined ? undefined : sha384(utf8(text))
  }
  if (name.includes(':')) return undefined
  const type = Uint8Array.of(1, 0, 0, 8)
  const colon = utf8(':')
  return sha384(concatBytes(type, colon, utf8(name), colon, payload))
}
