import { concatBytes, utf8 } from '@tacit/base'
import { sha256 } from '../keys.ts'

/** What Azure's paravisor says about itself; whatever is not given is usual. */
export interface HclOptions {
  /** Modulus of the attestation key, 256 bytes. */
  readonly attestationKey: Uint8Array
  /** 1 or 2; 2 where not given. */
  readonly version?: number
  /** Changes the runtime data before it is hashed. */
  readonly edit?: (runtime: Record<string, unknown>) => void
}

/** The length of what the virtual TPM hands out. */
const HCL_BYTES = 2600

/** The runtime data, JSON text, and its hash as 64 bytes of report data. */
export function hclRuntime({ attestationKey, edit }: HclOptions): {
  readonly text: Uint8Array
  readonly reportData: Uint8Array
} {
  const key = (kid: string, use: string): unknown => ({
    kid,
    key_ops: [use],
    kty: 'RSA',
    e: 'AQAB',
    n: Buffer.from(attestationKey).toString('base64url'),
  })
  const runtime: Record<string, unknown> = {
    keys: [key('HCLAkPub', 'sign'), key('HCLEkPub', 'encrypt')],
    'vm-configuration': {
      'console-enabled': true,
      'secure-boot': true,
      'tpm-enabled': true,
      vmUniqueId: '00000000-0000-4000-8000-000000000000',
    },
    'user-data': '0'.repeat(128),
  }
  edit?.(runtime)
  const text = utf8(JSON.stringify(runtime))
  return { text, reportData: concatBytes(sha256(text), new Uint8Array(32)) }
}

/**
 * Wraps a report as Azure's paravisor does.
 * Source: microsoft/openvmm, `openhcl_attestation_protocol::igvm_attest`.
 */
export function writeHcl(report: Uint8Array, text: Uint8Array, version = 2): Uint8Array {
  const size = text.length
  const header = [utf8('HCLA'), u32(version), u32(1236 + size), u32(2), new Uint8Array(16)]
  const runtime = [u32(20 + size), u32(1), u32(2), u32(1), u32(size), text]
  const blob = new Uint8Array(Math.max(HCL_BYTES, 1236 + size))
  blob.set(concatBytes(...header, report, ...runtime))
  return blob
}

function u32(value: number): Uint8Array {
  return Uint8Array.of(value, value >> 8, value >> 16, value >> 24)
}
