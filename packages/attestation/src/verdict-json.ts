import { bytesToHex } from '@tacit/base'
import type { DcapVerdict } from './dcap/verdict.ts'

/** A value of JSON. */
export type Json =
  | string
  | number
  | boolean
  | null
  | readonly Json[]
  | { readonly [name: string]: Json }

/**
 * The verdict as JSON with the same field names: bytes as lower-case hex without a prefix, times as
 * Unix seconds, absent fields left out.
 */
export function verdictToJson(verdict: DcapVerdict): Json {
  return toJson(verdict)
}

function toJson(value: unknown): Json {
  if (value instanceof Uint8Array) return bytesToHex(value)
  if (Array.isArray(value)) return value.map(toJson)
  if (typeof value === 'object' && value !== null) {
    const present = Object.entries(value).filter(([, field]) => field !== undefined)
    return Object.fromEntries(present.map(([name, field]) => [name, toJson(field)]))
  }
  return typeof value === 'number' || typeof value === 'boolean' ? value : String(value)
}
