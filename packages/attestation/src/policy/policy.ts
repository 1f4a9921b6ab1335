import type { DcapPolicy } from './dcap-policy.ts'
import type { NvidiaPolicy } from './nvidia-policy.ts'
import type { SnpPolicy } from './snp-policy.ts'

/** What evidence is of. */
export type Tee = 'sgx' | 'tdx' | 'sev-snp' | 'nvidia'

export const TEES = ['sgx', 'tdx', 'sev-snp', 'nvidia'] as const

/**
 * What evidence must be to be accepted. Plain JSON data: a policy can be stored, hashed and read by
 * people. Names of bytes are lower-case hex without a prefix, times are seconds.
 *
 * A rule that is left out accepts everything, and a rule of one vendor says nothing about the
 * others. But evidence of a vendor whose section is left out is refused: who trusts a vendor says
 * so.
 */
export interface Policy {
  readonly name: string
  /** SHA-256 fingerprints of accepted roots, 32 bytes each. */
  readonly roots: readonly string[]
  /** Whether program or device may be open to a debugger. */
  readonly debug: boolean
  readonly tees?: readonly Tee[]
  /** Greatest age of a verdict when it is judged: how long ago the evidence was verified. */
  readonly maxEvidenceAgeSeconds?: number
  /**
   * Greatest age, at the time of verifying, of what a vendor issues anew from time to time. DCAP:
   * TCB info, QE identity and PCK revocation list. SEV-SNP: the revocation list. NVIDIA: says
   * nothing, as its responses are judged by their own end. A section may have its own number.
   */
  readonly maxCollateralAgeSeconds?: number
  /** Refuse evidence of whose certificates it is not known that none was revoked. */
  readonly requireRevocationKnown?: boolean
  /** Intel SGX and TDX. */
  readonly dcap?: DcapPolicy
  /** AMD SEV-SNP. */
  readonly sevSnp?: SnpPolicy
  /** NVIDIA GPUs and switches. */
  readonly nvidia?: NvidiaPolicy
}
