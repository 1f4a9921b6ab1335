import type { DerReason } from '@tacit/crypto/x509'
import type { ChainFormError } from '../chain.ts'
import type { ChainRuleError, RevocationError } from '../chain-rules.ts'
import type { ValidityError } from '../validity.ts'
import type { JsonProblem } from '../json-document.ts'

/** A certificate by its role in DCAP. */
export type CertificateRole = 'root' | 'pck_ca' | 'pck' | 'tcb_signing'

/** A certificate that another one vouches for. */
export type IssuedRole = Exclude<CertificateRole, 'root'>

/** A certificate chain by where it comes from. */
export type ChainName = 'pck' | 'pck_crl_issuer' | 'tcb_info_issuer' | 'qe_identity_issuer'

/** A signed document with a window of validity. */
export type DocumentName = 'root_crl' | 'pck_crl' | 'tcb_info' | 'qe_identity'

/** Bytes do not have the form they must have; nothing was decided about their truth. */
export type DcapFormError =
  /** The quote ends before its own lengths do. */
  | { readonly code: 'quote_truncated'; readonly needed: number; readonly length: number }
  /** The quote's lengths do not close exactly; `at` is the offset of the length that does not. */
  | { readonly code: 'quote_length_mismatch'; readonly at: number }
  /** Quote versions 3, 4 and 5 are known. */
  | { readonly code: 'quote_version_unsupported'; readonly version: number }
  /** Only ECDSA-256-with-P-256 (type 2) attestation keys are known. */
  | { readonly code: 'quote_key_type_unsupported'; readonly keyType: number }
  /** TEE types are 0 (SGX) and 0x81 (TDX, from version 4). */
  | { readonly code: 'quote_tee_unknown'; readonly teeType: number }
  /** Version 5: body type, size and TEE type contradict each other. */
  | { readonly code: 'quote_body_mismatch'; readonly bodyType: number; readonly size: number }
  /** The quoting enclave is not Intel's. */
  | { readonly code: 'quote_vendor_unknown' }
  /** Version 4 and 5 wrap a QE report (type 6); inside, and in version 3, types 1 to 5 are known. */
  | {
      readonly code: 'certification_data_unsupported'
      readonly type: number
      readonly content: 'qe_report' | 'platform_manifest' | 'unknown'
    }
  /** Certification data of types 1 to 3 has another length than its PPID, SVNs and id. */
  | {
      readonly code: 'certification_data_malformed'
      readonly type: number
      readonly length: number
    }
  /** The quote names its PCK in another way than by its chain, and the caller supplied none. */
  | {
      readonly code: 'pck_chain_missing'
      readonly type: 1 | 2 | 3 | 4
      readonly carried: 'ppid' | 'ppid_rsa2048' | 'ppid_rsa3072' | 'pck_certificate'
    }
  /** The chain that the caller supplied is not for the PCK that the quote names. */
  | {
      readonly code: 'pck_chain_mismatch'
      readonly field: 'ppid' | 'cpu_svn' | 'pce_svn' | 'pce_id' | 'certificate'
    }
  | ChainFormError<ChainName, CertificateRole>
  /** The PCK certificate's SGX extension is missing or not as Intel specifies it. */
  | { readonly code: 'pck_extension_malformed'; readonly reason: DerReason }
  | {
      readonly code: 'crl_malformed'
      readonly crl: 'root_crl' | 'pck_crl'
      readonly reason: DerReason
      readonly at: number
    }
  | ({ readonly code: 'tcb_info_malformed' } & JsonProblem)
  | ({ readonly code: 'qe_identity_malformed' } & JsonProblem)
  /** A signature of TCB info or QE identity is not 64 bytes r||s. */
  | {
      readonly code: 'collateral_signature_malformed'
      readonly document: 'tcb_info' | 'qe_identity'
    }
  /** TCB info versions 2 and 3 are known. */
  | { readonly code: 'tcb_info_version_unsupported'; readonly version: number }
  /** Only TCB type 0 has a known comparison. */
  | { readonly code: 'tcb_info_type_unsupported'; readonly tcbType: number }
  /** QE identity version 2 is known. */
  | { readonly code: 'qe_identity_version_unsupported'; readonly version: number }

/** A signature does not verify; each names what was signed. */
export type DcapSignatureError = {
  readonly code:
    /** The PCK CA's certificate, by the root. */
    | 'pck_ca_signature_invalid'
    /** The TCB signing certificate, by the root. */
    | 'tcb_signing_signature_invalid'
    /** The root's revocation list, by the root. */
    | 'root_crl_signature_invalid'
    /** The PCK revocation list, by the PCK CA. */
    | 'pck_crl_signature_invalid'
    /** TCB info's received bytes, by the TCB signing key. */
    | 'tcb_info_signature_invalid'
    /** QE identity's received bytes, by the TCB signing key. */
    | 'qe_identity_signature_invalid'
    /** The PCK certificate, by the PCK CA. */
    | 'pck_signature_invalid'
    /** The quoting enclave's report, by the PCK. */
    | 'qe_report_signature_invalid'
    /** The quote's header and body, by the attestation key. */
    | 'quote_signature_invalid'
}

/** Everything is well formed and signed, but does not amount to genuine evidence at this time. */
export type DcapTrustError =
  /** The chain does not end in one of the given roots, byte for byte, or not in the same one. */
  | { readonly code: 'root_untrusted'; readonly chain: ChainName }
  | ChainRuleError<CertificateRole>
  | ValidityError<DocumentName, CertificateRole>
  | RevocationError<IssuedRole, 'root_crl' | 'pck_crl'>
  /** TCB info is for the other TEE, or of version 2 with a TDX quote. */
  | { readonly code: 'tcb_info_tee_mismatch' }
  /** QE identity is for another enclave than the quote's quoting enclave. */
  | { readonly code: 'qe_identity_tee_mismatch' }
  /** TCB info or QE identity is older than the evaluation the caller demands. */
  | {
      readonly code: 'tcb_evaluation_too_old'
      readonly document: 'tcb_info' | 'qe_identity'
      readonly number: number
      readonly minimum: number
    }
  /** TCB info describes another processor family than the PCK certificate. */
  | { readonly code: 'fmspc_mismatch' }
  | { readonly code: 'pce_id_mismatch' }
  /** The quoting enclave did not certify this attestation key with this authentication data. */
  | { readonly code: 'qe_report_data_mismatch' }
  | { readonly code: 'qe_debug' }
  | { readonly code: 'qe_mr_signer_mismatch' }
  | { readonly code: 'qe_isv_prod_id_mismatch' }
  | { readonly code: 'qe_misc_select_mismatch' }
  | { readonly code: 'qe_attributes_mismatch' }
  /** TCB info has no identity for the TDX module that the quote names. */
  | { readonly code: 'tdx_module_unknown'; readonly id: string }
  | { readonly code: 'tdx_module_mr_signer_mismatch' }
  | { readonly code: 'tdx_module_attributes_mismatch' }

/** Every way in which verifying DCAP evidence fails. */
export type DcapError = DcapFormError | DcapSignatureError | DcapTrustError
