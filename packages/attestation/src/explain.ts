import type { AzureBindingError, AzureFormError } from './azure/errors.ts'
import type { DcapError } from './dcap/errors.ts'
import { describeDcap } from './dcap/explain.ts'
import type { DcapVerdict } from './dcap/verdict.ts'
import { formatTime, shortHex } from './explain-text.ts'
import type { PolicyResult } from './policy/evaluate.ts'
import { explainPolicy } from './policy/explain-policy.ts'
import type { SnpError } from './sev-snp/errors.ts'
import { describeSnp } from './sev-snp/explain.ts'
import type { SnpVerdict } from './sev-snp/verdict.ts'

/** Says to a person what was proved, by whom, until when, and what the policy makes of it. */
export function explainVerdict(
  verdict: DcapVerdict | SnpVerdict,
  policy?: PolicyResult,
): readonly string[] {
  const { what, lines } = verdict.tee === 'sev-snp' ? describeSnp(verdict) : describeDcap(verdict)
  return [
    `${what}; ${verdict.signatureChecks} signatures verified`,
    `vouched for by ${verdict.root.name} (${shortHex(verdict.root.fingerprint)})`,
    ...lines,
    `valid      ${formatTime(verdict.latestIssue)} to ${formatTime(verdict.earliestExpiry)}, ` +
      `checked for ${formatTime(verdict.verifiedAt)}`,
    ...(policy === undefined ? [] : explainPolicy(policy)),
  ]
}

/** Says in one line why evidence was rejected; codes alone stand for themselves. */
export function explainError(
  error: DcapError | SnpError | AzureFormError | AzureBindingError,
): string {
  const { code, ...details } = error
  if (!('verifiable' in error)) return [code, ...formatDetails(details)].join(' ')
  const what = 'item' in error ? error.item : `the ${error.certificate} certificate`
  const { validFrom, validUntil, verifiable } = error
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
