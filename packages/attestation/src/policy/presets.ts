import { bytesToHex } from '@tacit/base'
import { INTEL_SGX_ROOT_CA } from '../dcap/roots.ts'
import { NVIDIA_DEVICE_IDENTITY_CA } from '../nvidia/roots.ts'
import { SNP_ADVISORIES } from '../sev-snp/advisories.ts'
import { AMD_ROOTS } from '../sev-snp/roots.ts'
import type { TrustedRoot } from '../trusted-root.ts'
import type { Policy } from './policy.ts'

const DAY = 86_400
const VENDOR_ROOTS = [INTEL_SGX_ROOT_CA, ...AMD_ROOTS, NVIDIA_DEVICE_IDENTITY_CA]

/**
 * For secrets that matter: the vendors' roots alone, no debugger, nothing known to be revoked or of
 * which that is not known.
 *
 * Intel: a platform that Intel calls up to date. SWHardeningNeeded is accepted with it: the platform
 * has every patch, and what remains is asked of the program, whose measurement is allowed or not
 * elsewhere. What needs a change of configuration, a relaunch or a patch is refused. Collateral is
 * at most 30 days old, which is Intel's own period of issue.
 *
 * AMD: Genoa and Turin, without any of the weaknesses that are on record here; no migration agent,
 * which could read the guest. Milan is left out, see SnpPolicy.families. AMD issues
 * revocation lists yearly.
 *
 * NVIDIA: driver and VBIOS measured as NVIDIA's manifests say, firmware named by the certificate.
 *
 * A policy that leaves out a vendor's section refuses the vendor's evidence.
 */
export const PRODUCTION_POLICY: Policy = {
  name: 'production',
  roots: fingerprints(VENDOR_ROOTS),
  debug: false,
  maxCollateralAgeSeconds: 30 * DAY,
  requireRevocationKnown: true,
  dcap: {
    statuses: ['UpToDate', 'SWHardeningNeeded'],
    requireSeptVeDisable: true,
    refuseUnknownAttributes: true,
    refuseServiceTd: true,
  },
  sevSnp: {
    families: ['Genoa', 'Turin'],
    deniedAdvisories: SNP_ADVISORIES.map(({ id }) => id),
    guestPolicy: { migrationAgentAllowed: false },
    refuseUnknownPolicyBits: true,
    maxCollateralAgeSeconds: 366 * DAY,
  },
  nvidia: {
    architectures: ['Hopper', 'Blackwell', 'LS10'],
    rims: { driver: ['matched'], vbios: ['matched'] },
    requireFirmwareId: true,
    refuseCertificateHold: true,
  },
}

/**
 * For networks without secrets: the development roots that the caller names and the vendors', any
 * platform that is not revoked, any device that was not seen to differ from NVIDIA's manifests,
 * debuggers too.
 */
export function developmentPolicy(roots: readonly Pick<TrustedRoot, 'fingerprint'>[]): Policy {
  return {
    name: 'development',
    roots: [...fingerprints(roots), ...PRODUCTION_POLICY.roots],
    debug: true,
    dcap: {
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
    },
    sevSnp: { families: ['Milan', 'Genoa', 'Turin'] },
    nvidia: {
      architectures: ['Hopper', 'Blackwell', 'LS10'],
      rims: { driver: ['absent', 'matched'], vbios: ['absent', 'matched'] },
    },
  }
}

function fingerprints(roots: readonly Pick<TrustedRoot, 'fingerprint'>[]): readonly string[] {
  return roots.map(({ fingerprint }) => bytesToHex(fingerprint))
}
