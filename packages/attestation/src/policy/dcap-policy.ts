import type { SgxFlags } from '../dcap/sgx-report.ts'
import type { EnclaveStatus, TcbStatus } from '../dcap/tcb-status.ts'
import type { TdFlags } from '../dcap/td-report.ts'

/** Rules for Intel SGX and TDX; see Policy for what is true of all rules. */
export interface DcapPolicy {
  /** Accepted statuses of platform, module and quoting enclave together; NotSupported never is. */
  readonly statuses: readonly Exclude<TcbStatus, 'NotSupported'>[]
  /** Accepted statuses of the TDX module; SGX and modules before 1.5 have none. */
  readonly moduleStatuses?: readonly EnclaveStatus[]
  /** Accepted statuses of the quoting enclave. */
  readonly quotingEnclaveStatuses?: readonly EnclaveStatus[]
  /** Advisories that refuse a platform, be it by its level, its module or its quoting enclave. */
  readonly deniedAdvisories?: readonly string[]
  /** Least number of TCB info and of QE identity. */
  readonly minimumTcbEvaluationDataNumber?: number
  /** TDX: least TEE_TCB_SVN, 16 numbers, compared one by one. */
  readonly minimumTeeTcbSvn?: readonly number[]
  /** Least SVN of the provisioning certification enclave. */
  readonly minimumPceSvn?: number
  /** Least SVN of the quoting enclave. */
  readonly minimumQuotingEnclaveSvn?: number
  /** SGX: least SVN of the program, whichever it is. */
  readonly minimumIsvSvn?: number
  /** Accepted physical platforms by PPID, 16 bytes each. */
  readonly ppids?: readonly string[]
  /** Accepted processor families by FMSPC, 6 bytes each. */
  readonly fmspcs?: readonly string[]
  /** Accepted platform instances, 16 bytes each; only the Platform CA names instances. */
  readonly platformInstanceIds?: readonly string[]
  /** Instead of the policy's own number. */
  readonly maxCollateralAgeSeconds?: number
  /** Refuse platforms of which Intel does not say that multithreading is off. */
  readonly requireSmtDisabled?: boolean
  /** Refuse platforms to which processor packages may be added. */
  readonly refuseDynamicPlatform?: boolean
  /** Refuse platforms whose keys Intel keeps. */
  readonly refuseCachedKeys?: boolean
  /** TDX: refuse TDs whose host could remove their pages unseen. */
  readonly requireSeptVeDisable?: boolean
  /** Refuse TDs and enclaves with attributes that have no name here. */
  readonly refuseUnknownAttributes?: boolean
  /** TDX: attributes that a TD may not have, such as `migratable`. */
  readonly deniedTdAttributes?: readonly TdAttribute[]
  /** SGX: attributes that an enclave may not have, such as `provisionKey`. */
  readonly deniedSgxAttributes?: readonly SgxAttribute[]
  /** TDX: refuse TDs that are bound to a service TD, which may migrate them. */
  readonly refuseServiceTd?: boolean
  /** Accepted programs: one entry must hold entirely. */
  readonly measurements?: readonly DcapMeasurement[]
}

export type TdAttribute = Exclude<keyof TdFlags, 'unknown' | 'debug'>
export type SgxAttribute = Exclude<keyof SgxFlags, 'initialized' | 'debug' | 'unknown'>

/** A program by what was measured; what is left out may be anything. */
export type DcapMeasurement = TdxMeasurement | SgxMeasurement

export interface TdxMeasurement {
  readonly tee: 'tdx'
  /** For people. */
  readonly name?: string
  /** 48 bytes each. */
  readonly mrTd?: string
  readonly rtmr0?: string
  readonly rtmr1?: string
  readonly rtmr2?: string
  readonly rtmr3?: string
  readonly mrConfigId?: string
  readonly mrOwner?: string
  readonly mrOwnerConfig?: string
  readonly mrSeam?: string
  readonly mrServiceTd?: string
}

export interface SgxMeasurement {
  readonly tee: 'sgx'
  /** For people. */
  readonly name?: string
  /** 32 bytes. */
  readonly mrEnclave?: string
  /** 32 bytes. */
  readonly mrSigner?: string
  readonly isvProdId?: number
  /** Least SVN of this program. */
  readonly minimumIsvSvn?: number
  /** 64 bytes. */
  readonly configId?: string
  /** 16 bytes. */
  readonly isvFamilyId?: string
  /** 16 bytes. */
  readonly isvExtProdId?: string
}

export const TD_ATTRIBUTES: readonly TdAttribute[] = Object.keys({
  underDebug: true,
  hgsPlusProfiling: true,
  performanceProfiling: true,
  platformMonitoringProfiling: true,
  icssd: true,
  linearAddressSpaceSeparation: true,
  septVeDisable: true,
  migratable: true,
  protectionKeys: true,
  keyLocker: true,
  provisioningAgent: true,
  performanceMonitoring: true,
} satisfies Record<TdAttribute, true>) as TdAttribute[]

export const SGX_ATTRIBUTES: readonly SgxAttribute[] = Object.keys({
  mode64: true,
  provisionKey: true,
  launchTokenKey: true,
  controlFlowEnforcement: true,
  keySeparation: true,
  asyncExitNotify: true,
  exceptionInfo: true,
  controlProtectionInfo: true,
} satisfies Record<SgxAttribute, true>) as SgxAttribute[]
