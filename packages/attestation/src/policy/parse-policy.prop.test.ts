import { utf8 } from '@tacit/base'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { FULL_POLICY } from '../testing/full-policy.ts'
import { isValid } from '../testing/json-schema.ts'
import { parsePolicy, POLICY_SCHEMA } from './parse-policy.ts'

type Path = readonly (string | number)[]

/** Every place of the full policy: fields, items, and what they hold. */
function pathsOf(value: unknown, at: Path = []): readonly Path[] {
  if (typeof value !== 'object' || value === null) return [at]
  return [at, ...Object.entries(value).flatMap(([name, child]) => pathsOf(child, [...at, name]))]
}

/** A copy with something else, or nothing, in one place. */
function withAt(value: unknown, [first, ...rest]: Path, change: unknown): unknown {
  if (first === undefined) return change
  const copy: Record<string, unknown> | unknown[] = Array.isArray(value)
    ? [...value]
    : { ...(value as object) }
  const fields = copy as Record<string, unknown>
  const child = withAt(fields[first], rest, change)
  if (child === undefined && !Array.isArray(copy)) delete fields[first]
  else fields[first] = child
  return copy
}

const PATHS = pathsOf(FULL_POLICY)
const otherValue = fc.oneof(
  fc.constant(undefined),
  fc.constantFrom(...PATHS.map((path) => path.reduce<unknown>(child, FULL_POLICY))),
  fc.jsonValue({ maxDepth: 2 }),
  fc.string(),
  fc.string({ unit: fc.constantFrom('0', 'a', 'A', '.'), maxLength: 100 }),
  fc.integer({ min: -1, max: 70_000 }),
  fc.dictionary(fc.constantFrom('name', 'tee', 'snp', 'extra'), fc.integer({ min: 0, max: 256 })),
)

function child(value: unknown, name: string | number): unknown {
  return (value as Record<string, unknown>)[name]
}

test('parser and schema take and refuse the same policies', () => {
  const changed = fc.array(fc.tuple(fc.constantFrom(...PATHS), otherValue), { maxLength: 2 })
  let accepted = 0
  fc.assert(
    fc.property(changed, (changes) => {
      const policy = changes.reduce<unknown>((one, [path, value]) => {
        const isThere = path.slice(0, -1).every((_, at) => {
          return typeof path.slice(0, at + 1).reduce<unknown>(childOrNothing, one) === 'object'
        })
        return isThere ? withAt(one, path, value) : one
      }, FULL_POLICY)
      const text = JSON.stringify(policy ?? null)
      const parsed = parsePolicy(utf8(text))
      expect(parsed.ok).toBe(isValid(POLICY_SCHEMA, JSON.parse(text)))
      if (parsed.ok) accepted++
    }),
    { numRuns: 2000 },
  )
  // Else the property would say little.
  expect(accepted).toBeGreaterThan(100)
})

function childOrNothing(value: unknown, name: string | number): unknown {
  return typeof value === 'object' && value !== null ? child(value, name) : undefined
}
