import { isDeepStrictEqual } from 'node:util'
import { toJson } from '@tacit/attestation'
import type { Result } from '@tacit/base'

/** What a case must give: fields of the verdict, or an error's code with fields of its own. */
export type Outcome = VerdictOutcome | ErrorOutcome
type VerdictOutcome = { readonly verdict: object }
type ErrorOutcome = { readonly code: string; readonly [field: string]: unknown }

export type Decided = Result<object, { readonly code: string }>

/** What a case gave, of which only what the expectation speaks of is kept. */
export function outcomeOf(decided: Decided, expected: Outcome): Outcome {
  const pattern = isVerdict(expected) ? expected.verdict : {}
  if (decided.ok) return { verdict: project(decided.value, pattern) }
  const { code } = decided.error
  return isVerdict(expected) ? { code } : { ...project(decided.error, expected), code }
}

export function isAsExpected(actual: Outcome, expected: Outcome): boolean {
  return isDeepStrictEqual(actual, expected)
}

/** An outcome on one line: `root_untrusted chain=pck`, `UpToDate debug=false`, `verified`. */
export function outcomeText(outcome: Outcome): string {
  const { lead, fields } = splitLead(outcome)
  const parts = Object.entries(fields).flatMap(([name, value]) => flatten(name, value))
  return [lead, ...parts].join(' ')
}

function splitLead(outcome: Outcome): { lead: string; fields: object } {
  if (!isVerdict(outcome)) {
    const { code, ...fields } = outcome
    return { lead: code, fields }
  }
  const { status, ...fields } = outcome.verdict as { readonly status?: string }
  return { lead: status ?? 'verified', fields }
}

/** The parts of a value that are named in a pattern; lists are compared as wholes. */
function project<T extends object>(value: object, pattern: T): T {
  const fields = Object.entries(pattern).map(([name, part]) => {
    const found = (value as Readonly<Record<string, unknown>>)[name]
    return [name, isRecord(part) && isRecord(found) ? project(found, part) : found]
  })
  return Object.fromEntries(fields) as T
}

function flatten(name: string, value: unknown): readonly string[] {
  if (isRecord(value)) {
    return Object.entries(value).flatMap(([key, part]) => flatten(`${name}.${key}`, part))
  }
  return [`${name}=${valueText(value)}`]
}

function valueText(value: unknown): string {
  if (value === undefined) return 'unknown'
  if (Array.isArray(value)) return value.length === 0 ? 'none' : value.map(valueText).join(',')
  const json = toJson(value)
  return typeof json === 'string' ? json : JSON.stringify(json)
}

function isVerdict(outcome: Outcome): outcome is VerdictOutcome {
  return 'verdict' in outcome
}

function isRecord(value: unknown): value is object {
  return typeof value === 'object' && value?.constructor === Object
}
