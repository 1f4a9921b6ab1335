import { expect, test } from 'vitest'
import type { Json } from '../verdict-json.ts'
import type { Verdict } from '../verdict.ts'
import { evaluatePolicy } from '../policy/evaluate.ts'
import type { Policy } from '../policy/policy.ts'

/** A rule with what it accepts and what it does not. */
export interface SectionCase<V, P> {
  readonly rule: keyof P & string
  /** What the section says where the evidence is taken. */
  readonly accepts: P[keyof P]
  /** What it says where the evidence is refused; undefined: the same as `accepts`. */
  readonly refuses?: P[keyof P]
  readonly verdict: V
  /** Evidence that is refused; undefined: the same as `verdict`. */
  readonly other?: V
  readonly found: Json
}

/** Tests each case by what it accepts and refuses, and that every rule of the table has a case. */
export function testSection<V extends Verdict, P extends object>(
  section: 'dcap' | 'sevSnp' | 'nvidia',
  open: Policy,
  rules: object,
  cases: readonly SectionCase<V, P>[],
): void {
  const judge = (verdict: V, rule: string, accepted: unknown) => {
    const policy = { ...open, [section]: { ...open[section], [rule]: accepted } }
    return evaluatePolicy(verdict, policy).failed
  }

  test.each(cases)('$rule, $found', (one) => {
    const { rule, accepts, verdict, found } = one
    const accepted = one.refuses ?? accepts
    expect(judge(verdict, rule, accepts)).toEqual([])
    const failed = judge(one.other ?? verdict, rule, accepted)
    expect(failed).toEqual([{ rule: `${section}.${rule}`, found, accepted }])
  })

  test('every rule has a case', () => {
    const tested = new Set(cases.map(({ rule }) => rule))
    expect([...tested].toSorted()).toEqual(Object.keys(rules).toSorted())
  })
}
