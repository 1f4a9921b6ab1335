import type { DcapError, GpuSetError, SnpError } from '@tacit/attestation'

type Declared = readonly [index: number, doc: string]
/** Every code of every vendor's verifier. */
export type EvidenceCode = (DcapError | SnpError | GpuSetError)['code']

/**
 * The chain's error for every way in which evidence fails, by the verifier's code: index and
 * documentation; the name is the code in PascalCase. Where verifiers mean the same by a code they
 * share its error. Indices are never reused: Intel's are 0 to 59, AMD's from 60, the pallet's own
 * from 128, NVIDIA's from 160.
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
  report_length_wrong: [60, 'The report does not have 1184 bytes.'],
  report_version_unsupported: [61, 'The report is of a version that is not known.'],
  report_algorithm_unsupported: [62, 'The report is not signed with ECDSA on P-384.'],
  report_signing_key_unsupported: [63, 'The report is signed by neither a VCEK nor a VLEK.'],
  report_vmpl_unsupported: [64, 'The report was not asked for by a guest.'],
  report_reserved_nonzero: [65, 'A byte or bit of the report that is reserved has another value.'],
  report_policy_invalid: [66, "The guest's policy is not well formed."],
  report_signature_malformed: [67, "The report's signature is not well formed."],
  report_processor_unsupported: [68, 'The report is of a processor that is not known.'],
  endorsement_extension_malformed: [69, "AMD's extensions of the certificate are not well formed."],
  endorsement_product_unsupported: [70, 'The certificate names a product that is not known.'],
  ask_signature_invalid: [71, "The ARK did not sign the ASK's certificate."],
  asvk_signature_invalid: [72, "The ARK did not sign the ASVK's certificate."],
  crl_signature_invalid: [73, 'The ARK did not sign its revocation list.'],
  vcek_signature_invalid: [74, "The ASK did not sign the VCEK's certificate."],
  vlek_signature_invalid: [75, "The ASVK did not sign the VLEK's certificate."],
  report_signature_invalid: [76, 'The certified key did not sign the report.'],
  ask_revoked: [77, "The ASK's certificate was revoked."],
  asvk_revoked: [78, "The ASVK's certificate was revoked."],
  product_mismatch: [79, 'Certificate, report and chain speak of different processor families.'],
  tcb_mismatch: [80, "The certificate is for another patch level than the report's."],
  tcb_order_wrong: [81, 'A patch level of the report is above one that it cannot be above.'],
  hwid_missing: [82, "A VCEK's certificate names no chip."],
  chip_id_mismatch: [83, "The certificate is for another chip than the report's."],
  csp_id_missing: [84, "A VLEK's certificate names no cloud."],
  hwid_unexpected: [85, "A VLEK's certificate names a chip."],
  report_truncated: [160, 'The report ends before its own lengths do.'],
  report_malformed: [161, "The report is not the exchange that NVIDIA's devices sign."],
  dice_extension_malformed: [162, 'The firmware identity of a device is not well formed.'],
  architecture_unknown: [163, 'A device is of an architecture that is not known.'],
  ocsp_malformed: [164, 'An OCSP response is not well formed.'],
  device_count_wrong: [165, 'The evidence has no GPU, or more devices than a machine.'],
  identity_ca_signature_invalid: [166, "The root did not sign the architecture's CA."],
  provisioner_ca_signature_invalid: [167, "The architecture's CA did not sign the provisioner."],
  device_signature_invalid: [168, "The provisioner did not sign a device's certificate."],
  attestation_signature_invalid: [169, 'A device did not sign its attestation certificate.'],
  ocsp_responder_signature_invalid: [170, 'A CA did not sign its OCSP responder.'],
  ocsp_signature_invalid: [171, 'An OCSP response is not signed by its responder.'],
  nonce_mismatch: [172, 'A device answered another nonce.'],
  architecture_mismatch: [173, 'A device is of another architecture than it was said to be.'],
  fwid_mismatch: [174, 'Report and certificate of a device name different firmware.'],
  golden_overlap: [175, 'Two manifests claim the same measurement of a device.'],
  certificate_revoked: [176, "A certificate of a device's chain was revoked."],
  certificate_status_unknown: [177, 'A responder knows nothing of a certificate.'],
  ocsp_responder_untrusted: [178, 'An OCSP response is by somebody who may not speak for the CA.'],
  device_duplicate: [179, 'A device is in the evidence twice.'],
  topology_incomplete: [180, 'Protected PCIe takes exactly 8 GPUs and 4 switches.'],
  topology_mismatch: [181, 'A device is linked to others than those of the evidence.'],
  pdi_mismatch: [182, 'A switch names another device identifier than its certificate.'],
  rim_xml_malformed: [183, 'A manifest is not well-formed XML.'],
  rim_signature_malformed: [184, "A manifest's signature is not of the form that manifests have."],
  rim_malformed: [185, "A manifest's content is not that of a manifest."],
  rim_product_ca_signature_invalid: [186, "The root did not sign the product's CA."],
  rim_issuing_ca_signature_invalid: [187, "The product's CA did not sign the issuing CA."],
  rim_signer_signature_invalid: [188, "The issuing CA did not sign a manifest's signer."],
  rim_signature_invalid: [189, 'The signer did not sign a manifest.'],
  rim_digest_mismatch: [190, 'The signer signed other content than a manifest has.'],
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
