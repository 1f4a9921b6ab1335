import type { Json } from '../verdict-json.ts'

type Schema = { readonly [keyword: string]: Json }

/** Words for people, which decide nothing. */
const ANNOTATIONS: ReadonlySet<string> = new Set([
  '$schema',
  '$id',
  '$comment',
  'title',
  'description',
])

/**
 * Whether a value is valid under a schema of the keywords that policies use, after JSON Schema
 * 2020-12. An unknown keyword throws, so that none is passed over.
 */
export function isValid(schema: Schema, value: unknown): boolean {
  return Object.entries(schema).every(([keyword, argument]) => {
    if (ANNOTATIONS.has(keyword)) return true
    const check = KEYWORDS[keyword]
    if (check === undefined) throw new Error(`keyword ${keyword}`)
    return check(argument, value, schema)
  })
}

/** The same schema without its words for people. */
export function withoutAnnotations(schema: Json): Json {
  if (Array.isArray(schema)) return schema.map(withoutAnnotations)
  if (typeof schema !== 'object' || schema === null) return schema
  const kept = Object.entries(schema).filter(
    ([name]) => name === '$schema' || !ANNOTATIONS.has(name),
  )
  return Object.fromEntries(
    kept.map(([name, value]) => {
      if (name !== 'properties') return [name, withoutAnnotations(value)]
      const properties = Object.entries(value as Schema)
      return [
        name,
        Object.fromEntries(properties.map(([key, one]) => [key, withoutAnnotations(one)])),
      ]
    }),
  )
}

type Keyword = (argument: Json, value: unknown, schema: Schema) => boolean

const KEYWORDS: Readonly<Record<string, Keyword>> = {
  type: (type, value) => typeOf(value) === type,
  enum: (choices, value) => (choices as readonly unknown[]).includes(value),
  minimum: (least, value) => typeof value !== 'number' || value >= Number(least),
  maximum: (most, value) => typeof value !== 'number' || value <= Number(most),
  maxLength: (most, value) => typeof value !== 'string' || Array.from(value).length <= Number(most),
  pattern: (pattern, value) =>
    typeof value !== 'string' || new RegExp(pattern as string, 'u').test(value),
  items: (items, value) =>
    !Array.isArray(value) || value.every((one) => isValid(items as Schema, one)),
  minItems: (least, value) => !Array.isArray(value) || value.length >= Number(least),
  maxItems: (most, value) => !Array.isArray(value) || value.length <= Number(most),
  required: (names, value) => {
    return (
      !isObject(value) || (names as readonly string[]).every((name) => Object.hasOwn(value, name))
    )
  },
  properties: (properties, value) => {
    if (!isObject(value)) return true
    const known = Object.entries(properties as Readonly<Record<string, Schema>>)
    return known.every(([name, one]) => !Object.hasOwn(value, name) || isValid(one, value[name]))
  },
  additionalProperties: (_, value, { properties = {} }) => {
    return (
      !isObject(value) ||
      Object.keys(value).every((name) => Object.hasOwn(properties as object, name))
    )
  },
  oneOf: (schemas, value) => {
    return (schemas as readonly Schema[]).filter((schema) => isValid(schema, value)).length === 1
  },
}

function typeOf(value: unknown): string {
  if (Array.isArray(value)) return 'array'
  if (value === null) return 'null'
  return Number.isInteger(value) ? 'integer' : typeof value
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
