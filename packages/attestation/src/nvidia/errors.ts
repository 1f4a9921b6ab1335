import type { DerReason, RevocationReason } from '@tacit/crypto/x509'
import type { ChainFormError } from '../chain.ts'
import type { ChainRuleError } from '../chain-rules.ts'
import type { ValidityError } from '../validity.ts'
import type { RimFormError, RimIssuedRole, RimSignatureError, RimTrustError } from './rim/errors.ts'

/** A certificate by its role, in a device's chain or elsewhere. */
export type CertificateRole = 'root' | IssuedRole

/** A certificate that another one vouches for; the responder is a CA's delegate for OCSP. */
export type IssuedRole = ChainRole | 'ocsp_responder'

/** A certificate of a device's chain but for the root. */
export type ChainRole =
  /** Of an architecture, such as `NVIDIA GH100 Identity`. */
  | 'identity_ca'
  /** Where devices are provisioned. */
  | 'provisioner_ca'
  /** The device's own, by its boot ROM. */
  | 'device'
  /** The key that signs reports, by the device for the firmware that it booted. */
  | 'attestation'

/**
 * A certificate that NVIDIA can revoke: of a device's chain, where the device vouches for its
 * attestation key itself, or of a manifest's.
 */
export type RevocableRole = Exclude<ChainRole, 'attestation'> | RimIssuedRole

/** Why bytes are not the exchange that NVIDIA's devices sign. */
export type ReportReason =
  /** Not GET_MEASUREMENTS of all blocks with a signature. */
  | 'request_unexpected'
  /** Not MEASUREMENTS. */
  | 'response_unexpected'
  /** The measurement record is above 64 KiB. */
  | 'record_too_long'
  /** Blocks do not fill the record, or a block's two lengths contradict each other. */
  | 'record_length_mismatch'
  /** A block is not of DMTF's measurement specification. */
  | 'block_specification_unknown'
  /** Block indices are not 1 to the number of blocks, each once. */
  | 'block_index_invalid'
  /** Opaque fields do not fill the opaque data. */
  | 'opaque_length_mismatch'
  /** Opaque data in a format of the future. */
  | 'opaque_version_unsupported'
  | 'field_duplicate'
  /** A field that is understood has another length or other bytes than its meaning allows. */
  | 'field_invalid'

/** Bytes do not have the form they must have; nothing was decided about their truth. */
export type NvidiaFormError =
  /** The report ends before its own lengths do. */
  | { readonly code: 'report_truncated'; readonly needed: number; readonly length: number }
  /** Devices speak SPDM 1.1, 0x11. */
  | { readonly code: 'report_version_unsupported'; readonly version: number }
  /** `at` is the byte offset in the report. */
  | { readonly code: 'report_malformed'; readonly reason: ReportReason; readonly at: number }
  /** The device's chain has five certificates. */
  | ChainFormError<'device', CertificateRole>
  /** The attestation certificate's firmware identity is not as TCG's DICE specifies it. */
  | { readonly code: 'dice_extension_malformed'; readonly reason: DerReason }
  /** The device certificate names a chip that is neither Hopper, nor Blackwell, nor LS10. */
  | { readonly code: 'architecture_unknown'; readonly hardwareModel: string }
  /** A stapled response is not a successful OCSP basic response; `index` counts from 0. */
  | { readonly code: 'ocsp_malformed'; readonly index: number; readonly reason: DerReason }
  /** A set has no device, or more than 16. */
  | { readonly code: 'device_count_wrong'; readonly count: number }
  | RimFormError

/** A signature does not verify; each names what was signed. */
export type NvidiaSignatureError = {
  readonly code:
    /** The architecture's CA certificate, by the root. */
    | 'identity_ca_signature_invalid'
    /** The provisioner's certificate, by the architecture's CA. */
    | 'provisioner_ca_signature_invalid'
    /** The device's certificate, by the provisioner. */
    | 'device_signature_invalid'
    /** The attestation certificate, by the device. */
    | 'attestation_signature_invalid'
    /** Request and response, by the attestation key. */
    | 'report_signature_invalid'
    /** An OCSP responder's certificate, by the CA that it speaks for. */
    | 'ocsp_responder_signature_invalid'
    /** An OCSP response, by the CA or its responder. */
    | 'ocsp_signature_invalid'
    | RimSignatureError['code']
}

/** Everything is well formed and signed, but does not amount to genuine evidence at this time. */
export type NvidiaTrustError =
  /** The chain does not end in one of the given roots, byte for byte. */
  | { readonly code: 'root_untrusted'; readonly chain: 'device' }
  | ChainRuleError<CertificateRole>
  | ValidityError<'ocsp', CertificateRole>
  /** The device signed another nonce than the caller's. */
  | { readonly code: 'nonce_mismatch' }
  /** The caller, or the container of the evidence, speaks of another architecture. */
  | { readonly code: 'architecture_mismatch'; readonly found: string }
  /** Report and attestation certificate name different firmware. */
  | { readonly code: 'fwid_mismatch' }
  /** A switch names another device identifier than its certificate. */
  | { readonly code: 'pdi_mismatch' }
  /** The manifests of driver and VBIOS claim the same measurement. */
  | { readonly code: 'golden_overlap'; readonly index: number }
  /** A stapled response says so; a hold only where the caller does not allow it. */
  | {
      readonly code: 'certificate_revoked'
      readonly certificate: RevocableRole
      readonly reason: RevocationReason
    }
  /** The responder knows nothing of the certificate. */
  | { readonly code: 'certificate_status_unknown'; readonly certificate: RevocableRole }
  /** The response's signer is neither the certificate's issuer nor its delegate. */
  | { readonly code: 'ocsp_responder_untrusted'; readonly index: number }
  | RimTrustError

/** Every device of a set is genuine, but they are no set. `device` counts from 0. */
export type NvidiaSetError =
  /** The same device is in the set twice. */
  | { readonly code: 'device_duplicate'; readonly device: number }
  /** GPUs behind switches come as exactly 8 with exactly 4. */
  | { readonly code: 'topology_incomplete'; readonly gpus: number; readonly switches: number }
  /** A device is linked to others than those of the set, or not to all of them. */
  | { readonly code: 'topology_mismatch'; readonly device: number }

/** Every way in which verifying a device's evidence fails. */
export type NvidiaError = NvidiaFormError | NvidiaSignatureError | NvidiaTrustError

/** The same for a set of devices; what concerns one device says which, counted from 0. */
export type GpuSetError =
  | NvidiaSignatureError
  | NvidiaSetError
  | ((NvidiaFormError | NvidiaTrustError) & { readonly device?: number })
