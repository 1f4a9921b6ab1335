import { err, type Result } from '@tacit/base'
import type { CpuEvidence, GpuReports } from '@tacit/runtime'
import type { FileReason } from './device-files.ts'

/** A collector of evidence about the CPU's TEE. */
export type SourceName = 'tee-socket' | 'gramine' | 'tdx' | 'sev-snp' | 'dstack'

/** Why there is no evidence. */
export type EvidenceReason =
  | FileReason
  /** The platform did not answer in time. */
  | 'timeout'
  /** A call that timed out is still inside the platform; nothing else is asked until it returns. */
  | 'platform_stuck'
  /** What came is not evidence of the kind asked for. */
  | 'evidence_malformed'
  /** More than any evidence has. */
  | 'evidence_too_large'
  /** The evidence is over other report data: another program asked at the same time, or it lies. */
  | 'report_data_mismatch'
  /** configfs-tsm: another writer changed the entry each time. */
  | 'generation_raced'
  /** configfs-tsm: no TEE's driver is registered. */
  | 'provider_missing'
  /** configfs-tsm: the driver is another TEE's. */
  | 'provider_mismatch'
  /** SEV-SNP: neither the host nor the operator gave the certificate that the report is signed under. */
  | 'certificate_missing'
  /** Gramine: remote attestation is off, or not DCAP. */
  | 'attestation_type_wrong'
  /** Nobody listens at the socket. */
  | 'socket_failed'
  /** The socket closed before there was an answer. */
  | 'socket_closed'
  | 'answer_malformed'
  | 'answer_too_large'
  /** The TEE socket answered with an error. */
  | 'quote_refused'
  /** dstack's agent answered with another status than 200. */
  | 'agent_refused'
  /** A helper program is not there or may not be run. */
  | 'command_missing'
  /** A helper program ended with another code than 0. */
  | 'command_failed'
  /** A helper program was ended by a signal. */
  | 'command_killed'
  /** The GPUs do not run in a confidential mode. */
  | 'cc_mode_off'
  /** The GPUs' memory is open to developer tools. */
  | 'devtools_on'
  /** The GPUs take no work yet: `nvidia-smi conf-compute -srs 1`. */
  | 'gpus_not_ready'
  /** A device answered another nonce. */
  | 'nonce_mismatch'
  /** Other devices answered, or in another order, than a moment before. */
  | 'devices_changed'

/** The platform gave no evidence. */
export type EvidenceError = {
  readonly code: 'evidence_unavailable'
  readonly reason: EvidenceReason
}

/** Collects what the CPU's TEE says, inside it; nothing is verified. */
export interface EvidenceSource {
  readonly name: SourceName
  /** This collector never ran on the hardware that it is for; production refuses it. */
  readonly untestedOnHardware: boolean
  /** @param reportData 64 bytes, public: they leave the TEE as they are. */
  collect(reportData: Uint8Array): Promise<Result<CpuEvidence, EvidenceError>>
}

/** Collects what the machine's GPUs and switches say; nothing is verified. */
export interface GpuSource {
  readonly name: 'nvattest' | 'tee-socket'
  /** As EvidenceSource's. */
  readonly untestedOnHardware: boolean
  /** @param nonce 32 bytes, public: every device answers the same. */
  collect(nonce: Uint8Array): Promise<Result<GpuReports, EvidenceError>>
}

export function unavailable(reason: EvidenceReason): Result<never, EvidenceError> {
  return err({ code: 'evidence_unavailable', reason })
}
