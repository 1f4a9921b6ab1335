import { err, ok, parseBase64Url, utf8, type Result } from '@tacit/base'
import { u32At } from '../dcap/bytes-at.ts'
import { readJson, type JsonField } from '../json-document.ts'
import type { HclFormError } from './errors.ts'

/**
 * What Azure's paravisor (HCL) keeps in the virtual TPM: a report of the hardware, and the runtime
 * data whose SHA-256 the hardware's report data is.
 */
export interface HclReport {
  /** Whose report it is. */
  readonly tee: 'sev-snp' | 'tdx'
  /** 1184 bytes: an SNP report, or a TDREPORT with zeros behind it, which only its own machine can check. */
  readonly report: Uint8Array
  /** JSON text, byte for byte as it was hashed. */
  readonly runtimeData: Uint8Array
  readonly runtime: HclRuntime
}

/** What the paravisor says of itself and the machine; true as far as the report data binds it. */
export interface HclRuntime {
  /** Modulus of the virtual TPM's attestation key, 256 bytes; its exponent is 65537. */
  readonly attestationKey: Uint8Array
  readonly vmUniqueId: string | undefined
  readonly secureBoot: boolean | undefined
  readonly tpmEnabled: boolean | undefined
  readonly tpmPersisted: boolean | undefined
  readonly consoleEnabled: boolean | undefined
  /** 64 bytes, chosen inside the machine when it asked for the report. */
  readonly userData: Uint8Array | undefined
}

const HEADER_BYTES = 32
const REPORT_BYTES = 1184
const RUNTIME_HEADER_BYTES = 20
const RUNTIME_AT = HEADER_BYTES + REPORT_BYTES
const RUNTIME_DATA_AT = RUNTIME_AT + RUNTIME_HEADER_BYTES
const MAX_RUNTIME_BYTES = 16 * 1024
/** `HCLA`, little-endian. */
const SIGNATURE = 0x414c_4348
const ATTESTATION_REQUEST = 2
const SHA256 = 1
const TEES: Readonly<Record<number, HclReport['tee']>> = { 2: 'sev-snp', 4: 'tdx' }
const KEY_BYTES = 256

/**
 * Reads an HCL report of version 1 or 2. Lengths must agree; what follows them is ignored: the
 * virtual TPM hands out 2600 bytes whatever the content.
 * Source: microsoft/openvmm, `openhcl_attestation_protocol::igvm_attest`; Azure/az-cvm-tools,
 * az-cvm-vtpm, `hcl`.
 */
export function parseHclReport(blob: Uint8Array): Result<HclReport, HclFormError> {
  const { length } = blob
  if (length < RUNTIME_DATA_AT)
    return err({ code: 'hcl_truncated', needed: RUNTIME_DATA_AT, length })
  const version = u32At(blob, 4)
  const isKnown =
    u32At(blob, 0) === SIGNATURE &&
    (version === 1 || version === 2) &&
    u32At(blob, 12) === ATTESTATION_REQUEST
  if (!isKnown) return err({ code: 'hcl_header_unsupported' })
  const tee = TEES[u32At(blob, RUNTIME_AT + 8)]
  if (tee === undefined) return err({ code: 'hcl_report_type_unsupported' })
  const hashType = u32At(blob, RUNTIME_AT + 12)
  if (hashType !== SHA256) return err({ code: 'hcl_hash_unsupported', hashType })
  const size = u32At(blob, RUNTIME_AT + 16)
  const end = RUNTIME_DATA_AT + size
  const isClosed = u32At(blob, 8) === end && u32At(blob, RUNTIME_AT) === RUNTIME_HEADER_BYTES + size
  if (!isClosed || size > MAX_RUNTIME_BYTES) return err({ code: 'hcl_length_mismatch' })
  if (length < end) return err({ code: 'hcl_truncated', needed: end, length })
  const runtimeData = blob.subarray(RUNTIME_DATA_AT, end)
  const runtime = readJson(runtimeData, readRuntime)
  if (!runtime.ok) return err({ code: 'runtime_data_malformed', ...runtime.error })
  const report = blob.subarray(HEADER_BYTES, RUNTIME_AT)
  return ok({ tee, report, runtimeData, runtime: runtime.value })
}

function readRuntime(root: JsonField): HclRuntime {
  const configuration = root.maybe('vm-configuration')
  const flag = (name: string): boolean | undefined => configuration?.maybe(name)?.boolean()
  return {
    attestationKey: readAttestationKey(root.get('keys')),
    vmUniqueId: configuration?.maybe('vmUniqueId')?.text(64),
    secureBoot: flag('secure-boot'),
    tpmEnabled: flag('tpm-enabled'),
    tpmPersisted: flag('tpm-persisted'),
    consoleEnabled: flag('console-enabled'),
    userData: root.maybe('user-data')?.hex(64),
  }
}

/** The only key named HCLAkPub. */
function readAttestationKey(keys: JsonField): Uint8Array {
  const [key, another] = keys.items(1, 8).filter((item) => item.get('kid').text(64) === 'HCLAkPub')
  if (key === undefined || another !== undefined) return keys.fail('value_invalid')
  key.get('kty').oneOf(['RSA'])
  key.get('e').oneOf(['AQAB'])
  const modulus = key.get('n')
  const bytes = parseBase64Url(utf8(modulus.text(512)))
  return bytes?.length === KEY_BYTES ? bytes : modulus.fail('value_invalid')
}
