import { bytesToHex } from '@tacit/base'
import { INTEL_SGX_ROOT_CA } from '../dcap/roots.ts'
import type { TrustedRoot } from '../trusted-root.ts'
import type { Policy } from './policy.ts'

/**
 * For secrets that matter: Intel's root alone, no debugger, a platform that Intel calls up to date.
 * SWHardeningNeeded is accepted with it: the platform has every patch, and what remains is asked of
 * the program, whose measurement is allowed or not elsewhere. Everything that needs a change of
 * configuration, a relaunch or a patch is refused. Collateral is at most 30 days old, which is
 * Intel's own period of issue.
 */
export const PRODUCTION_POLICY: Policy = {
  name: 'production',
  statuses: ['UpToDate', 'SWHardeningNeeded'],
  roots: [bytesToHex(INTEL_SGX_ROOT_CA.fingerprint)],
  debug: false,
  maxCollateralAgeSeconds: 30 * 86_400,
  requireSeptVeDisable: true,
  refuseUnknownAttributes: true,
  refuseServiceTd: true,
}

/**
 * For networks without secrets: the development root that the caller names and Intel's, any
 * platform that is not revoked, debuggers too.
 */
export function developmentPolicy(root: Pick<TrustedRoot, 'fingerprint'>): Policy {
  return {
    name: 'development',
    statuses: [
      'UpToDate',
      'SWHardeningNeeded',
      'ConfigurationNeeded',
      'ConfigurationAndSWHardeningNeeded',
      'TDRelaunchAdvised',
      'TDRelaunchAdvisedConfigurationNeeded',
      'OutOfDate',
      'OutOfDateConfigurationNeeded',
    ],
    roots: [bytesToHex(root.fingerprint), ...PRODUCTION_POLICY.roots],
    debug: true,
  }
}
