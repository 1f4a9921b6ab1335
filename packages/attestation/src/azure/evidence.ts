import { err, ok, parseBase64, parseBase64Url, utf8, type Result } from '@tacit/base'
import { parsePemCertificates } from '@tacit/crypto/x509'
import { readJson, type JsonField } from '../dcap/json-document.ts'
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
    endorsement: root.maybe('vcek') && readCertificate(root.get('vcek')),
    quote: root.maybe('td_quote') && readBase64(root.get('td_quote')),
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

/** PEM of one certificate, or DER. */
function readCertificate(field: JsonField): Uint8Array {
  const text = field.text(MAX_TEXT)
  if (!text.startsWith('-----BEGIN')) return readBase64(field)
  const pem = parsePemCertificates(utf8(text), 1)
  const [der] = pem.ok ? pem.value : []
  return der ?? field.fail('value_invalid')
}

/** Of either alphabet, padded or not. */
function readBase64(field: JsonField): Uint8Array {
  const text = utf8(field.text(MAX_TEXT))
  const bare = text.subarray(0, text.indexOf(0x3d) < 0 ? text.length : text.indexOf(0x3d))
  const bytes = parseBase64(text) ?? (text.length - bare.length < 3 && parseBase64Url(bare))
  return bytes || field.fail('value_invalid')
}
