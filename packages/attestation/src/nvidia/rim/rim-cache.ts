import { bytesToHex, ok, type Result } from '@tacit/base'
import type { SignatureCheck } from '@tacit/crypto'
import { decide, decideAsync } from '../../assessment.ts'
import type { RimError } from './errors.ts'
import {
  assessParsedRim,
  parseRim,
  type ParsedRim,
  type RimAssessment,
  type RimInput,
  type RimVerdict,
} from './rim.ts'
import { MAX_XML_BYTES } from './xml-reader.ts'

/** Decides manifests like decideRim(), with the same results, and remembers good ones. */
export interface RimCache {
  decide(input: RimInput, verify: (check: SignatureCheck) => boolean): Result<RimVerdict, RimError>
  /** The same with a verifier such as WebCrypto's. */
  decideAsync(
    input: RimInput,
    verify: (check: SignatureCheck) => Promise<boolean>,
  ): Promise<Result<RimVerdict, RimError>>
}

interface Opened {
  readonly name: string
  readonly rim: ParsedRim
  readonly assessment: RimAssessment
}

/**
 * Creates a cache under which a manifest is parsed once, and after its signatures have verified
 * they are not checked again: they depend on nothing but the manifest's own bytes, root included.
 * Roots, windows and chain rules are judged anew each time. What failed a signature is not kept.
 * @param maxEntries at least 1; the least recently used goes first. An entry takes about 20 KB
 *   with NVIDIA's manifests and at most 2 MB.
 */
export function createRimCache(maxEntries: number): RimCache {
  const verified = new Map<string, ParsedRim>()

  function open(input: RimInput): Result<Opened, RimError> {
    const { rim: bytes, hashes } = input
    // What is longer is not hashed either: no parsed manifest has an empty name.
    const name = bytes.length > MAX_XML_BYTES ? '' : bytesToHex(hashes.sha384(bytes))
    const known = verified.get(name)
    const parsed = known === undefined ? parseRim(bytes, hashes) : ok(known)
    if (!parsed.ok) return parsed
    const rim = parsed.value
    const assessment = assessParsedRim({ ...input, rim })
    return assessment.ok ? ok({ name, rim, assessment: assessment.value }) : assessment
  }

  function settle(
    { name, rim, assessment }: Opened,
    decided: Result<RimVerdict, RimError>,
  ): Result<RimVerdict, RimError> {
    // The outcome itself comes back only where every check has verified.
    if (decided !== assessment.outcome) return decided
    verified.delete(name)
    const oldest = verified.size >= maxEntries ? verified.keys().next().value : undefined
    if (oldest !== undefined) verified.delete(oldest)
    verified.set(name, rim)
    return decided
  }

  return {
    decide(input, verify) {
      const opened = open(input)
      if (!opened.ok) return opened
      const { name, assessment } = opened.value
      return settle(
        opened.value,
        verified.has(name) ? assessment.outcome : decide(assessment, verify),
      )
    },
    async decideAsync(input, verify) {
      const opened = open(input)
      if (!opened.ok) return opened
      const { name, assessment } = opened.value
      if (verified.has(name)) return settle(opened.value, assessment.outcome)
      return settle(opened.value, await decideAsync(assessment, verify))
    },
  }
}
