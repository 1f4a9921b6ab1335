import type { Codec, ValueOf } from './codec.ts'
import type { ScaleReason } from './cursor.ts'
import { codec } from './primitives.ts'
import type { FieldInfo, TypeInfo, TypeName, VariantInfo } from './type-info.ts'

type Fields = { readonly [name: string]: Codec<unknown> }
type StructValue<F extends Fields> = { readonly [K in keyof F]: ValueOf<F[K]> }

/** One case of an enum: its index (0 to 255), what it carries, and a line of documentation. */
type Case = readonly [index: number, carries?: Codec<unknown>, doc?: string]
type Cases = { readonly [name: string]: Case }
/** A decoded enum: the case's name and what it carries. */
export type VariantValue<C extends Cases> = {
  readonly [K in keyof C & string]: C[K] extends readonly [number, infer P, ...unknown[]]
    ? { readonly type: K; readonly value: ValueOf<P> }
    : { readonly type: K; readonly value?: undefined }
}[keyof C & string]

/** One case of a decoded enum, to write its type out: `CaseOf<'Id', AccountId> | CaseOf<'None'>`. */
export type CaseOf<Name extends string, Value = undefined> = Value extends undefined
  ? { readonly type: Name; readonly value?: undefined }
  : { readonly type: Name; readonly value: Value }

const UNBOUNDED = 0xffff_ffff

/** Vec<T> of at most max items; an item takes at least one byte. */
export function vec<T>(item: Codec<T>, max: number = UNBOUNDED): Codec<readonly T[]> {
  return codec<readonly T[]>(
    { kind: 'sequence', item: item.type },
    (values, out) => {
      out.compact(values.length)
      for (const value of values) item.encode(value, out)
    },
    (input) => {
      const length = input.length(max)
      const values: T[] = []
      while (values.length < length) values.push(item.decode(input))
      return values
    },
  )
}

/** [T; length]. */
export function array<T>(item: Codec<T>, length: number): Codec<readonly T[]> {
  return codec<readonly T[]>(
    { kind: 'array', length, item: item.type },
    (values, out) => {
      for (const value of values) item.encode(value, out)
    },
    (input) => Array.from({ length }, () => item.decode(input)),
  )
}

/** Option<T>; None is undefined. */
export function option<T>(inner: Codec<T>): Codec<T | undefined> {
  return codec<T | undefined>(
    optionType(inner.type),
    (value, out) => {
      out.u8(value === undefined ? 0 : 1)
      if (value !== undefined) inner.encode(value, out)
    },
    (input) => {
      const tag = input.u8()
      if (tag > 1) input.fail('option_invalid')
      return tag === 0 ? undefined : inner.decode(input)
    },
  )
}

export function tuple<const C extends readonly Codec<unknown>[]>(
  ...codecs: C
): Codec<{ readonly [K in keyof C]: ValueOf<C[K]> }> {
  type Value = { readonly [K in keyof C]: ValueOf<C[K]> }
  return codec<Value>(
    { kind: 'tuple', items: codecs.map((item) => item.type) },
    (values, out) => codecs.forEach((item, at) => item.encode(values[at], out)),
    (input) => codecs.map((item) => item.decode(input)) as unknown as Value,
  )
}

/**
 * Named fields in order. Without a path it is anonymous: as the content of a variant's case its
 * fields become the case's fields.
 */
export function struct<F extends Fields>(fields: F, name: TypeName = {}): Codec<StructValue<F>> {
  const entries = Object.entries(fields)
  return codec<StructValue<F>>(
    {
      kind: 'composite',
      path: name.path ?? [],
      params: name.params ?? [],
      fields: entries.map(([field, inner]) => ({ name: field, type: inner.type })),
    },
    (value, out) => {
      for (const [field, inner] of entries) inner.encode(value[field], out)
    },
    (input) => {
      const value: Record<string, unknown> = {}
      for (const [field, inner] of entries) value[field] = inner.decode(input)
      return value as StructValue<F>
    },
  )
}

/** A Rust enum. `{ Id: [0, accountId], None: [1] }` decodes to `{ type: 'Id', value }`. */
export function variant<const C extends Cases>(
  cases: C,
  name: TypeName = {},
): Codec<VariantValue<C>> {
  const byIndex = new Map<number, { name: string; carries: Codec<unknown> | undefined }>()
  const variants: VariantInfo[] = []
  for (const [caseName, [index, carries, doc]] of Object.entries<Case>(cases)) {
    byIndex.set(index, { name: caseName, carries })
    const fields = carries ? caseFields(carries.type) : []
    variants.push({ name: caseName, index, fields, docs: doc === undefined ? [] : [doc] })
  }
  return codec<VariantValue<C>>(
    { kind: 'variant', path: name.path ?? [], params: name.params ?? [], variants },
    (value, out) => {
      const chosen = cases[value.type] as Case
      out.u8(chosen[0])
      chosen[1]?.encode(value.value, out)
    },
    (input) => {
      const chosen = byIndex.get(input.u8()) ?? input.fail('variant_unknown')
      const value = chosen.carries?.decode(input)
      return { type: chosen.name, value } as VariantValue<C>
    },
  )
}

/** A Rust enum whose cases carry nothing, by name: `names({ Live: 0, Frozen: 1 })`. */
export function names<N extends string>(
  indices: { readonly [K in N]: number },
  name: TypeName = {},
): Codec<N> {
  const cases: Cases = Object.fromEntries(
    Object.entries<number>(indices).map(([one, index]) => [one, [index]] as const),
  )
  return mapped(
    variant(cases, name),
    ({ type }) => type as N,
    (type) => ({ type }),
  )
}

/** A codec for another value type over the same bytes; undefined from `parse` refuses them. */
export function mapped<T, U>(
  inner: Codec<T>,
  parse: (value: T) => U | undefined,
  unparse: (value: U) => T,
  type: TypeInfo = inner.type,
  reason: ScaleReason = 'value_invalid',
): Codec<U> {
  return codec<U>(
    type,
    (value, out) => inner.encode(unparse(value), out),
    (input) => parse(inner.decode(input)) ?? input.fail(reason),
  )
}

/** A type that may contain itself; decoding follows it MAX_DEPTH levels, MAX_NESTED times in all. */
export function lazy<T>(resolve: () => Codec<T>): Codec<T> {
  return codec<T>(
    { kind: 'lazy', resolve: () => resolve().type },
    (value, out) => resolve().encode(value, out),
    (input) => input.nested(() => resolve().decode(input)),
  )
}

function caseFields(type: TypeInfo): readonly FieldInfo[] {
  if (type.kind === 'composite' && type.path.length === 0) return type.fields
  if (type.kind === 'tuple') return type.items.map((item) => ({ type: item }))
  return [{ type }]
}

function optionType(inner: TypeInfo): TypeInfo {
  return {
    kind: 'variant',
    path: ['Option'],
    params: [{ name: 'T', type: inner }],
    variants: [
      { name: 'None', index: 0, fields: [], docs: [] },
      { name: 'Some', index: 1, fields: [{ type: inner }], docs: [] },
    ],
  }
}
