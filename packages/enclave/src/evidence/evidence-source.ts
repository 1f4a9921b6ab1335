import type { Result } from '@tacit/base'

/** The platform gave no evidence; `reason` is one of the collector's own codes. */
export type EvidenceError = { readonly code: 'evidence_unavailable'; readonly reason: string }

/** Collects attestation evidence inside the TEE. */
export interface EvidenceSource {
  /** A quote over 64 bytes of report data, as the hardware gives it. */
  quote(reportData: Uint8Array): Promise<Result<Uint8Array, EvidenceError>>
}
