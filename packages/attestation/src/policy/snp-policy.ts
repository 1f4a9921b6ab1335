import type { SnpFamily } from '../sev-snp/family.ts'
import type { SnpGuestPolicy } from '../sev-snp/guest-policy.ts'
import type { SnpPlatformInfo } from '../sev-snp/platform-info.ts'
import type { TcbComponent } from '../sev-snp/tcb.ts'
import type { SnpSigningKey } from '../sev-snp/verdict.ts'

/** Rules for AMD SEV-SNP; see Policy for what is true of all rules. */
export interface SnpPolicy {
  /**
   * Accepted families. Milan's VCEK seed is reported extractable in software (arXiv 2605.12990):
   * who names it accepts that.
   */
  readonly families: readonly SnpFamily[]
  /** AMD's bulletins whose weaknesses a platform may not have, by SNP_ADVISORIES. */
  readonly deniedAdvisories?: readonly string[]
  /** Least patch levels of the reported TCB, by family and component, compared one by one. */
  readonly minimumTcb?: SnpTcbFloors
  /** The same for the TCB that the guest was launched under, which later updates do not raise. */
  readonly minimumLaunchTcb?: SnpTcbFloors
  /** Least committed firmware, such as `1.55.21`. */
  readonly minimumFirmware?: string
  /** Refuse firmware that its host has not committed to and may still roll back. */
  readonly refuseProvisionalFirmware?: boolean
  /** Privilege levels that may ask for a report; 0 is the guest's most privileged. */
  readonly vmpls?: readonly number[]
  readonly signingKeys?: readonly SnpSigningKey[]
  /** Accepted clouds, as AMD names them in VLEK certificates. */
  readonly cspIds?: readonly string[]
  /** Accepted chips, 64 bytes each; a chip whose host masks its name is on no list. */
  readonly chipIds?: readonly string[]
  /** What the guest's policy must say, such as `{"migrationAgentAllowed": false}`. */
  readonly guestPolicy?: { readonly [flag in SnpPolicyFlag]?: boolean }
  /** What the platform must say, such as `{"aliasCheckComplete": true}`. */
  readonly platformInfo?: { readonly [flag in SnpPlatformFlag]?: boolean }
  /** Refuse guest policies with bits that have no name here. */
  readonly refuseUnknownPolicyBits?: boolean
  /** Refuse platforms with bits that have no name here. */
  readonly refuseUnknownPlatformBits?: boolean
  /** Instead of the policy's own number. */
  readonly maxCollateralAgeSeconds?: number
  /** Accepted programs: one entry must hold entirely. */
  readonly measurements?: readonly SnpMeasurement[]
}

export type SnpTcbFloors = {
  readonly [family in SnpFamily]?: { readonly [component in TcbComponent]?: number }
}
export type SnpPolicyFlag = Exclude<BooleanKeys<SnpGuestPolicy>, 'debugAllowed'>
export type SnpPlatformFlag = BooleanKeys<SnpPlatformInfo>

type BooleanKeys<T> = { [K in keyof T]: T[K] extends boolean ? K : never }[keyof T]

/** A guest by what was measured and by who vouches for it; what is left out may be anything. */
export interface SnpMeasurement {
  /** For people. */
  readonly name?: string
  /** 48 bytes. */
  readonly measurement?: string
  /** 32 bytes. */
  readonly hostData?: string
  /** 48 bytes. */
  readonly idKeyDigest?: string
  /** 48 bytes; holds only where the report says that there is an author key. */
  readonly authorKeyDigest?: string
  /** 16 bytes. */
  readonly familyId?: string
  /** 16 bytes. */
  readonly imageId?: string
  /** Least version of this guest, as its owner counts. */
  readonly minimumGuestSvn?: number
}

export const SNP_POLICY_FLAGS: readonly SnpPolicyFlag[] = Object.keys({
  smtAllowed: true,
  migrationAgentAllowed: true,
  singleSocketRequired: true,
  cxlAllowed: true,
  aes256XtsRequired: true,
  raplDisabled: true,
  ciphertextHidingRequired: true,
  pageSwapDisabled: true,
} satisfies Record<SnpPolicyFlag, true>) as SnpPolicyFlag[]

export const SNP_PLATFORM_FLAGS: readonly SnpPlatformFlag[] = Object.keys({
  smtEnabled: true,
  tsmeEnabled: true,
  eccEnabled: true,
  raplDisabled: true,
  ciphertextHidingEnabled: true,
  aliasCheckComplete: true,
  iommuWriteSafe: true,
  tioEnabled: true,
} satisfies Record<SnpPlatformFlag, true>) as SnpPlatformFlag[]
