import type { DcapError } from '@tacit/attestation'

type Declared = readonly [index: number, doc: string]
/** Every code of every vendor's verifier. */
export type EvidenceCode = DcapError['code']

/**
 * The chain's error for every way in which evidence fails, by the verifier's code: index and
 * documentation; the name is the code in PascalCase. Indices are never reused.
 */
export const EVIDENCE_ERRORS: { readonly [C in EvidenceCode]: Declared } = {
  quote_truncated: [0, 'The quote ends before its own lengths do.'],
  quote_length_mismatch: [1, "The quote's lengths do not close exactly."],
  quote_version_unsupported: [2, 'The quote is not of version 3, 4 or 5.'],
  quote_key_type_unsupported: [3, 'The attestation key is not of type ECDSA P-256.'],
  quote_tee_unknown: [4, 'The quote is of neither SGX nor TDX.'],
  quote_body_mismatch: [5, "The quote's body type, size and TEE contradict each other."],
  quote_vendor_unknown: [6, "The quoting enclave is not Intel's."],
  certification_data_unsupported: [7, 'The quote names its PCK in no way that is known.'],
  chain_malformed: [8, 'A certificate chain is not PEM text.'],
  chain_length_wrong: [9, 'A certificate chain has the wrong number of certificates.'],
  certificate_malformed: [10, 'A certificate is not well formed.'],
  pck_extension_malformed: [11, "The PCK certificate's SGX extension is not well formed."],
  crl_malformed: [12, 'A revocation list is not well formed.'],
  tcb_info_malformed: [13, 'TCB info is not well formed.'],
  qe_identity_malformed: [14, 'QE identity is not well formed.'],
  collateral_signature_malformed: [15, 'A signature of the collateral is not 64 bytes.'],
  tcb_info_version_unsupported: [16, 'TCB info is not of version 2 or 3.'],
  tcb_info_type_unsupported: [17, 'TCB info has a type without a known comparison.'],
  qe_identity_version_unsupported: [18, 'QE identity is not of version 2.'],
  pck_ca_signature_invalid: [19, "The root did not sign the PCK CA's certificate."],
  tcb_signing_signature_invalid: [20, 'The root did not sign the TCB signing certificate.'],
  root_crl_signature_invalid: [21, 'The root did not sign its revocation list.'],
  pck_crl_signature_invalid: [22, 'The PCK CA did not sign its revocation list.'],
  tcb_info_signature_invalid: [23, 'The TCB signing key did not sign TCB info.'],
  qe_identity_signature_invalid: [24, 'The TCB signing key did not sign QE identity.'],
  pck_signature_invalid: [25, 'The PCK CA did not sign the PCK certificate.'],
  qe_report_signature_invalid: [26, "The PCK did not sign the quoting enclave's report."],
  quote_signature_invalid: [27, 'The attestation key did not sign the quote.'],
  root_untrusted: [28, "A chain does not end in one of this chain's pinned roots."],
  chain_issuer_mismatch: [29, "A certificate's issuer is not its successor's subject."],
  certificate_not_ca: [30, 'A certificate that signs certificates is not a CA.'],
  certificate_is_ca: [31, 'A leaf certificate claims to be a CA.'],
  certificate_key_usage_wrong: [32, 'A key usage does not allow what it is used for.'],
  certificate_path_too_long: [33, "A chain is longer than an issuer's path length allows."],
  certificate_role_wrong: [34, "A subject's common name is not its role's."],
  crl_issuer_mismatch: [35, 'A revocation list is by another issuer than it must be.'],
  collateral_expired: [36, 'A part of the collateral has expired.'],
  collateral_not_yet_valid: [37, 'A part of the collateral is not valid yet.'],
  certificate_expired: [38, 'A certificate has expired.'],
  certificate_not_yet_valid: [39, 'A certificate is not valid yet.'],
  pck_revoked: [40, "The platform's certificate was revoked."],
  pck_ca_revoked: [41, "The PCK CA's certificate was revoked."],
  tcb_signing_revoked: [42, 'The TCB signing certificate was revoked.'],
  tcb_info_tee_mismatch: [43, 'TCB info is for the other TEE.'],
  qe_identity_tee_mismatch: [44, 'QE identity is for the other quoting enclave.'],
  tcb_evaluation_too_old: [45, 'TCB info or QE identity is older than demanded.'],
  fmspc_mismatch: [46, 'TCB info is for another processor family.'],
  pce_id_mismatch: [47, 'TCB info is for another provisioning enclave.'],
  qe_report_data_mismatch: [48, 'The quoting enclave did not certify the attestation key.'],
  qe_debug: [49, 'The quoting enclave runs in debug mode.'],
  qe_mr_signer_mismatch: [50, 'The quoting enclave has another signer.'],
  qe_isv_prod_id_mismatch: [51, 'The quoting enclave has another product id.'],
  qe_misc_select_mismatch: [52, 'The quoting enclave has another MISCSELECT.'],
  qe_attributes_mismatch: [53, 'The quoting enclave has other attributes.'],
  tdx_module_unknown: [54, 'TCB info does not know the TDX module.'],
  tdx_module_mr_signer_mismatch: [55, 'The TDX module has another signer.'],
  tdx_module_attributes_mismatch: [56, 'The TDX module has other attributes.'],
  certification_data_malformed: [57, 'What the quote says of its PCK has the wrong length.'],
  pck_chain_missing: [58, 'The quote does not carry its PCK certificate chain.'],
  pck_chain_mismatch: [59, 'The PCK certificate is not the one that the quote names.'],
}

/** `quote_signature_invalid` is `QuoteSignatureInvalid` on chain. */
export type PascalCase<S extends string> = S extends `${infer Head}_${infer Tail}`
  ? `${Capitalize<Head>}${PascalCase<Tail>}`
  : Capitalize<S>

export type EvidenceErrorName = PascalCase<EvidenceCode>

export function evidenceErrorName(code: EvidenceCode): EvidenceErrorName {
  const words = code.split('_').map((word) => word.charAt(0).toUpperCase() + word.slice(1))
  return words.join('') as EvidenceErrorName
}

/** The table under the chain's names, for the pallet's declaration. */
export function declareEvidenceErrors(): { readonly [N in EvidenceErrorName]: Declared } {
  const entries = Object.entries(EVIDENCE_ERRORS).map(([code, declared]) => [
    evidenceErrorName(code as EvidenceCode),
    declared,
  ])
  return Object.fromEntries(entries) as { readonly [N in EvidenceErrorName]: Declared }
}
