import { equalBytes, err, ok, parseHex, unwrap, type Result } from '@tacit/base'
import { u16At, u32At } from './bytes-at.ts'
import {
  certificationUnsupported,
  parseCertification,
  type Certification,
} from './certification.ts'
import type { DcapFormError } from './errors.ts'
import { SGX_REPORT_BYTES } from './sgx-report.ts'
import { TD10_REPORT_BYTES, TD15_REPORT_BYTES } from './td-report.ts'

export type Tee = 'sgx' | 'tdx'

/** A quote cut into its parts, all views of the input; bytes behind the signature data are left out. */
export interface Quote {
  readonly version: 3 | 4 | 5
  readonly tee: Tee
  /** 20 bytes by the quoting enclave; Intel's puts its own id into the first 16. */
  readonly userData: Uint8Array
  /** 384 bytes for SGX, 584 or 648 for TDX. */
  readonly body: Uint8Array
  /** Header and body: what the attestation key signed. */
  readonly signed: Uint8Array
  /** r||s, 64 bytes. */
  readonly signature: Uint8Array
  /** x||y, 64 bytes. */
  readonly attestationKey: Uint8Array
  /** The quoting enclave's report body, 384 bytes. */
  readonly qeReport: Uint8Array
  /** r||s by the PCK, 64 bytes. */
  readonly qeReportSignature: Uint8Array
  /** At most 65535 bytes. */
  readonly qeAuthData: Uint8Array
  readonly certification: Certification
}

const HEADER_BYTES = 48
const INTEL_QE_VENDOR = unwrap(parseHex('939a7233f79c4ca9940a0db3957f0607'))
const ECDSA_P256 = 2
const TEE_SGX = 0
const TEE_TDX = 0x81
const QE_REPORT_CERTIFICATION = 6

/** Version 5 names its body; the older versions imply it. */
const BODIES: Readonly<Record<number, { tee: number; size: number }>> = {
  1: { tee: TEE_SGX, size: SGX_REPORT_BYTES },
  2: { tee: TEE_TDX, size: TD10_REPORT_BYTES },
  3: { tee: TEE_TDX, size: TD15_REPORT_BYTES },
}

/**
 * Cuts a DCAP quote of version 3, 4 or 5 into its parts. Every length inside the signature data
 * must close exactly; whatever follows it (Linux pads with zeros, GCP with up to 3 KB) is ignored.
 * Source: Intel DCAP ECDSA Quote Library API, appendix A; Intel TDX DCAP Quoting Library API,
 * appendix A.
 */
export function parseQuote(quote: Uint8Array): Result<Quote, DcapFormError> {
  const header = parseHeader(quote)
  if (!header.ok) return header
  const { version, teeType } = header.value
  const found = findBody(quote, version, teeType)
  if (!found.ok) return found
  const { start, size } = found.value
  const end = start + size
  if (quote.length < end + 4) return truncated(end + 4, quote)
  const dataEnd = end + 4 + u32At(quote, end)
  if (quote.length < dataEnd) return truncated(dataEnd, quote)
  const data = parseSignatureData(quote.subarray(0, dataEnd), end + 4, version)
  if (!data.ok) return data
  return ok({
    version,
    tee: teeType === TEE_TDX ? 'tdx' : 'sgx',
    userData: quote.subarray(28, HEADER_BYTES),
    body: quote.subarray(start, end),
    signed: quote.subarray(0, end),
    ...data.value,
  })
}

type Header = { readonly version: 3 | 4 | 5; readonly teeType: number }

function parseHeader(quote: Uint8Array): Result<Header, DcapFormError> {
  if (quote.length < HEADER_BYTES) return truncated(HEADER_BYTES, quote)
  const version = u16At(quote, 0)
  const keyType = u16At(quote, 2)
  const teeType = u32At(quote, 4)
  if (version !== 3 && version !== 4 && version !== 5) {
    return err({ code: 'quote_version_unsupported', version })
  }
  if (keyType !== ECDSA_P256) return err({ code: 'quote_key_type_unsupported', keyType })
  const isKnownTee = teeType === TEE_SGX || (teeType === TEE_TDX && version > 3)
  if (!isKnownTee) return err({ code: 'quote_tee_unknown', teeType })
  const vendor = quote.subarray(12, 28)
  if (!equalBytes(vendor, INTEL_QE_VENDOR)) return err({ code: 'quote_vendor_unknown' })
  return ok({ version, teeType })
}

function findBody(
  quote: Uint8Array,
  version: number,
  teeType: number,
): Result<{ start: number; size: number }, DcapFormError> {
  if (version < 5) {
    const size = teeType === TEE_TDX ? TD10_REPORT_BYTES : SGX_REPORT_BYTES
    return ok({ start: HEADER_BYTES, size })
  }
  const start = HEADER_BYTES + 6
  if (quote.length < start) return truncated(start, quote)
  const bodyType = u16At(quote, HEADER_BYTES)
  const size = u32At(quote, HEADER_BYTES + 2)
  const body = BODIES[bodyType]
  if (body === undefined || body.tee !== teeType || body.size !== size) {
    return err({ code: 'quote_body_mismatch', bodyType, size })
  }
  return ok({ start, size })
}

type SignatureData = Omit<Quote, 'version' | 'tee' | 'userData' | 'body' | 'signed'>

/** Reads the signature data, which reaches from start to the end of the input. */
function parseSignatureData(
  quote: Uint8Array,
  start: number,
  version: number,
): Result<SignatureData, DcapFormError> {
  let at = start + 128
  if (version > 3) {
    const outer = splitCertification(quote, at)
    if (!outer.ok) return outer
    const { type } = outer.value
    if (type !== QE_REPORT_CERTIFICATION) return certificationUnsupported(type)
    at += 6
  }
  const report = at
  at += SGX_REPORT_BYTES + 64
  if (quote.length < at + 2) return err({ code: 'quote_length_mismatch', at: quote.length })
  const authStart = at + 2
  const authEnd = authStart + u16At(quote, at)
  const inner = splitCertification(quote, authEnd)
  if (!inner.ok) return inner
  const certification = parseCertification(inner.value.type, inner.value.data)
  if (!certification.ok) return certification
  return ok({
    signature: quote.subarray(start, start + 64),
    attestationKey: quote.subarray(start + 64, start + 128),
    qeReport: quote.subarray(report, report + SGX_REPORT_BYTES),
    qeReportSignature: quote.subarray(report + SGX_REPORT_BYTES, at),
    qeAuthData: quote.subarray(authStart, authEnd),
    certification: certification.value,
  })
}

/** Certification data: type, length, bytes that reach exactly to the end of the input. */
function splitCertification(
  quote: Uint8Array,
  at: number,
): Result<{ type: number; data: Uint8Array }, DcapFormError> {
  if (quote.length < at + 6) return err({ code: 'quote_length_mismatch', at: quote.length })
  const data = quote.subarray(at + 6)
  if (data.length !== u32At(quote, at + 2))
    return err({ code: 'quote_length_mismatch', at: at + 2 })
  return ok({ type: u16At(quote, at), data })
}

function truncated(needed: number, quote: Uint8Array): Result<never, DcapFormError> {
  return err({ code: 'quote_truncated', needed, length: quote.length })
}
