import { describeDcap } from './dcap/explain.ts'
import { formatTime, oneLine, shortHex, type Explanation } from './explain-text.ts'
import type { PolicyResult } from './policy/evaluate.ts'
import { explainPolicy } from './policy/explain-policy.ts'
import { describeNvidia } from './nvidia/explain.ts'
import { describeSnp } from './sev-snp/explain.ts'
import type { ValidityError } from './validity.ts'
import type { Verdict } from './verdict.ts'

/** Says to a person what was proved, by whom, until when, and what the policy makes of it. */
export function explainVerdict(verdict: Verdict, policy?: PolicyResult): readonly string[] {
  const { what, lines } = describe(verdict)
  return [
    `${what}; ${verdict.signatureChecks} signatures verified`,
    `vouched for by ${verdict.root.name} (${shortHex(verdict.root.fingerprint)})`,
    ...lines,
    `valid      ${formatTime(verdict.latestIssue)} to ${formatTime(verdict.earliestExpiry)}, ` +
      `checked for ${formatTime(verdict.verifiedAt)}`,
    ...(policy === undefined ? [] : explainPolicy(policy)),
  ].map(oneLine)
}

function describe(verdict: Verdict): Explanation {
  if (verdict.tee === 'nvidia') return describeNvidia(verdict)
  return verdict.tee === 'sev-snp' ? describeSnp(verdict) : describeDcap(verdict)
}

/** Says in one line why evidence was rejected; codes alone stand for themselves. */
export function explainError(error: { readonly code: string }): string {
  if (isOfTime(error)) return explainTime(error)
  const { code, ...details } = error
  return oneLine([code, ...formatDetails(details)].join(' '))
}

type TimeError = ValidityError<string, string>

function isOfTime(error: { readonly code: string }): error is TimeError {
  return 'verifiable' in error
}

function explainTime(error: TimeError): string {
  const what = 'item' in error ? error.item : `the ${error.certificate} certificate`
  const { code, validFrom, validUntil, verifiable } = error
  const own = `${what} is valid from ${formatTime(validFrom)} to ${formatTime(validUntil)}`
  const whole =
    verifiable.from > verifiable.until
      ? 'no time suits all of it'
      : `all of it from ${formatTime(verifiable.from)} to ${formatTime(verifiable.until)}`
  return `${code}: ${own}; ${whole}`
}

function formatDetails(details: object): string[] {
  return Object.entries(details).map(([name, value]) => `${name}=${String(value)}`)
}
