import type { JsonProblem } from '../json-document.ts'

/** The bytes are not an HCL report that is known here; nothing was decided about its truth. */
export type HclFormError =
  | { readonly code: 'hcl_truncated'; readonly needed: number; readonly length: number }
  /** Not `HCLA`, neither version 1 nor 2, or not an attestation. */
  | { readonly code: 'hcl_header_unsupported' }
  /** Report types 2 (SEV-SNP) and 4 (TDX) are known. */
  | { readonly code: 'hcl_report_type_unsupported' }
  /** Only SHA-256 (type 1) is known. */
  | { readonly code: 'hcl_hash_unsupported'; readonly hashType: number }
  /** The lengths contradict each other, or the runtime data is longer than 16 KiB. */
  | { readonly code: 'hcl_length_mismatch' }
  | ({ readonly code: 'runtime_data_malformed' } & JsonProblem)

/** The text is not Azure evidence that is known here. */
export type AzureFormError =
  | HclFormError
  | ({ readonly code: 'azure_evidence_malformed' } & JsonProblem)

/** The hardware's report data is not the hash of the runtime data. */
export type AzureBindingError = { readonly code: 'runtime_data_mismatch' }
