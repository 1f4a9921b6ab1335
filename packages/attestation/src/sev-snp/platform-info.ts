import { bitsFrom, hasBit } from './bits.ts'

/**
 * How the platform is configured; new firmware adds bits, which are reported and not judged.
 * Source: SEV-SNP Firmware ABI (AMD 56860), "PLATFORM_INFO".
 */
export interface SnpPlatformInfo {
  readonly smtEnabled: boolean
  /** All memory is encrypted, guests' or not. */
  readonly tsmeEnabled: boolean
  readonly eccEnabled: boolean
  readonly raplDisabled: boolean
  /** The host does not see the ciphertext of guests' memory. */
  readonly ciphertextHidingEnabled: boolean
  /** No memory aliases were found since the last reset: what AMD-SB-3015 asks for. */
  readonly aliasCheckComplete: boolean
  /** The IOMMU cannot be made to write over guests' memory. */
  readonly iommuWriteSafe: boolean
  /** Trusted devices (SEV-TIO) can be bound. */
  readonly tioEnabled: boolean
  /** Set bits that have no name here, by number. */
  readonly unknownBits: readonly number[]
}

const FIRST_UNKNOWN = 8

/** Names the bits of 8 bytes. */
export function readPlatformInfo(field: Uint8Array): SnpPlatformInfo {
  return {
    smtEnabled: hasBit(field, 0),
    tsmeEnabled: hasBit(field, 1),
    eccEnabled: hasBit(field, 2),
    raplDisabled: hasBit(field, 3),
    ciphertextHidingEnabled: hasBit(field, 4),
    aliasCheckComplete: hasBit(field, 5),
    iommuWriteSafe: hasBit(field, 6),
    tioEnabled: hasBit(field, 7),
    unknownBits: bitsFrom(field, FIRST_UNKNOWN),
  }
}
