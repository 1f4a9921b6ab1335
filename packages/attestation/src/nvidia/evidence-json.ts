import { equalBytes, err, ok, parseBase64, utf8, type Result } from '@tacit/base'
import { readJson, type JsonField, type JsonProblem } from '../json-document.ts'
import type { DeviceEvidence, NvidiaCollateral } from './verify.ts'

/** Devices with the nonce that they say they were asked with; a verifier compares its own. */
export interface NvidiaEvidence {
  /** 32 bytes. */
  readonly nonce: Uint8Array
  readonly devices: readonly DeviceEvidence[]
}

/** Evidence with what is needed to verify it, and the time to verify it at. */
export interface NvidiaBundle extends NvidiaEvidence, NvidiaCollateral {
  readonly name: string | undefined
  /** Unix seconds; undefined where the bundle leaves it to the reader. */
  readonly verifyAt: number | undefined
}

/** The text is not evidence in one of these forms. */
export type NvidiaBundleError = { readonly code: 'bundle_malformed' } & JsonProblem

const MAX_BYTES = 1024 * 1024
const MAX_DEVICES = 16
const MAX_RIMS = 8
/** Three about each device, and nine about manifests of two kinds of device. */
const MAX_OCSP = 64
const MAX_REPORT_CHARACTERS = 64 * 1024
const MAX_CHAIN_CHARACTERS = 128 * 1024
const MAX_RIM_CHARACTERS = 256 * 1024

/**
 * Reads the JSON of NVIDIA's tools: a list of `{arch, nonce, evidence, certificate}`, as
 * nvattest and nvtrust write it, or `{nonce, arch, evidence_list}`, as NVIDIA's remote service takes
 * it. Nonces are hex, report and PEM chain base64; all devices have one nonce. At most 1 MiB.
 */
export function parseNvidiaEvidence(text: Uint8Array): Result<NvidiaEvidence, NvidiaBundleError> {
  const read = readJson(text, readEvidence, MAX_BYTES)
  return read.ok ? ok(read.value) : err({ code: 'bundle_malformed', ...read.error })
}

/**
 * Reads a bundle: `{name, nonce, devices: [{arch, report, chain}], rims, ocsp, verify_at}`. Nonce,
 * reports and OCSP responses are hex, chains PEM text, manifests XML text. At most 1 MiB.
 */
export function parseNvidiaBundle(text: Uint8Array): Result<NvidiaBundle, NvidiaBundleError> {
  const read = readJson(text, readBundle, MAX_BYTES)
  return read.ok ? ok(read.value) : err({ code: 'bundle_malformed', ...read.error })
}

function readEvidence(root: JsonField): NvidiaEvidence {
  if (!Array.isArray(root.value)) {
    const arch = root.maybe('arch')
    const devices = root.get('evidence_list').items(1, MAX_DEVICES)
    return {
      nonce: root.get('nonce').hex(32),
      devices: devices.map((item) => readSdkDevice(item, item.maybe('arch') ?? arch)),
    }
  }
  const items = root.items(1, MAX_DEVICES)
  const [nonce = new Uint8Array(), ...others] = items.map((item) => item.get('nonce').hex(32))
  const stray = others.findIndex((other) => !equalBytes(other, nonce))
  if (stray >= 0) items[stray + 1]?.get('nonce').fail('value_invalid')
  return { nonce, devices: items.map((item) => readSdkDevice(item, item.get('arch'))) }
}

function readSdkDevice(item: JsonField, arch: JsonField | undefined): DeviceEvidence {
  return {
    report: base64Of(item.get('evidence'), MAX_REPORT_CHARACTERS),
    chain: base64Of(item.get('certificate'), MAX_CHAIN_CHARACTERS),
    ...readArchitecture(arch),
  }
}

function readBundle(root: JsonField): NvidiaBundle {
  return {
    name: root.maybe('name')?.text(256),
    nonce: root.get('nonce').hex(32),
    devices: root.get('devices').items(1, MAX_DEVICES).map(readDevice),
    rims: (root.maybe('rims')?.items(0, MAX_RIMS) ?? []).map((rim) =>
      utf8(rim.text(MAX_RIM_CHARACTERS)),
    ),
    ocsp: (root.maybe('ocsp')?.items(0, MAX_OCSP) ?? []).map((response) =>
      response.hexBytes(MAX_REPORT_CHARACTERS),
    ),
    verifyAt: root.maybe('verify_at')?.timestamp(),
  }
}

function readDevice(item: JsonField): DeviceEvidence {
  return {
    report: item.get('report').hexBytes(MAX_REPORT_CHARACTERS),
    chain: utf8(item.get('chain').text(MAX_CHAIN_CHARACTERS)),
    ...readArchitecture(item.maybe('arch')),
  }
}

function readArchitecture(arch: JsonField | undefined): Pick<DeviceEvidence, 'architecture'> {
  return arch === undefined ? {} : { architecture: arch.text(32) }
}

function base64Of(field: JsonField, maxCharacters: number): Uint8Array {
  return parseBase64(utf8(field.text(maxCharacters))) ?? field.fail('value_invalid')
}
