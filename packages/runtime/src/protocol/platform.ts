import {
  encode,
  fixedBytes,
  inDomain,
  variant,
  type CaseOf,
  type Codec,
  type Hash,
} from '@tacit/base'
import type { Hashes } from '@tacit/crypto'

/** What is burnt into a physical processor or GPU, by vendor. */
export type PlatformName =
  /** PPID, 16 bytes. */
  | CaseOf<'Intel', Uint8Array>
  /** Chip id, 64 bytes; Turin's 8 with zeros behind. */
  | CaseOf<'Amd', Uint8Array>
  /** Per-device identifier of a GPU or switch, 8 bytes. */
  | CaseOf<'Nvidia', Uint8Array>

export const platformName: Codec<PlatformName> = variant({
  Intel: [0, fixedBytes(16)],
  Amd: [1, fixedBytes(64)],
  Nvidia: [2, fixedBytes(8)],
})

/** By which the chain knows a platform: counts, duplicates and revocations go by it. */
export function platformId(hashes: Hashes, name: PlatformName): Hash {
  return hashes.blake2b256(inDomain('platform', encode(platformName, name))) as Hash
}
