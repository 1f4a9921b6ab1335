import type { JsonField } from '../json-document.ts'
import type { Json } from '../verdict-json.ts'

/** One form of JSON value: how it is read, and the JSON Schema that says the same. */
export interface Shape<T> {
  read(field: JsonField): T
  readonly schema: { readonly [keyword: string]: Json }
}

/** A field's shape, for every field of an object type; the absent ones are undefined. */
type Fields<T> = { readonly [K in keyof T]-?: Shape<Exclude<T[K], undefined>> }

type RequiredKeys<T> = { [K in keyof T]-?: undefined extends T[K] ? never : K }[keyof T]

export const flag: Shape<boolean> = {
  read: (field) => (typeof field.value === 'boolean' ? field.value : field.fail('value_invalid')),
  schema: { type: 'boolean' },
}

/** A whole number from 0 to max. */
export function whole(max: number): Shape<number> {
  return {
    read: (field) => field.integer(max),
    schema: { type: 'integer', minimum: 0, maximum: max },
  }
}

/** A text of at most max code points, as JSON Schema counts, that matches an anchored pattern. */
export function text(max: number, pattern: string): Shape<string> {
  const form = new RegExp(pattern, 'u')
  return {
    read: (field) => {
      const value = field.text(2 * max)
      const isShort = Array.from(value).length <= max
      return isShort && form.test(value) ? value : field.fail('value_invalid')
    },
    schema: { type: 'string', maxLength: max, pattern },
  }
}

/** So many bytes in lower-case hex without a prefix, the form in which findings are compared. */
export function hex(bytes: number): Shape<string> {
  return text(2 * bytes, `^[0-9a-f]{${2 * bytes}}$`)
}

export function oneOf<const T extends string>(choices: readonly T[]): Shape<T> {
  return { read: (field) => field.oneOf(choices), schema: { enum: choices } }
}

export function list<T>(item: Shape<T>, max: number, min = 0): Shape<readonly T[]> {
  return {
    read: (field) => field.items(min, max).map((one) => item.read(one)),
    schema: {
      type: 'array',
      items: item.schema,
      maxItems: max,
      ...(min === 0 ? {} : { minItems: min }),
    },
  }
}

/**
 * An object with these fields and no others.
 * @param required which of them must be there: exactly the type's required ones.
 */
export function object<T extends object>(
  fields: Fields<T>,
  required: { readonly [K in RequiredKeys<T>]: true },
): Shape<T> {
  const shapes: readonly [string, Shape<unknown>][] = Object.entries(fields)
  const names = Object.keys(required)
  return {
    read: (field) => {
      field.only(shapes.map(([name]) => name))
      const read = shapes.flatMap(([name, shape]) => {
        const child = names.includes(name) ? field.get(name) : field.maybe(name)
        return child === undefined ? [] : [[name, shape.read(child)] as const]
      })
      return Object.fromEntries(read) as T
    },
    schema: {
      type: 'object',
      properties: Object.fromEntries(shapes.map(([name, { schema }]) => [name, schema])),
      ...(names.length === 0 ? {} : { required: names }),
      additionalProperties: false,
    },
  }
}

/** An object with some of these names, each with a value of one shape. */
export function record<const K extends string, V>(
  names: readonly K[],
  value: Shape<V>,
): Shape<{ readonly [P in K]?: V }> {
  const fields = Object.fromEntries(names.map((name) => [name, value]))
  return object(fields as Fields<{ readonly [P in K]?: V }>, {} as never)
}

/** One of several shapes that a common field tells apart. */
export function tagged<T>(tag: string, shapes: Readonly<Record<string, Shape<T>>>): Shape<T> {
  return {
    read: (field) => {
      const value = field.get(tag).oneOf(Object.keys(shapes))
      return shapes[value]?.read(field) ?? field.fail('value_invalid')
    },
    schema: { oneOf: Object.values(shapes).map(({ schema }) => schema) },
  }
}
