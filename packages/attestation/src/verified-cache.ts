import { ok, type Result } from '@tacit/base'
import type { SignatureCheck } from '@tacit/crypto'
import { decide, decideAsync, type Assessment } from './assessment.ts'

/** Decides evidence as without a cache, with the same results. */
export interface VerifiedCache<Input, Verdict, Failure> {
  decide(input: Input, verify: (check: SignatureCheck) => boolean): Result<Verdict, Failure>
  /** The same with a verifier such as WebCrypto's. */
  decideAsync(
    input: Input,
    verify: (check: SignatureCheck) => Promise<boolean>,
  ): Promise<Result<Verdict, Failure>>
}

/** How evidence whose signed documents are worth keeping is read. */
export interface CachedReading<Input, Parsed, Assessed, FormError> {
  /** A hash of the documents' bytes; undefined for what is too long to be parsed. */
  nameOf(input: Input): string | undefined
  /** Reads the documents into values that share nothing with the input, whose bytes may change. */
  parse(input: Input): Result<Parsed, FormError>
  /** Leaves out the checks that depend on the documents alone where these verified before. */
  assess(input: Input, parsed: Parsed, isVerified: boolean): Result<Assessed, FormError>
}

/**
 * Creates a cache under which documents are parsed once, and after all signatures have verified,
 * those that depend on nothing but the documents' own bytes are not checked again. Everything else
 * is judged anew each time. Documents whose evidence failed a signature are not kept, so that
 * nothing bad enters and nothing good is pushed out by it.
 * @param maxEntries at least 1; the least recently used goes first.
 */
export function createVerifiedCache<
  Input,
  Parsed,
  Verdict,
  Code extends string,
  TrustError,
  FormError,
>(
  maxEntries: number,
  reading: CachedReading<Input, Parsed, Assessment<Verdict, Code, TrustError>, FormError>,
): VerifiedCache<Input, Verdict, FormError | TrustError | { readonly code: Code }> {
  const verified = new Map<string, Parsed>()

  function open(input: Input) {
    const name = reading.nameOf(input)
    const known = name === undefined ? undefined : verified.get(name)
    const parsed = known === undefined ? reading.parse(input) : ok(known)
    if (!parsed.ok) return parsed
    const assessed = reading.assess(input, parsed.value, known !== undefined)
    return assessed.ok ? ok({ name, parsed: parsed.value, assessment: assessed.value }) : assessed
  }

  function keep(name: string, parsed: Parsed): void {
    verified.delete(name)
    const oldest = verified.size >= maxEntries ? verified.keys().next().value : undefined
    if (oldest !== undefined) verified.delete(oldest)
    verified.set(name, parsed)
  }

  function settle<T>(opened: OpenedOf<Parsed, { readonly outcome: unknown }>, decided: T): T {
    // The outcome itself comes back only where every check has verified.
    const isVerified = decided === opened.assessment.outcome
    if (isVerified && opened.name !== undefined) keep(opened.name, opened.parsed)
    return decided
  }

  return {
    decide(input, verify) {
      const opened = open(input)
      if (!opened.ok) return opened
      return settle(opened.value, decide(opened.value.assessment, verify))
    },
    async decideAsync(input, verify) {
      const opened = open(input)
      if (!opened.ok) return opened
      return settle(opened.value, await decideAsync(opened.value.assessment, verify))
    },
  }
}

interface OpenedOf<Parsed, Assessed> {
  readonly name: string | undefined
  readonly parsed: Parsed
  readonly assessment: Assessed
}
