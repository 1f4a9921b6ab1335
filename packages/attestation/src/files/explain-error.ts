import { explainError } from '../explain.ts'
import { oneLine } from '../explain-text.ts'
import type { EvidenceFileError } from './errors.ts'
import type { FileContent } from './file-content.ts'
import type { CodedError } from './verify-evidence.ts'

/** Kinds of files, for sentences. */
const NAMES: Readonly<Record<FileContent['type'], string>> = {
  dcap_bundle: 'a bundle of a quote with its collateral',
  dcap_collateral: "Intel's collateral",
  quote: 'an SGX or TDX quote',
  dstack_report: "dstack's answer with a quote",
  event_log: "a firmware's event log",
  snp_bundle: 'a bundle of an SEV-SNP report',
  snp_report: 'an SEV-SNP report',
  hcl_report: "a report of Azure's paravisor",
  azure_evidence: "evidence of Azure's agent",
  nvidia_bundle: 'a bundle of NVIDIA devices',
  nvidia_evidence: 'evidence of NVIDIA devices',
  nvidia_report: "an NVIDIA device's report",
  rim: 'a reference integrity manifest',
  nras_result: "an answer of NVIDIA's Remote Attestation Service",
  key_set: 'a set of keys',
  certificates: 'certificates',
  crl: 'a revocation list',
  ocsp: 'an OCSP response',
}

/** Says in a line or two why files or evidence were refused, and what would mend it. */
export function explainEvidenceError(error: CodedError): string {
  if (error.code === 'nonce_missing') {
    return 'Whether the tokens are fresh is only known by their nonce. Give the 32 bytes that were sent.'
  }
  return isFileError(error) ? oneLine(explainFileError(error)) : explainError(error)
}

const FILE_ERRORS: ReadonlySet<string> = new Set<EvidenceFileError['code']>([
  'file_unknown',
  'file_malformed',
  'file_unsupported',
  'files_conflicting',
  'file_unread',
  'evidence_missing',
  'quote_missing',
  'collateral_missing',
  'endorsement_missing',
  'device_chain_missing',
  'key_set_missing',
])

function isFileError(error: CodedError): error is EvidenceFileError {
  return FILE_ERRORS.has(error.code)
}

function explainFileError(error: EvidenceFileError): string {
  switch (error.code) {
    case 'file_unknown':
      return (
        `${error.file} is no evidence that is known here: quotes and their bundles, SEV-SNP ` +
        'reports, Azure and NVIDIA evidence, manifests, certificates, event logs, receipts.'
      )
    case 'file_malformed':
      return `${error.file} looks like ${NAMES[error.type]}, but: ${explainError(error.cause)}`
    case 'file_unsupported':
      return `${error.file} is ${error.what}, which is not verified here.`
    case 'files_conflicting':
      return `${error.file} is ${NAMES[error.type]}, and there is other evidence or a second one of its kind already. Verify one piece of evidence at a time.`
    case 'file_unread':
      return `Nothing of this evidence reads ${error.file}, which is ${NAMES[error.type]}. Leave it out.`
    case 'evidence_missing':
      return 'These files vouch for evidence that is not among them. Add the quote or report.'
    case 'quote_missing':
      return (
        `The bundle names its quote by the path ${error.path}. Give that file too, or put it ` +
        'beside the bundle, or write the quote into the bundle as hex.'
      )
    case 'collateral_missing':
      return (
        'A quote proves nothing without what Intel publishes about its platform. Fetch it with ' +
        '"npx tacit collateral fetch --quote FILE --out bundle.json" and verify the bundle.'
      )
    case 'endorsement_missing':
      return (
        'A report proves nothing without the certificate of the key that signed it. Add the VCEK ' +
        "or VLEK certificate: AMD's key distribution service has it, or the guest's host."
      )
    case 'device_chain_missing':
      return 'A report proves nothing without its device. Add the certificate chain that came with it.'
    case 'key_set_missing':
      return (
        "NVIDIA's tokens prove nothing without the keys that sign them. Add the key set: " +
        'https://nras.attestation.nvidia.com/.well-known/jwks.json has it.'
      )
  }
}
