import { concatBytes, parseHex, unwrap } from '@tacit/base'
import type { EnclaveTraits } from './documents.ts'
import { sha384, type PlatformKey } from '../keys.ts'
import type { Machine } from './machine.ts'

/** What the quoting enclave adds to every quote. */
export interface Certification {
  readonly attestationKey: PlatformKey
  /** 384 bytes. */
  readonly qeReport: Uint8Array
  /** r||s, 64 bytes. */
  readonly qeReportSignature: Uint8Array
  readonly authData: Uint8Array
  /** How the quote names its PCK, 5 for a chain. */
  readonly type: number
  readonly data: Uint8Array
}

/** The measurements of a TD, 48 bytes each. */
export interface TdMeasurements {
  readonly mrTd: Uint8Array
  readonly rtmr0: Uint8Array
  readonly rtmr1: Uint8Array
  readonly rtmr2: Uint8Array
  readonly rtmr3: Uint8Array
}

const INTEL_QE_VENDOR = unwrap(parseHex('939a7233f79c4ca9940a0db3957f0607'))
const SEPT_VE_DISABLE = 1 << 28
/** XFAM with the features that Linux guests have on these machines. */
const XFAM = Uint8Array.of(0xe7, 0x02, 0x06, 0, 0, 0, 0, 0)

/** What a TD measures when it starts: its image as MRTD, its role extended into RTMR3. */
export function measureTd(image: Uint8Array, role: string): TdMeasurements {
  const empty = new Uint8Array(48)
  const rtmr3 = sha384(empty, sha384(new TextEncoder().encode(role)))
  return { mrTd: image.slice(), rtmr0: empty, rtmr1: empty, rtmr2: empty, rtmr3 }
}

/** A TD report body, 584 bytes (TD 1.0) or 648 (TD 1.5). */
export function tdReport(
  machine: Machine,
  td: TdMeasurements,
  reportData: Uint8Array,
  is15: boolean,
): Uint8Array {
  const body = new Uint8Array(is15 ? 648 : 584)
  const view = new DataView(body.buffer)
  body.set(machine.teeTcbSvn, 0)
  body.set(sha384(Uint8Array.of(machine.teeTcbSvn[1] ?? 0)), 16)
  view.setUint32(120, SEPT_VE_DISABLE, true)
  body.set(XFAM, 128)
  body.set(td.mrTd, 136)
  for (const [index, rtmr] of [td.rtmr0, td.rtmr1, td.rtmr2, td.rtmr3].entries()) {
    body.set(rtmr, 328 + 48 * index)
  }
  body.set(reportData, 520)
  if (is15) body.set(machine.teeTcbSvn2 ?? machine.teeTcbSvn, 584)
  return body
}

/** An SGX report body, 384 bytes, of a 64-bit enclave. */
export function sgxReport(
  machine: Machine,
  enclave: EnclaveTraits & { readonly mrEnclave: Uint8Array; readonly attributes: number },
  reportData: Uint8Array,
): Uint8Array {
  const body = new Uint8Array(384)
  const view = new DataView(body.buffer)
  body.set(machine.sgxSvns, 0)
  body[48] = enclave.attributes
  body[56] = 0xe7
  body.set(enclave.mrEnclave, 64)
  body.set(enclave.mrSigner, 128)
  view.setUint16(256, enclave.isvProdId, true)
  view.setUint16(258, enclave.isvSvn, true)
  body.set(reportData, 320)
  return body
}

/**
 * Signs a body and joins header, body and signature data.
 * Source: Intel DCAP ECDSA Quote Library API, appendix A; Intel TDX DCAP Quoting Library API,
 * appendix A.
 */
export function writeQuote(version: 3 | 4 | 5, body: Uint8Array, by: Certification): Uint8Array {
  const signed = concatBytes(header(version, body.length), body)
  const certification = concatBytes(u16(by.type), u32(by.data.length), by.data)
  const inner = concatBytes(
    by.qeReport,
    by.qeReportSignature,
    u16(by.authData.length),
    by.authData,
    certification,
  )
  const outer = version === 3 ? inner : concatBytes(u16(6), u32(inner.length), inner)
  const { attestationKey } = by
  const data = concatBytes(attestationKey.sign(signed), attestationKey.publicKey, outer)
  return concatBytes(signed, u32(data.length), data)
}

function header(version: 3 | 4 | 5, bodyLength: number): Uint8Array {
  const tee = bodyLength === 384 ? 0 : 0x81
  const common = [u16(version), u16(2), u32(tee), u32(0), INTEL_QE_VENDOR, new Uint8Array(20)]
  if (version !== 5) return concatBytes(...common)
  const bodyType = { 384: 1, 584: 2, 648: 3 }[bodyLength] ?? 0
  return concatBytes(...common, u16(bodyType), u32(bodyLength))
}

export function u16(value: number): Uint8Array {
  return Uint8Array.of(value, value >> 8)
}

function u32(value: number): Uint8Array {
  return Uint8Array.of(value, value >> 8, value >> 16, value >> 24)
}
