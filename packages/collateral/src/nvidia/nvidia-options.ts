import type { DeviceEvidence, TrustedRoot } from '@tacit/attestation'
import type { Hashes, SignatureCheck } from '@tacit/crypto'
import type { Http } from '../http/http-client.ts'
import type { Obtain } from '../obtain.ts'

export interface NvidiaOptions {
  readonly http: Http
  readonly obtain: Obtain
  /** NVIDIA_RIM, or a mirror of it; without a slash at the end. */
  readonly rimUrl: string
  /** NVIDIA_OCSP, or a mirror of it. */
  readonly ocspUrl: string
  /** Of NVIDIA's attestation services, for the manifests; they need none. */
  readonly serviceKey?: string
  /** Of devices and of manifests. */
  readonly roots: readonly TrustedRoot[]
  readonly verify: (check: SignatureCheck) => boolean
  readonly hashes: Pick<Hashes, 'sha1' | 'sha256' | 'sha384'>
  /** Unix seconds. */
  readonly now: () => number
}

/** One device's report with its chain, as collected. */
export type NvidiaDevice = Pick<DeviceEvidence, 'report' | 'chain'>
