import { u32At } from './bytes-at.ts'
import { featureNames } from './extended-features.ts'

/** The body of a TD's report: what the TDX module says about the trust domain. */
export interface TdReport {
  /** 16 bytes: module SVN, module version, then platform components. */
  readonly teeTcbSvn: Uint8Array
  /** 48 bytes. */
  readonly mrSeam: Uint8Array
  /** 48 bytes. */
  readonly mrSignerSeam: Uint8Array
  /** 8 bytes. */
  readonly seamAttributes: Uint8Array
  /** 8 bytes. */
  readonly tdAttributes: Uint8Array
  readonly flags: TdFlags
  /** 8 bytes. */
  readonly xfam: Uint8Array
  /** XFAM by name. */
  readonly features: readonly string[]
  /** 48 bytes. */
  readonly mrTd: Uint8Array
  /** 48 bytes. */
  readonly mrConfigId: Uint8Array
  /** 48 bytes. */
  readonly mrOwner: Uint8Array
  /** 48 bytes. */
  readonly mrOwnerConfig: Uint8Array
  /** 48 bytes each. */
  readonly rtmr0: Uint8Array
  readonly rtmr1: Uint8Array
  readonly rtmr2: Uint8Array
  readonly rtmr3: Uint8Array
  /** 64 bytes. */
  readonly reportData: Uint8Array
  /** TD 1.5: 16 bytes, the TCB SVN of the module that runs now. */
  readonly teeTcbSvn2: Uint8Array | undefined
  /** TD 1.5: 48 bytes, the service TD's measurement; zero where there is none. */
  readonly mrServiceTd: Uint8Array | undefined
}

/** TD attributes by name. Source: Intel TDX Module 1.5 ABI, "ATTRIBUTES". */
export interface TdFlags {
  readonly debug: boolean
  /** Any of the lowest eight bits, which Intel sets aside for whatever opens a TD to its host. */
  readonly underDebug: boolean
  readonly hgsPlusProfiling: boolean
  readonly performanceProfiling: boolean
  readonly platformMonitoringProfiling: boolean
  /** Instruction-count based single-step defence. */
  readonly icssd: boolean
  readonly linearAddressSpaceSeparation: boolean
  readonly septVeDisable: boolean
  readonly migratable: boolean
  readonly protectionKeys: boolean
  readonly keyLocker: boolean
  /** The TD provisions TDX Connect. */
  readonly provisioningAgent: boolean
  readonly performanceMonitoring: boolean
  /** A bit is set that has no name here. */
  readonly unknown: boolean
}

export const TD10_REPORT_BYTES = 584
export const TD15_REPORT_BYTES = 648

/**
 * Splits a report of exactly 584 (TD 1.0) or 648 (TD 1.5) bytes into copies of its fields.
 * Source: Intel TDX DCAP Quoting Library API, appendix A.3.2 and A.4.2.
 */
export function splitTdReport(body: Uint8Array): TdReport {
  const tdAttributes = body.slice(120, 128)
  const xfam = body.slice(128, 136)
  const is15 = body.length === TD15_REPORT_BYTES
  return {
    teeTcbSvn: body.slice(0, 16),
    mrSeam: body.slice(16, 64),
    mrSignerSeam: body.slice(64, 112),
    seamAttributes: body.slice(112, 120),
    tdAttributes,
    flags: tdFlags(u32At(tdAttributes, 0), u32At(tdAttributes, 4)),
    xfam,
    features: featureNames(xfam),
    mrTd: body.slice(136, 184),
    mrConfigId: body.slice(184, 232),
    mrOwner: body.slice(232, 280),
    mrOwnerConfig: body.slice(280, 328),
    rtmr0: body.slice(328, 376),
    rtmr1: body.slice(376, 424),
    rtmr2: body.slice(424, 472),
    rtmr3: body.slice(472, 520),
    reportData: body.slice(520, 584),
    teeTcbSvn2: is15 ? body.slice(584, 600) : undefined,
    mrServiceTd: is15 ? body.slice(600, 648) : undefined,
  }
}

const UNDER_DEBUG = 0xff
const NAMED_LOW = 0xf801_0071 | 0
const NAMED_HIGH = 0xc000_0000 | 0

function tdFlags(low: number, high: number): TdFlags {
  const has = (word: number, bit: number): boolean => ((word >>> bit) & 1) === 1
  return {
    debug: has(low, 0),
    underDebug: (low & UNDER_DEBUG) !== 0,
    hgsPlusProfiling: has(low, 4),
    performanceProfiling: has(low, 5),
    platformMonitoringProfiling: has(low, 6),
    icssd: has(low, 16),
    linearAddressSpaceSeparation: has(low, 27),
    septVeDisable: has(low, 28),
    migratable: has(low, 29),
    protectionKeys: has(low, 30),
    keyLocker: has(low, 31),
    provisioningAgent: has(high, 30),
    performanceMonitoring: has(high, 31),
    unknown: (low & ~NAMED_LOW) !== 0 || (high & ~NAMED_HIGH) !== 0,
  }
}
