import {
  boundedBytes,
  encode,
  fixedBytes,
  hash256,
  inDomain,
  option,
  struct,
  u32,
  variant,
  vec,
  type CaseOf,
  type Codec,
  type Hash,
} from '@tacit/base'
import type { Hashes } from '@tacit/crypto'

/** Bytes of a DCAP quote with its certificates. */
export const MAX_QUOTE_BYTES = 16_384
/** Bytes of a SEV-SNP report; every version known has 1,184. */
export const MAX_SNP_REPORT_BYTES = 2_048
/** Bytes of the certificate under which a SEV-SNP report is signed, DER. */
export const MAX_SNP_CERTIFICATE_BYTES = 4_096
/** Bytes of any CPU evidence, encoded. */
export const MAX_CPU_EVIDENCE_BYTES: number = MAX_QUOTE_BYTES + 8
/** GPUs and switches of one machine. */
export const MAX_GPU_DEVICES = 16
/** Bytes of a device's certificate chain, PEM, leaf first. */
export const MAX_GPU_CHAIN_BYTES = 16_384
/** Bytes of a device's SPDM request and response. */
export const MAX_GPU_REPORT_BYTES = 8_192
/** OCSP responses: three certificates of each device can be revoked. */
export const MAX_OCSP_RESPONSES: number = 3 * MAX_GPU_DEVICES
export const MAX_OCSP_BYTES = 4_096
const MAX_GPU_DEVICE_BYTES = MAX_GPU_CHAIN_BYTES + MAX_GPU_REPORT_BYTES + 8
/** Bytes of a whole registration's evidence, encoded. */
export const MAX_EVIDENCE_BYTES: number =
  MAX_CPU_EVIDENCE_BYTES +
  MAX_GPU_DEVICES * MAX_GPU_DEVICE_BYTES +
  MAX_OCSP_RESPONSES * (MAX_OCSP_BYTES + 2) +
  3

/** What the processor says: a quote of SGX or TDX, or a report of SEV-SNP. */
export type CpuEvidence =
  | CaseOf<'Dcap', { readonly quote: Uint8Array }>
  | CaseOf<
      'SevSnp',
      {
        readonly report: Uint8Array
        /** VCEK or VLEK, DER. */
        readonly certificate: Uint8Array
      }
    >

export const cpuEvidence: Codec<CpuEvidence> = variant(
  {
    Dcap: [0, struct({ quote: boundedBytes(MAX_QUOTE_BYTES) })],
    SevSnp: [
      1,
      struct({
        report: boundedBytes(MAX_SNP_REPORT_BYTES),
        certificate: boundedBytes(MAX_SNP_CERTIFICATE_BYTES),
      }),
    ],
  },
  { path: ['tacit', 'attestation', 'CpuEvidence'] },
)

/** What one GPU or one switch says. */
export type GpuDevice = {
  /** PEM, from the leaf to the device root. */
  readonly certificateChain: Uint8Array
  /** SPDM GET_MEASUREMENTS, request and response. */
  readonly report: Uint8Array
}

/** What all GPUs and switches of an instance say, under one nonce. */
export type GpuReports = { readonly devices: readonly GpuDevice[] }

const gpuDevices: Codec<readonly GpuDevice[]> = vec(
  struct(
    {
      certificateChain: boundedBytes(MAX_GPU_CHAIN_BYTES),
      report: boundedBytes(MAX_GPU_REPORT_BYTES),
    },
    { path: ['tacit', 'attestation', 'GpuDevice'] },
  ),
  MAX_GPU_DEVICES,
)

/**
 * The same, with what NVIDIA says of the devices' certificates: OCSP responses, DER, which anyone
 * may staple, since NVIDIA signs them.
 */
export type GpuEvidence = GpuReports & { readonly ocsp: readonly Uint8Array[] }

export const gpuEvidence: Codec<GpuEvidence> = struct(
  { devices: gpuDevices, ocsp: vec(boundedBytes(MAX_OCSP_BYTES), MAX_OCSP_RESPONSES) },
  { path: ['tacit', 'attestation', 'GpuEvidence'] },
)

/** Attestation evidence of a registration: a CPU TEE, with or without GPUs. */
export type Evidence = {
  readonly cpu: CpuEvidence
  readonly gpu: GpuEvidence | undefined
}

export const evidence: Codec<Evidence> = struct(
  { cpu: cpuEvidence, gpu: option(gpuEvidence) },
  { path: ['tacit', 'attestation', 'Evidence'] },
)

/** Names evidence on the chain: BLAKE2b-256 of its SCALE encoding. */
export function evidenceHash(hashes: Hashes, value: Evidence): Uint8Array {
  return hashes.blake2b256(encode(evidence, value))
}

/** What report data binds of the GPUs' evidence: BLAKE2b-256 of the devices' SCALE encoding. */
export function gpuEvidenceHash(hashes: Hashes, { devices }: GpuReports): Hash {
  return hashes.blake2b256(encode(gpuDevices, devices)) as Hash
}

/** For what GPU evidence is made; leases become a further case. */
export type GpuPurpose = CaseOf<'Registration'>

/**
 * What the nonce of GPU evidence binds together. The devices are named by their certificate chains,
 * which a machine can read before it asks for a report: so the nonce fixes which devices answer,
 * and in which order.
 */
export type GpuNonceBinding = {
  readonly genesis: Hash
  /** ed25519 key of the instance that uses the GPUs. */
  readonly instance: Uint8Array
  readonly purpose: GpuPurpose
  readonly recentNumber: number
  readonly recentHash: Hash
  /** BLAKE2b-256 of each device's certificate chain. */
  readonly devices: readonly Hash[]
}

export const gpuNonceBinding: Codec<GpuNonceBinding> = struct({
  genesis: hash256,
  instance: fixedBytes(32),
  purpose: variant({ Registration: [0] }),
  recentNumber: u32,
  recentHash: hash256,
  devices: vec(hash256, MAX_GPU_DEVICES),
})

/** The one nonce, 32 bytes, under which all devices of an instance report. */
export function gpuNonce(hashes: Hashes, binding: GpuNonceBinding): Uint8Array {
  return hashes.blake2b256(inDomain('gpuNonce', encode(gpuNonceBinding, binding)))
}

/** How a nonce names the devices. */
export function gpuDeviceSet(
  hashes: Hashes,
  devices: readonly Pick<GpuDevice, 'certificateChain'>[],
): readonly Hash[] {
  return devices.map(({ certificateChain }) => hashes.blake2b256(certificateChain) as Hash)
}
