import { u16At, u32At } from './bytes-at.ts'
import { featureNames } from './extended-features.ts'

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
  /** XFRM by name. */
  readonly features: readonly string[]
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

/** SGX attributes and MISCSELECT by name. Source: Intel SDM, volume 3D, sections 35.7.1 and 35.7.2. */
export interface SgxFlags {
  readonly initialized: boolean
  readonly debug: boolean
  readonly mode64: boolean
  readonly provisionKey: boolean
  readonly launchTokenKey: boolean
  readonly controlFlowEnforcement: boolean
  readonly keySeparation: boolean
  readonly asyncExitNotify: boolean
  /** MISCSELECT: the enclave is told of page and general protection faults. */
  readonly exceptionInfo: boolean
  /** MISCSELECT: and of control protection faults. */
  readonly controlProtectionInfo: boolean
  /** An attribute or a bit of MISCSELECT is set that has no name here. */
  readonly unknown: boolean
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
    flags: sgxFlags(u32At(body, 48), u32At(body, 52), u32At(body, 16)),
    features: featureNames(attributes.subarray(8)),
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

const NAMED_ATTRIBUTES = 0x4f7
const NAMED_MISC = 0x3

function sgxFlags(low: number, high: number, misc: number): SgxFlags {
  const unknown = (low & ~NAMED_ATTRIBUTES) | high | (misc & ~NAMED_MISC)
  return {
    initialized: (low & 0x001) !== 0,
    debug: (low & 0x002) !== 0,
    mode64: (low & 0x004) !== 0,
    provisionKey: (low & 0x010) !== 0,
    launchTokenKey: (low & 0x020) !== 0,
    controlFlowEnforcement: (low & 0x040) !== 0,
    keySeparation: (low & 0x080) !== 0,
    asyncExitNotify: (low & 0x400) !== 0,
    exceptionInfo: (misc & 0x1) !== 0,
    controlProtectionInfo: (misc & 0x2) !== 0,
    unknown: unknown !== 0,
  }
}
