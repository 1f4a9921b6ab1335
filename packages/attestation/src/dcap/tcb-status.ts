/** How well a platform is patched, as Intel judges it; NotSupported where no level matches. */
export const TCB_STATUSES = [
  'UpToDate',
  'SWHardeningNeeded',
  'ConfigurationNeeded',
  'ConfigurationAndSWHardeningNeeded',
  'TDRelaunchAdvised',
  'TDRelaunchAdvisedConfigurationNeeded',
  'OutOfDate',
  'OutOfDateConfigurationNeeded',
  'Revoked',
  'NotSupported',
] as const

export type TcbStatus = (typeof TCB_STATUSES)[number]

/** Statuses that a level of TCB info may carry. */
export const LEVEL_STATUSES = [
  'UpToDate',
  'SWHardeningNeeded',
  'ConfigurationNeeded',
  'ConfigurationAndSWHardeningNeeded',
  'OutOfDate',
  'OutOfDateConfigurationNeeded',
  'Revoked',
] as const

/** Statuses that a level of a QE identity or a TDX module identity may carry. */
export const ENCLAVE_STATUSES = ['UpToDate', 'OutOfDate', 'Revoked'] as const

/** Status of an enclave or module; NotSupported where no level matches. */
export type EnclaveStatus = (typeof ENCLAVE_STATUSES)[number] | 'NotSupported'

/**
 * What is left of a platform's status once the status of its quoting enclave or TDX module is
 * known. Source: Intel QVL, TcbLevelCheck.cpp and TdxModuleCheck.cpp.
 */
export function convergeStatus(platform: TcbStatus, part: EnclaveStatus): TcbStatus {
  if (part === 'Revoked' || part === 'NotSupported') return part
  if (part === 'UpToDate') return platform
  if (platform === 'UpToDate' || platform === 'SWHardeningNeeded') return 'OutOfDate'
  return platform.startsWith('Configuration') ? 'OutOfDateConfigurationNeeded' : platform
}

export function needsConfiguration(status: TcbStatus): boolean {
  return status.includes('Configuration')
}
