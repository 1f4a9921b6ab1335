import type { Json } from '../verdict-json.ts'

/**
 * The canonical text of a JSON value: no spaces, names sorted by UTF-16 code units, numbers and
 * strings as ECMAScript writes them. Nesting is the caller's to bound.
 * Source: RFC 8785 (JCS), section 3.2.
 * @returns undefined for what has no canonical form: a number that is not finite, a text with half
 *   of a surrogate pair.
 */
export function canonicalJson(value: Json): string | undefined {
  if (typeof value === 'string') return value.isWellFormed() ? JSON.stringify(value) : undefined
  if (typeof value === 'number' && !Number.isFinite(value)) return undefined
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  if (Array.isArray(value)) {
    const items = value.map(canonicalJson)
    return items.includes(undefined) ? undefined : `[${items.join()}]`
  }
  const fields = Object.entries(value)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, field]) => canonicalField(name, field))
  return fields.includes(undefined) ? undefined : `{${fields.join()}}`
}

function canonicalField(name: string, value: Json): string | undefined {
  const key = canonicalJson(name)
  const text = canonicalJson(value)
  return key === undefined || text === undefined ? undefined : `${key}:${text}`
}
