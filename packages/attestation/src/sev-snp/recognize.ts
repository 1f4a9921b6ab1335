import { parseUtf8, startsWith, utf8 } from '@tacit/base'
import { parseCertificate, parseCrl, parsePemCertificates } from '@tacit/crypto/x509'
import { parseAzureEvidence, type AzureEvidence } from '../azure/evidence.ts'
import { parseHclReport, type HclReport } from '../azure/hcl-report.ts'
import { parseHexOrBase64 } from '../binary-text.ts'
import { parseSnpBundle, type SnpBundle } from './bundle.ts'
import { parseCertificateTable, type SnpCertificateTable } from './certificate-table.ts'
import { readEndorsement } from './endorsement.ts'
import { parseSnpReport, SNP_REPORT_BYTES } from './report.ts'

/** A file of SEV-SNP evidence by its form; whether it is genuine is not looked at. */
export type SnpFile =
  /** A report, in bytes, hex or base64. */
  | { readonly type: 'report'; readonly report: Uint8Array }
  | { readonly type: 'bundle'; readonly bundle: SnpBundle }
  /** Azure's HCL report around an SNP report. */
  | { readonly type: 'hcl'; readonly hcl: HclReport }
  /** The JSON of an attestation agent in Azure, of either TEE. */
  | { readonly type: 'azure'; readonly evidence: AzureEvidence }
  /** The certificate of a VCEK or VLEK, with the chain that follows it in the same PEM file. */
  | {
      readonly type: 'endorsement'
      readonly endorsement: Uint8Array
      readonly chain: Uint8Array | undefined
    }
  /** PEM text of an ASK or ASVK and its ARK. */
  | { readonly type: 'chain'; readonly chain: Uint8Array }
  | { readonly type: 'crl'; readonly crl: Uint8Array }
  /** The certificates that a host hands out beside a report. */
  | { readonly type: 'table'; readonly table: SnpCertificateTable }

const MAX_TEXT = 256 * 1024
const BEGIN = '-----BEGIN'
const HCL = utf8('HCLA')

/** What bytes are, if they are evidence of SEV-SNP or a part of it. */
export function recognizeSnp(bytes: Uint8Array): SnpFile | undefined {
  // Hex text may begin with the same byte, but no certificate is shorter than 128 bytes.
  if (bytes[0] === 0x30 && (bytes[1] ?? 0) >= 0x80) return recognizeDer(bytes)
  if (startsWith(bytes, HCL)) return recognizeHcl(bytes)
  if (isReport(bytes)) return { type: 'report', report: bytes }
  const text = bytes.length <= MAX_TEXT ? parseUtf8(bytes) : undefined
  if (text !== undefined && !text.startsWith('\0') && text.trim().length > 0) {
    return recognizeText(bytes, text)
  }
  const table = parseCertificateTable(bytes)
  const isUseful = table.ok && (table.value.vcek ?? table.value.vlek) !== undefined
  return isUseful ? { type: 'table', table: table.value } : undefined
}

function recognizeDer(bytes: Uint8Array): SnpFile | undefined {
  if (isEndorsement(bytes)) return { type: 'endorsement', endorsement: bytes, chain: undefined }
  return parseCrl(bytes, ['rsaPss']).ok ? { type: 'crl', crl: bytes } : undefined
}

function recognizeHcl(bytes: Uint8Array): SnpFile | undefined {
  const hcl = parseHclReport(bytes)
  return hcl.ok && hcl.value.tee === 'sev-snp' ? { type: 'hcl', hcl: hcl.value } : undefined
}

function isReport(bytes: Uint8Array): boolean {
  return bytes.length === SNP_REPORT_BYTES && parseSnpReport(bytes).ok
}

function recognizeText(bytes: Uint8Array, whole: string): SnpFile | undefined {
  const text = whole.trim()
  if (text.startsWith('{')) {
    const bundle = parseSnpBundle(bytes)
    if (bundle.ok) return { type: 'bundle', bundle: bundle.value }
    const azure = parseAzureEvidence(bytes)
    return azure.ok ? { type: 'azure', evidence: azure.value } : undefined
  }
  if (text.startsWith(BEGIN)) return recognizePem(bytes, whole)
  const report = parseHexOrBase64(text)
  return report !== undefined && isReport(report) ? { type: 'report', report } : undefined
}

function recognizePem(bytes: Uint8Array, text: string): SnpFile | undefined {
  const pem = parsePemCertificates(bytes, 3)
  const [first, ...rest] = pem.ok ? pem.value : []
  if (first === undefined) return undefined
  if (isEndorsement(first)) {
    const chain =
      rest.length === 2 ? utf8(text.slice(text.indexOf(BEGIN, text.indexOf(BEGIN) + 1))) : undefined
    return { type: 'endorsement', endorsement: first, chain }
  }
  const isChain = rest.length === 1 && parseCertificate(first, ['rsaPss']).ok
  return isChain ? { type: 'chain', chain: bytes } : undefined
}

function isEndorsement(der: Uint8Array): boolean {
  const certificate = parseCertificate(der, ['p384', 'rsaPss'])
  return certificate.ok && readEndorsement(certificate.value).ok
}
