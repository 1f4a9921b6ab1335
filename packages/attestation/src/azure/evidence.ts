import { err, ok, type Result } from '@tacit/base'
import { parseAnyBase64, readCertificateText } from '../binary-text.ts'
import { readJson, type JsonField } from '../json-document.ts'
import type { AzureFormError } from './errors.ts'
import { parseHclReport, type HclReport } from './hcl-report.ts'

/**
 * Evidence of an Azure confidential VM as attestation agents send it. It has a TPM quote too, under
 * the attestation key that the runtime data names: that quote is not read here.
 */
export type AzureEvidence =
  | {
      readonly tee: 'sev-snp'
      readonly hcl: HclReport
      /** The VCEK's certificate, in DER. */
      readonly endorsement: Uint8Array
    }
  | { readonly tee: 'tdx'; readonly hcl: HclReport; readonly quote: Uint8Array }

const MAX_HCL_BYTES = 32 * 1024
const MAX_TEXT = 64 * 1024

/**
 * Reads the JSON that confidential-containers' agents send from Azure: `{hcl_report, vcek}` for
 * SEV-SNP and `{hcl_report, td_quote}` for TDX with binary in base64url; or, in its first form,
 * `{report, vcek}` with the report as an array of bytes and the certificate in PEM. At most 256 KiB.
 * Source: confidential-containers/trustee at 78962cd4, deps/verifier/src/az_snp_vtpm, az_tdx_vtpm.
 */
export function parseAzureEvidence(text: Uint8Array): Result<AzureEvidence, AzureFormError> {
  const read = readJson(text, (root) => ({
    blob: readBlob(root),
    endorsement: optional(root, 'vcek', readCertificate),
    quote: optional(root, 'td_quote', readBase64),
  }))
  if (!read.ok) return err({ code: 'azure_evidence_malformed', ...read.error })
  const { blob, endorsement, quote } = read.value
  const hcl = parseHclReport(blob)
  if (!hcl.ok) return hcl
  if (hcl.value.tee === 'sev-snp' && endorsement !== undefined) {
    return ok({ tee: 'sev-snp', hcl: hcl.value, endorsement })
  }
  if (hcl.value.tee === 'tdx' && quote !== undefined) {
    return ok({ tee: 'tdx', hcl: hcl.value, quote })
  }
  const path = hcl.value.tee === 'tdx' ? 'td_quote' : 'vcek'
  return err({ code: 'azure_evidence_malformed', reason: 'missing', path })
}

function readBlob(root: JsonField): Uint8Array {
  const report = root.maybe('report')
  if (report === undefined) return readBase64(root.get('hcl_report'))
  return Uint8Array.from(report.items(0, MAX_HCL_BYTES), (item) => item.integer(255))
}

function readCertificate(field: JsonField): Uint8Array {
  return readCertificateText(field, MAX_TEXT, parseAnyBase64)
}

function readBase64(field: JsonField): Uint8Array {
  return parseAnyBase64(field.text(MAX_TEXT)) ?? field.fail('value_invalid')
}

function optional<T>(root: JsonField, name: string, read: (field: JsonField) => T): T | undefined {
  const field = root.maybe(name)
  return field === undefined ? undefined : read(field)
}
