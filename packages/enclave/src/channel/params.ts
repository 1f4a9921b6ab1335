import { err, ok, parseHex, type Result } from '@tacit/base'
import { isJsonObject } from './json.ts'

/** A parameter is missing, unknown, or not of its form; `field` names it. */
export type ParamsError = { readonly code: 'params_invalid'; readonly field: string }

/** Reads one parameter; undefined refuses it. */
export type Field<T> = (value: unknown) => T | undefined
type Fields = { readonly [name: string]: Field<unknown> }
type Parsed<F extends Fields> = {
  readonly [K in keyof F]: F[K] extends Field<infer T> ? T : never
}

/** Reads an object that has exactly the given fields. */
export function parseParams<F extends Fields>(
  params: unknown,
  fields: F,
): Result<Parsed<F>, ParamsError> {
  if (!isJsonObject(params)) return err({ code: 'params_invalid', field: '' })
  const unknown = Object.keys(params).find((name) => !Object.hasOwn(fields, name))
  if (unknown !== undefined) return err({ code: 'params_invalid', field: unknown.slice(0, 64) })
  const parsed: Record<string, unknown> = {}
  for (const [name, read] of Object.entries(fields)) {
    const value = Object.hasOwn(params, name) ? read(params[name]) : undefined
    if (value === undefined) return err({ code: 'params_invalid', field: name })
    parsed[name] = value
  }
  return ok(parsed as Parsed<F>)
}

/** 0x-hex of at most max bytes. */
export function hexBytes(max: number): Field<Uint8Array> {
  return (value) => {
    if (typeof value !== 'string' || !value.startsWith('0x')) return undefined
    if (value.length > 2 + 2 * max) return undefined
    const bytes = parseHex(value)
    return bytes.ok ? bytes.value : undefined
  }
}

/** 0x-hex of exactly length bytes. */
export function fixedHex<T extends Uint8Array = Uint8Array>(length: number): Field<T> {
  const read = hexBytes(length)
  return (value) => {
    const bytes = read(value)
    return bytes?.length === length ? (bytes as T) : undefined
  }
}

/** An integer of 0 to max. */
export function integer(max: number): Field<number> {
  return (value) =>
    typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= max
      ? value
      : undefined
}

/** At most max items of one form. */
export function listOf<T>(item: Field<T>, max: number): Field<readonly T[]> {
  return (value) => {
    if (!Array.isArray(value) || value.length > max) return undefined
    const items = value.map(item)
    return items.includes(undefined) ? undefined : (items as T[])
  }
}

/** One of the given words. */
export function oneOf<const T extends string>(...words: readonly T[]): Field<T> {
  return (value) => words.find((word) => word === value)
}
