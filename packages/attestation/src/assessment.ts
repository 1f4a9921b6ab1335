import { err, type Result } from '@tacit/base'
import type { SignatureCheck } from '@tacit/crypto'

/** A signature to decide, with the code of the error that it stands for when it does not verify. */
export interface EvidenceCheck<Code extends string = string> extends SignatureCheck {
  readonly failure: Code
}

/** Evidence that was read, with nothing decided about its signatures yet. */
export interface Assessment<Verdict, Code extends string, TrustError> {
  /** In the order in which a failure is to be reported. */
  readonly checks: readonly EvidenceCheck<Code>[]
  /** What the evidence comes to once every check has verified, good or bad. */
  readonly outcome: Result<Verdict, TrustError>
}

/** Joins an assessment with its checks' results, in the same order, as a runner returned them. */
export function conclude<Verdict, Code extends string, TrustError>(
  { checks, outcome }: Assessment<Verdict, Code, TrustError>,
  results: readonly boolean[],
): Result<Verdict, TrustError | { readonly code: Code }> {
  const failed = checks.find((_, index) => results[index] !== true)
  return failed === undefined ? outcome : err({ code: failed.failure })
}

/** Decides the checks one after the other, up to the first that fails. */
export function decide<Verdict, Code extends string, TrustError>(
  { checks, outcome }: Assessment<Verdict, Code, TrustError>,
  verify: (check: SignatureCheck) => boolean,
): Result<Verdict, TrustError | { readonly code: Code }> {
  const failed = checks.find((check) => !verify(check))
  return failed === undefined ? outcome : err({ code: failed.failure })
}

/** Decides all checks at once, as WebCrypto does. */
export async function decideAsync<Verdict, Code extends string, TrustError>(
  assessment: Assessment<Verdict, Code, TrustError>,
  verify: (check: SignatureCheck) => Promise<boolean>,
): Promise<Result<Verdict, TrustError | { readonly code: Code }>> {
  return conclude(assessment, await Promise.all(assessment.checks.map(verify)))
}
