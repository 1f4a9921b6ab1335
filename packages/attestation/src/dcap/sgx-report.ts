import { u16At } from './bytes-at.ts'

/** The body of an SGX enclave's report: what the processor says about the enclave. */
export interface SgxReport {
  /** 16 bytes. */
  readonly cpuSvn: Uint8Array
  /** 4 bytes. */
  readonly miscSelect: Uint8Array
  /** 16 bytes. */
  readonly isvExtProdId: Uint8Array
  /** 16 bytes: flags, then XFRM. */
  readonly attributes: Uint8Array
  readonly flags: SgxFlags
  /** 32 bytes. */
  readonly mrEnclave: Uint8Array
  /** 32 bytes. */
  readonly mrSigner: Uint8Array
  /** 64 bytes. */
  readonly configId: Uint8Array
  readonly isvProdId: number
  readonly isvSvn: number
  readonly configSvn: number
  /** 16 bytes. */
  readonly isvFamilyId: Uint8Array
  /** 64 bytes. */
  readonly reportData: Uint8Array
}

/** SGX attributes by name. Source: Intel SDM, volume 3D, section 35.7.1. */
export interface SgxFlags {
  readonly initialized: boolean
  readonly debug: boolean
  readonly mode64: boolean
  readonly provisionKey: boolean
  readonly launchTokenKey: boolean
  readonly keySeparation: boolean
}

export const SGX_REPORT_BYTES = 384

/**
 * Splits a report of exactly 384 bytes into copies of its fields.
 * Source: Intel DCAP ECDSA Quote Library API, appendix A.4, "Enclave Report Body".
 */
export function splitSgxReport(body: Uint8Array): SgxReport {
  const attributes = body.slice(48, 64)
  return {
    cpuSvn: body.slice(0, 16),
    miscSelect: body.slice(16, 20),
    isvExtProdId: body.slice(32, 48),
    attributes,
    flags: sgxFlags(attributes[0] ?? 0),
    mrEnclave: body.slice(64, 96),
    mrSigner: body.slice(128, 160),
    configId: body.slice(192, 256),
    isvProdId: u16At(body, 256),
    isvSvn: u16At(body, 258),
    configSvn: u16At(body, 260),
    isvFamilyId: body.slice(304, 320),
    reportData: body.slice(320, 384),
  }
}

function sgxFlags(bits: number): SgxFlags {
  return {
    initialized: (bits & 0x01) !== 0,
    debug: (bits & 0x02) !== 0,
    mode64: (bits & 0x04) !== 0,
    provisionKey: (bits & 0x10) !== 0,
    launchTokenKey: (bits & 0x20) !== 0,
    keySeparation: (bits & 0x80) !== 0,
  }
}
