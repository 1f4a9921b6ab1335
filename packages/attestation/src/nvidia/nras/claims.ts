import { parseHex, unwrap } from '@tacit/base'
import type { JsonField } from '../../json-document.ts'
import type { ValidityWindow } from '../../validity.ts'

/** What every token says. */
interface CommonClaims {
  readonly issuer: string
  /** 32 bytes. */
  readonly nonce: Uint8Array
  /** From the later of issue and `nbf` to `exp`, Unix seconds. */
  readonly window: ValidityWindow
}

/** What the token for all devices together says. */
export interface OverallClaims extends CommonClaims {
  /** Of the claims, such as `3.0`. */
  readonly version: string
  /** NVIDIA's verifier accepted every device. */
  readonly result: boolean
  /** SHA-256 of each device's token by the device's name, such as `GPU-0`. */
  readonly digests: ReadonlyMap<string, Uint8Array>
}

/** What NVIDIA's verifier found out about one device. */
export interface NrasDevice {
  /** Such as `GPU-0`. */
  readonly name: string
  readonly kind: 'gpu' | 'switch'
  /** Such as `GH100 A01 GSP BROM`. */
  readonly hardwareModel: string | undefined
  /** Serial number of the attestation certificate, at most 20 bytes, as in NvidiaVerdict. */
  readonly ueid: Uint8Array | undefined
  /** Such as `5703`, NVIDIA. */
  readonly oemId: string | undefined
  /** Undefined for switches. */
  readonly driverVersion: string | undefined
  /** Of a GPU's VBIOS or a switch's BIOS. */
  readonly vbiosVersion: string | undefined
  /** The firmware was checked at boot. */
  readonly secureBoot: boolean | undefined
  /** `disabled` for devices in production. */
  readonly debugStatus: string | undefined
  /** Whether the measurements are those of NVIDIA's manifests: `success` or not. */
  readonly measurements: string | undefined
  /** Such as that a certificate is on hold. */
  readonly warning: string | undefined
  /** Every claim that is true or false, by its own name, such as `x-nvidia-gpu-arch-check`. */
  readonly checks: Readonly<Record<string, boolean>>
  /** Every claim about a certificate chain, by its own name. */
  readonly chains: Readonly<Record<string, NrasChain>>
}

/** What NVIDIA's verifier found out about a certificate chain. */
export interface NrasChain {
  /** `valid`, `expired`, `revoked` or `invalid`. */
  readonly status: string | undefined
  /** `good`, `revoked` or `unknown`. */
  readonly ocspStatus: string | undefined
  /** As NVIDIA writes it, such as `2026-11-20T03:10:39`. */
  readonly expiration: string | undefined
  readonly revocationReason: string | undefined
}

export interface DeviceClaims extends CommonClaims {
  readonly device: NrasDevice
}

const MAX_TIME = 253_402_300_799
const MAX_CLAIMS = 128
const MAX_DEVICES = 16
const DEVICE_NAME = /^(?:GPU|SWITCH|NVSWITCH)-[0-9]{1,2}$/

/** The names of an object's devices, 1 to 16. */
export function readDeviceNames(field: JsonField): readonly string[] {
  const names = field.names(MAX_DEVICES)
  const areDevices = names.length > 0 && names.every((name) => DEVICE_NAME.test(name))
  return areDevices ? names : field.fail('value_invalid')
}

/**
 * Source: NVIDIA's claims guide, versions 2.0 to 4.0; NVIDIA/attestation-sdk at 11b2bfe,
 * nv-attestation-sdk-cpp/src/claims.cpp.
 */
export function readOverallClaims(payload: JsonField): OverallClaims {
  payload.get('sub').oneOf(['NVIDIA-PLATFORM-ATTESTATION'])
  const submodules = payload.get('submods')
  const digests = readDeviceNames(submodules).map(
    (name) => [name, readDigest(submodules.get(name))] as const,
  )
  return {
    ...readCommon(payload),
    version: payload.get('x-nvidia-ver').text(16),
    result: payload.get('x-nvidia-overall-att-result').boolean(),
    digests: new Map(digests),
  }
}

/** `["DIGEST", ["SHA-256", hex]]`; NVIDIA's own local verifier leaves out the hyphen. */
function readDigest(field: JsonField): Uint8Array {
  const [kind, digest] = pairOf(field)
  kind.oneOf(['DIGEST'])
  const [algorithm, hex] = pairOf(digest)
  algorithm.oneOf(['SHA-256', 'SHA256'])
  return hex.hex(32)
}

/** The two items of an array of two. */
export function pairOf(field: JsonField): readonly [JsonField, JsonField] {
  const [first, second] = field.items(2, 2)
  return first === undefined || second === undefined ? field.fail('value_invalid') : [first, second]
}

export function readDeviceClaims(name: string, payload: JsonField): DeviceClaims {
  const kind = name.startsWith('GPU') ? 'gpu' : 'switch'
  const bios = kind === 'gpu' ? 'x-nvidia-gpu-vbios-version' : 'x-nvidia-switch-bios-version'
  const claims = payload.names(MAX_CLAIMS).map((claim) => [claim, payload.get(claim)] as const)
  const checks = claims.filter(([, { value }]) => typeof value === 'boolean')
  const chains = claims.filter(([claim]) => claim.endsWith('-cert-chain'))
  return {
    ...readCommon(payload),
    device: {
      name,
      kind,
      hardwareModel: textOf(payload, 'hwmodel'),
      ueid: readUeid(payload),
      oemId: textOf(payload, 'oemid'),
      driverVersion: textOf(payload, 'x-nvidia-gpu-driver-version'),
      vbiosVersion: textOf(payload, bios),
      secureBoot: presentOf(payload, 'secboot')?.boolean(),
      debugStatus: textOf(payload, 'dbgstat'),
      measurements: textOf(payload, 'measres'),
      warning: textOf(payload, 'x-nvidia-attestation-warning'),
      checks: Object.fromEntries(checks.map(([claim, field]) => [claim, field.boolean()])),
      chains: Object.fromEntries(chains.map(([claim, field]) => [claim, readChain(field)])),
    },
  }
}

function readCommon(payload: JsonField): CommonClaims {
  const from = Math.max(
    payload.get('iat').integer(MAX_TIME),
    payload.maybe('nbf')?.integer(MAX_TIME) ?? 0,
  )
  return {
    issuer: payload.get('iss').text(256),
    nonce: payload.get('eat_nonce').hex(32),
    window: { from, until: payload.get('exp').integer(MAX_TIME) },
  }
}

function readChain(field: JsonField): NrasChain {
  return {
    status: textOf(field, 'x-nvidia-cert-status'),
    ocspStatus: textOf(field, 'x-nvidia-cert-ocsp-status'),
    expiration: textOf(field, 'x-nvidia-cert-expiration-date'),
    revocationReason: textOf(field, 'x-nvidia-cert-revocation-reason'),
  }
}

/** A serial number in decimal. */
function readUeid(payload: JsonField): Uint8Array | undefined {
  const text = textOf(payload, 'ueid')
  if (text === undefined) return undefined
  if (!/^[1-9][0-9]{0,48}$/.test(text)) return payload.get('ueid').fail('value_invalid')
  const hex = BigInt(text).toString(16)
  const bytes = unwrap(parseHex(hex.length % 2 === 0 ? hex : `0${hex}`))
  return bytes.length <= 20 ? bytes : payload.get('ueid').fail('value_invalid')
}

function textOf(field: JsonField, name: string): string | undefined {
  return presentOf(field, name)?.text(512)
}

/** From version 3.0 on, what was not found out is null. */
function presentOf(field: JsonField, name: string): JsonField | undefined {
  const found = field.maybe(name)
  return found?.value === null ? undefined : found
}
