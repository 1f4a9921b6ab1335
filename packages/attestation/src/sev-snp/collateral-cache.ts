import { bytesToHex, concatBytes, ok } from '@tacit/base'
import type { Hashes } from '@tacit/crypto'
import { createVerifiedCache, type VerifiedCache } from '../verified-cache.ts'
import { parseSnpCollateral, type SnpCollateral } from './collateral.ts'
import type { SnpError } from './errors.ts'
import type { SnpVerdict } from './verdict.ts'
import { assessSnpReport, type SnpInput } from './verify.ts'

/** The input of decideSnp() with what collateral is named by. */
export interface CachedSnpInput extends SnpInput {
  readonly hashes: Pick<Hashes, 'sha256'>
}

/** Decides evidence like decideSnp(), with the same results, and remembers good collateral. */
export type SnpCache = VerifiedCache<CachedSnpInput, SnpVerdict, SnpError>

/** What the longest parts that are ever parsed come to. */
const MAX_BYTES = (16 + 64 + 512) * 1024
const NONE = new Uint8Array()

/**
 * Creates a cache under which the certificates of a chip's or cloud's key are parsed and verified
 * once: one signature remains, the report's. Trusted roots, time, revocation and every rule are
 * judged anew each time.
 * @param maxEntries at least 1; the least recently used goes first. An entry takes about 10 KB
 *   with AMD's collateral and at most 2 MB.
 */
export function createSnpCache(maxEntries: number): SnpCache {
  return createVerifiedCache(maxEntries, {
    nameOf,
    parse: ({ collateral }) => parseSnpCollateral(copyOf(collateral)),
    assess: (input, collateral, isVerified) => {
      const assessment = assessSnpReport({ ...input, collateral })
      if (!assessment.ok || !isVerified) return assessment
      return ok({ ...assessment.value, checks: assessment.value.checks.slice(-1) })
    },
  })
}

/** SHA-256 over all parts, each with its length; an absent part is not an empty one. */
function nameOf({ collateral, hashes }: CachedSnpInput): string | undefined {
  const parts = [collateral.endorsement, collateral.chain, collateral.crl]
  const lengths = parts.map((part) => part?.length ?? 0xffff_ffff)
  const bytes = parts.map((part) => part ?? NONE)
  if (bytes.reduce((sum, { length }) => sum + length, 0) > MAX_BYTES) return undefined
  const prefix = new Uint8Array(Uint32Array.from(lengths).buffer)
  return bytesToHex(hashes.sha256(concatBytes(prefix, ...bytes)))
}

function copyOf({ endorsement, chain, crl }: SnpCollateral): SnpCollateral {
  return { endorsement: endorsement.slice(), chain: chain?.slice(), crl: crl?.slice() }
}
