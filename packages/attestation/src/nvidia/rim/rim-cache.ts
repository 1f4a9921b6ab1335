import { bytesToHex, ok } from '@tacit/base'
import { createVerifiedCache, type VerifiedCache } from '../../verified-cache.ts'
import type { RimError } from './errors.ts'
import { assessParsedRim, parseRim, type RimInput, type RimVerdict } from './rim.ts'
import { MAX_XML_BYTES } from './xml-reader.ts'

/** Decides manifests like decideRim(), with the same results, and remembers good ones. */
export type RimCache = VerifiedCache<RimInput, RimVerdict, RimError>

/**
 * Creates a cache under which a manifest is parsed once, and after its signatures have verified
 * they are not checked again: they depend on nothing but the manifest's own bytes, root included.
 * Roots, windows and chain rules are judged anew each time. What failed a signature is not kept.
 * @param maxEntries at least 1; the least recently used goes first. An entry takes about 20 KB
 *   with NVIDIA's manifests and at most 1 MB.
 */
export function createRimCache(maxEntries: number): RimCache {
  return createVerifiedCache(maxEntries, {
    nameOf: ({ rim, hashes }: RimInput) =>
      rim.length > MAX_XML_BYTES ? undefined : bytesToHex(hashes.sha384(rim)),
    parse: ({ rim, hashes }) => parseRim(rim, hashes),
    assess: (input, rim, isVerified) => {
      const assessment = assessParsedRim({ ...input, rim })
      return assessment.ok && isVerified ? ok({ ...assessment.value, checks: [] }) : assessment
    },
  })
}
