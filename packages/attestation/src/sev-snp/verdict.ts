import type { SnpCpuid, SnpFamily } from './family.ts'
import type { SnpGuestPolicy } from './guest-policy.ts'
import type { SnpPlatformInfo } from './platform-info.ts'
import type { SnpTcb } from './tcb.ts'

/** A key that signs reports: of one chip (VCEK), or one that AMD lends to a cloud (VLEK). */
export type SnpSigningKey = 'vcek' | 'vlek'

/** What is true of a report whose every signature and rule held, with all that a policy may ask. */
export interface SnpVerdict {
  readonly tee: 'sev-snp'
  readonly root: {
    readonly name: string
    readonly vendor: string
    readonly fingerprint: Uint8Array
  }
  readonly family: SnpFamily
  /** As the certificate says it, such as `Milan-B0`; AMD may leave the stepping out. */
  readonly productName: string
  /** Undefined in reports of version 2. */
  readonly cpuid: SnpCpuid | undefined
  readonly reportVersion: 2 | 3 | 4 | 5
  readonly signingKey: SnpSigningKey
  /** Whose VLEK it is, as AMD names the cloud; undefined for a VCEK. */
  readonly cspId: string | undefined
  /** The guest's policy lets the host read and write its memory. */
  readonly debug: boolean
  readonly policy: SnpGuestPolicy
  readonly platformInfo: SnpPlatformInfo
  /** Privilege level that asked for the report: 0 is the guest's most privileged, 3 its least. */
  readonly vmpl: number
  /** The guest's own version, as its owner's ID block says it. */
  readonly guestSvn: number
  /** 16 bytes, of the ID block. */
  readonly familyId: Uint8Array
  /** 16 bytes, of the ID block. */
  readonly imageId: Uint8Array
  /** 48 bytes: the launch digest of memory and registers. */
  readonly measurement: Uint8Array
  /** 32 bytes, chosen by the host at launch. */
  readonly hostData: Uint8Array
  /** 48 bytes: SHA-384 of the key that signed the ID block; zero where there was none. */
  readonly idKeyDigest: Uint8Array
  /** 48 bytes: SHA-384 of the key that certified the ID key; zero where there was none. */
  readonly authorKeyDigest: Uint8Array
  /** The author key's digest is present. */
  readonly authorKeyEnabled: boolean
  /** 64 bytes, chosen by the guest. */
  readonly reportData: Uint8Array
  /** 32 bytes: names the guest as long as it runs. */
  readonly reportId: Uint8Array
  /** 32 bytes: names its migration agent; all ones where there is none. */
  readonly reportIdMa: Uint8Array
  /** 64 bytes: names the chip; Turin uses the first 8. Zero where the host masks it. */
  readonly chipId: Uint8Array
  readonly chipIdMasked: boolean
  /** The host forbids signing by keys of the chip (MASK_CHIP_KEY). */
  readonly chipKeyMasked: boolean
  readonly tcb: {
    /** What the signing key was derived from, and what its certificate says. */
    readonly reported: SnpTcb
    /** Firmware below this can no longer be loaded. */
    readonly committed: SnpTcb
    /** What runs now. */
    readonly current: SnpTcb
    /** What ran when the guest was launched or imported; a migrated guest brings its own. */
    readonly launch: SnpTcb
  }
  /** The SNP firmware; what runs now may be provisional, which is to say above what is committed. */
  readonly firmware: {
    readonly current: SnpFirmwareVersion
    readonly committed: SnpFirmwareVersion
  }
  /** Bit fields of mitigated weaknesses, 8 bytes each, little-endian; from report version 5 on. */
  readonly mitigations: { readonly launch: Uint8Array; readonly current: Uint8Array } | undefined
  /** When the signing key's certificate and the revocation list were issued. Unix seconds. */
  readonly issued: {
    readonly endorsement: number
    /** Undefined where no revocation list was given. */
    readonly crl: number | undefined
  }
  /** Until when the revocation list speaks; undefined: nothing is known about revocation. */
  readonly revocationKnownUntil: number | undefined
  /** The time that the verdict is for. Unix seconds. */
  readonly verifiedAt: number
  /** The last of all beginnings of validity. Unix seconds. */
  readonly latestIssue: number
  /** The first of all ends of validity; the verdict holds until then. Unix seconds. */
  readonly earliestExpiry: number
  /** How many signatures it rests on. */
  readonly signatureChecks: number
}

export interface SnpFirmwareVersion {
  readonly major: number
  readonly minor: number
  readonly build: number
}
