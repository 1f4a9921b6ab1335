import { bitsFrom, hasBit } from './bits.ts'

/**
 * What the guest's owner demanded of the platform at launch; the firmware enforces it.
 * Source: SEV-SNP Firmware ABI (AMD 56860), "Guest Policy".
 */
export interface SnpGuestPolicy {
  /** The least firmware ABI that may run the guest. */
  readonly abiMajor: number
  readonly abiMinor: number
  /** The host may have simultaneous multithreading enabled. */
  readonly smtAllowed: boolean
  /** The host may bind a migration agent, which can then read and move the guest. */
  readonly migrationAgentAllowed: boolean
  /** The host may read and write the guest's memory. */
  readonly debugAllowed: boolean
  /** The guest runs on one socket only. */
  readonly singleSocketRequired: boolean
  /** The host may have CXL devices or memory. */
  readonly cxlAllowed: boolean
  /** Memory must be encrypted by AES-256-XTS. */
  readonly aes256XtsRequired: boolean
  /** Power readings (RAPL) must be off. */
  readonly raplDisabled: boolean
  /** The host must not see the ciphertext of the guest's memory. */
  readonly ciphertextHidingRequired: boolean
  /** The host must not swap the guest's pages. */
  readonly pageSwapDisabled: boolean
  /** Set bits that have no name here, by number. */
  readonly unknownBits: readonly number[]
}

/** Bit 17 of every policy is one. */
export const POLICY_RESERVED_ONE = 17
const FIRST_UNKNOWN = 26

/** Names the bits of 8 bytes. */
export function readGuestPolicy(field: Uint8Array): SnpGuestPolicy {
  return {
    abiMajor: field[1] ?? 0,
    abiMinor: field[0] ?? 0,
    smtAllowed: hasBit(field, 16),
    migrationAgentAllowed: hasBit(field, 18),
    debugAllowed: hasBit(field, 19),
    singleSocketRequired: hasBit(field, 20),
    cxlAllowed: hasBit(field, 21),
    aes256XtsRequired: hasBit(field, 22),
    raplDisabled: hasBit(field, 23),
    ciphertextHidingRequired: hasBit(field, 24),
    pageSwapDisabled: hasBit(field, 25),
    unknownBits: bitsFrom(field, FIRST_UNKNOWN),
  }
}
