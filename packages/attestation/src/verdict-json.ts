import { bytesToHex } from '@tacit/base'
import type { Verdict } from './verdict.ts'

/** A value of JSON. */
export type Json =
  | string
  | number
  | boolean
  | null
  | readonly Json[]
  | { readonly [name: string]: Json }

/**
 * A verdict of any vendor as JSON with the same field names: bytes as lower-case hex without a
 * prefix, times as Unix seconds, numbers above 2^53 as decimal text, absent fields left out.
 */
export function verdictToJson(verdict: Verdict): Json {
  return toJson(verdict)
}

/** The same for whatever a verdict or a log consists of. */
export function toJson(value: unknown): Json {
  if (value instanceof Uint8Array) return bytesToHex(value)
  if (Array.isArray(value)) return value.map(toJson)
  if (value instanceof Map) return [...value].map(toJson)
  if (typeof value === 'object' && value !== null) {
    const present = Object.entries(value).filter(([, field]) => field !== undefined)
    return Object.fromEntries(present.map(([name, field]) => [name, toJson(field)]))
  }
  if (typeof value === 'bigint') return value.toString()
  return value as string | number | boolean | null
}
