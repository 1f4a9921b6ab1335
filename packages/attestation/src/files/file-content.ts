import { err, ok, startsWith, utf8, type Result } from '@tacit/base'
import {
  parseCertificate,
  parseCrl,
  parseOcspResponse,
  parsePemCertificates,
} from '@tacit/crypto/x509'
import { parseAzureEvidence, type AzureEvidence } from '../azure/evidence.ts'
import { parseHclReport, type HclReport } from '../azure/hcl-report.ts'
import { parseBundle, parseDcapCollateral, type DcapBundle } from '../dcap/bundle.ts'
import { u16At, u32At } from '../dcap/bytes-at.ts'
import type { DcapCollateral } from '../dcap/collateral.ts'
import { parseCcel } from '../event-log/ccel.ts'
import { parseDstackReport, type DstackReport } from '../event-log/dstack-report.ts'
import type { LoggedEvent } from '../event-log/event.ts'
import {
  parseNvidiaBundle,
  parseNvidiaEvidence,
  type NvidiaBundle,
  type NvidiaEvidence,
} from '../nvidia/evidence-json.ts'
import { isSpdmReport } from '../nvidia/report.ts'
import { parseSnpBundle, type SnpBundle } from '../sev-snp/bundle.ts'
import { parseCertificateTable } from '../sev-snp/certificate-table.ts'
import { SNP_REPORT_BYTES } from '../sev-snp/report.ts'
import type { EvidenceFileError } from './errors.ts'
import { readFieldNames } from './field-names.ts'
import { unwrapText } from './unwrap-text.ts'

/** A file as a person gives it. */
export interface EvidenceFile {
  /** For messages. */
  readonly name: string
  readonly bytes: Uint8Array
}

/** What a file is; JSON and certificates are read, binary evidence is left to its verifier. */
export type FileContent =
  | { readonly type: 'dcap_bundle'; readonly bundle: DcapBundle }
  | { readonly type: 'dcap_collateral'; readonly collateral: DcapCollateral }
  | { readonly type: 'quote'; readonly quote: Uint8Array }
  | { readonly type: 'dstack_report'; readonly report: DstackReport }
  | { readonly type: 'event_log'; readonly log: readonly LoggedEvent[] }
  | { readonly type: 'snp_bundle'; readonly bundle: SnpBundle }
  | { readonly type: 'snp_report'; readonly report: Uint8Array }
  | { readonly type: 'hcl_report'; readonly hcl: HclReport }
  | { readonly type: 'azure_evidence'; readonly evidence: AzureEvidence }
  | { readonly type: 'nvidia_bundle'; readonly bundle: NvidiaBundle }
  | { readonly type: 'nvidia_evidence'; readonly evidence: NvidiaEvidence }
  | { readonly type: 'nvidia_report'; readonly report: Uint8Array }
  | { readonly type: 'rim'; readonly rim: Uint8Array }
  /** Of NVIDIA's Remote Attestation Service. */
  | { readonly type: 'nras_result'; readonly result: Uint8Array }
  | { readonly type: 'key_set'; readonly jwks: Uint8Array }
  /** DER, in the order of the file. */
  | { readonly type: 'certificates'; readonly certificates: readonly Uint8Array[] }
  /** DER. */
  | { readonly type: 'crl'; readonly crl: Uint8Array }
  /** DER. */
  | { readonly type: 'ocsp'; readonly response: Uint8Array }

type Parsed = Result<FileContent, EvidenceFileError>

const MAX_PEM_CERTIFICATES = 8
const HCL = utf8('HCLA')
const CCEL = utf8('CCEL')
const EVENT_LOG_HEADER = utf8('Spec ID Event')
const QUOTE_KEY_TYPES = [2, 3]
/** COSE_Sign1 by ES384: an array of four, of which the first says so. */
const COSE_ES384 = [0x84, 0x44, 0xa1, 0x01, 0x38, 0x22]
const MAX_ENVELOPE_BYTES = 4
/** A JSON header in base64url, as every JWT begins. */
const COMPACT_JWT = /^eyJ[\w-]+\.[\w-]+/
/** Of a manifest, behind a declaration and comments. */
const SOFTWARE_IDENTITY =
  /^(?:<\?xml[^>]*\?>\s*)?(?:<!--[^]*?-->\s*)*<(?:\w+:)?SoftwareIdentity[\s>]/
const PROLOGUE_BYTES = 4096
const NRAS_RESULT = /^\[\s*\[\s*"JWT"/
const PEM = '-----BEGIN '
const PEM_CERTIFICATE = `${PEM}CERTIFICATE-----`
const PEM_CRL = /^-----BEGIN X509 CRL-----([^-]+)-----END X509 CRL-----\s*$/

/**
 * Says what a file is by its content, never by its name: JSON by its fields, XML and PEM by how
 * they begin, binary formats by their magic numbers; each of those also as hex or base64 text.
 * @returns `file_unknown` | `file_malformed` | `file_unsupported`.
 */
export function readFileContent({ name, bytes }: EvidenceFile): Parsed {
  const start = textStart(bytes)
  if (start.startsWith('{') || start.startsWith('[')) return readJsonFile(name, bytes)
  if (start.startsWith(PEM)) return readPemFile(name, bytes)
  if (COMPACT_JWT.test(start)) return ok({ type: 'nras_result', result: bytes })
  if (SOFTWARE_IDENTITY.test(start)) return ok({ type: 'rim', rim: bytes })
  const known = readBinary(name, bytes)
  if (known !== undefined) return known
  const inner = unwrapText(bytes)
  return (inner && readBinary(name, inner)) ?? err({ code: 'file_unknown', file: name })
}

function textStart(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes.subarray(0, PROLOGUE_BYTES)).trimStart()
}

/** The field that tells the form apart, and its reader. */
function readJsonFile(name: string, bytes: Uint8Array): Parsed {
  const fields = readFieldNames(bytes)
  const has = (...names: readonly string[]): boolean => names.every((one) => fields.has(one))
  if (has('quote', 'collateral')) {
    return wrap(name, 'dcap_bundle', parseBundle(bytes), (bundle) => ({
      type: 'dcap_bundle',
      bundle,
    }))
  }
  if (has('tcb_info', 'qe_identity')) {
    const collateral = parseDcapCollateral(bytes)
    return wrap(name, 'dcap_collateral', collateral, (value) => ({
      type: 'dcap_collateral',
      collateral: value,
    }))
  }
  if (has('quote', 'event_log')) {
    return wrap(name, 'dstack_report', parseDstackReport(bytes), (report) => ({
      type: 'dstack_report',
      report,
    }))
  }
  if (has('hcl_report') || (has('report', 'vcek') && has('quote'))) {
    return wrap(name, 'azure_evidence', parseAzureEvidence(bytes), (evidence) => ({
      type: 'azure_evidence',
      evidence,
    }))
  }
  if (has('report')) {
    return wrap(name, 'snp_bundle', parseSnpBundle(bytes), (bundle) => ({
      type: 'snp_bundle',
      bundle,
    }))
  }
  if (has('devices')) {
    return wrap(name, 'nvidia_bundle', parseNvidiaBundle(bytes), (bundle) => ({
      type: 'nvidia_bundle',
      bundle,
    }))
  }
  if (has('evidence_list') || has('evidence', 'certificate')) {
    return wrap(name, 'nvidia_evidence', parseNvidiaEvidence(bytes), (evidence) => ({
      type: 'nvidia_evidence',
      evidence,
    }))
  }
  if (has('keys')) return ok({ type: 'key_set', jwks: bytes })
  if (NRAS_RESULT.test(textStart(bytes))) return ok({ type: 'nras_result', result: bytes })
  return err({ code: 'file_unknown', file: name })
}

function wrap<T>(
  file: string,
  type: FileContent['type'],
  parsed: Result<T, { readonly code: string }>,
  content: (value: T) => FileContent,
): Parsed {
  if (!parsed.ok) return err({ code: 'file_malformed', file, type, cause: parsed.error })
  return ok(content(parsed.value))
}

function readPemFile(name: string, bytes: Uint8Array): Parsed {
  const text = new TextDecoder().decode(bytes).trim()
  if (text.startsWith(PEM_CERTIFICATE)) {
    const parsed = parsePemCertificates(bytes, MAX_PEM_CERTIFICATES)
    return wrap(name, 'certificates', parsed, (certificates) => ({
      type: 'certificates',
      certificates,
    }))
  }
  const [, body] = PEM_CRL.exec(text) ?? []
  const der = body === undefined ? undefined : unwrapText(new TextEncoder().encode(body))
  return (der && readDerFile(der)) ?? err({ code: 'file_unknown', file: name })
}

function readBinary(name: string, bytes: Uint8Array): Parsed | undefined {
  const { length } = bytes
  if (length < 8) return undefined
  const version = u16At(bytes, 0)
  const isQuote = version >= 3 && version <= 5 && QUOTE_KEY_TYPES.includes(u16At(bytes, 2))
  if (isQuote) return ok({ type: 'quote', quote: bytes })
  if (length === SNP_REPORT_BYTES && u32At(bytes, 0) < 256) {
    return ok({ type: 'snp_report', report: bytes })
  }
  if (startsWith(bytes, HCL)) {
    return wrap(name, 'hcl_report', parseHclReport(bytes), (hcl) => ({ type: 'hcl_report', hcl }))
  }
  if (startsWith(bytes, CCEL) || startsWith(bytes.subarray(32), EVENT_LOG_HEADER)) {
    return wrap(name, 'event_log', parseCcel(bytes), (log) => ({ type: 'event_log', log }))
  }
  if (isSpdmReport(bytes)) return ok({ type: 'nvidia_report', report: bytes })
  if (isNitro(bytes)) {
    return err({ code: 'file_unsupported', file: name, what: 'an AWS Nitro document' })
  }
  return readDerFile(bytes) ?? readCertificateTable(bytes)
}

/** Certificate, revocation list or OCSP response: whichever its structure is. */
function readDerFile(der: Uint8Array): Parsed | undefined {
  if (der[0] !== 0x30) return undefined
  if (parseCertificate(der).ok) return ok({ type: 'certificates', certificates: [der] })
  if (parseCrl(der).ok) return ok({ type: 'crl', crl: der })
  return parseOcspResponse(der).ok ? ok({ type: 'ocsp', response: der }) : undefined
}

/** What a host hands out beside a report; a table without a key of AMD's is nothing known. */
function readCertificateTable(bytes: Uint8Array): Parsed | undefined {
  const table = parseCertificateTable(bytes)
  if (!table.ok) return undefined
  const { vcek, vlek, ask, asvk, ark } = table.value
  const own = vcek === undefined ? [vlek, asvk] : [vcek, ask]
  const certificates = [...own, ark].filter((der) => der !== undefined)
  return certificates.length === 0 ? undefined : ok({ type: 'certificates', certificates })
}

/** With or without its tag, or behind the few bytes that dstack puts before it. */
function isNitro(bytes: Uint8Array): boolean {
  for (let start = 0; start <= MAX_ENVELOPE_BYTES; start++) {
    if (COSE_ES384.every((byte, at) => bytes[start + at] === byte)) return true
  }
  return false
}
