import { err, ok, type Result } from '@tacit/base'
import { readDer, TAG, type Certificate, type DerReader } from '@tacit/crypto/x509'
import type { NvidiaFormError } from './errors.ts'

/** What the boot ROM certified about the firmware that it started. */
export interface FirmwareIdentity {
  /** SHA-384 of the firmware, 48 bytes. */
  readonly fwid: Uint8Array
  /** The device is open to a debugger; false where the form has no flags. */
  readonly debug: boolean
}

/** Blackwell. */
const TCB_INFO = '2.23.133.5.4.1.1'
/** Hopper and LS10. */
const COMPOSITE_DEVICE_ID = '2.23.133.5.4.1'
const SHA384 = '2.16.840.1.101.3.4.2.2'
const FWIDS = 0xa6
const FLAGS = 0x87
const DEBUG_BIT = 0x10

/**
 * Reads the firmware identity out of an attestation certificate; undefined where it has none.
 * Source: TCG DICE Attestation Architecture 1.1, section 6.1.1 (DiceTcbInfo), of whose firmware
 * digests the first one counts; Microsoft RIoT Core, "CompositeDeviceID".
 */
export function parseFirmwareIdentity({
  extensions,
}: Certificate): Result<FirmwareIdentity | undefined, NvidiaFormError> {
  const content = extensions.get(TCB_INFO) ?? extensions.get(COMPOSITE_DEVICE_ID)
  if (content === undefined) return ok(undefined)
  const identity = readDer(content, (input) =>
    input.sequence((fields) =>
      fields.isNext(TAG.integer) ? readCompositeDeviceId(fields) : readTcbInfo(fields),
    ),
  )
  if (identity.ok) return identity
  return err({ code: 'dice_extension_malformed', reason: identity.error.reason })
}

/** Version, the device's key, the firmware's digest. */
function readCompositeDeviceId(fields: DerReader): FirmwareIdentity {
  if (fields.unsigned(255) !== 1) fields.fail('version_unsupported')
  fields.inside(TAG.sequence, skipAll)
  return { fwid: readFwid(fields), debug: false }
}

/** Implicitly tagged fields in rising order, all of them optional by themselves. */
function readTcbInfo(fields: DerReader): FirmwareIdentity {
  let fwid: Uint8Array | undefined
  let flags: Uint8Array | undefined
  let last = -1
  while (fields.remaining > 0) {
    const number = (fields.bytes[fields.at] ?? 0) & 0x1f
    if (number <= last) fields.fail('tag_unexpected')
    last = number
    if (fields.isNext(FWIDS)) fwid = fields.inside(FWIDS, readFirstFwid)
    else if (fields.isNext(FLAGS)) flags = fields.content(FLAGS)
    else fields.skip()
  }
  if (fwid === undefined) return fields.fail('value_invalid')
  if (flags !== undefined && (flags.length < 2 || (flags[0] ?? 0) > 7)) {
    return fields.fail('bit_string_invalid')
  }
  return { fwid, debug: ((flags?.[1] ?? 0) & DEBUG_BIT) !== 0 }
}

function readFirstFwid(list: DerReader): Uint8Array {
  const first = readFwid(list)
  skipAll(list)
  return first
}

function readFwid(input: DerReader): Uint8Array {
  return input.sequence((fwid) => {
    if (fwid.oid() !== SHA384) fwid.fail('algorithm_unsupported')
    return fwid.octets(48)
  })
}

function skipAll(input: DerReader): void {
  while (input.remaining > 0) input.skip()
}
