import { parseHash, type Hash } from '@tacit/base'
import { fromHex } from './hex.ts'
import { invalidParams } from './rpc-error.ts'

/** A method's parameters by position; every reader throws -32602 where they are not as it needs. */
export type Params = readonly unknown[]

/** Characters of hex that one parameter may have: an extrinsic as large as a block. */
const MAX_HEX_LENGTH = 2 * 5_100_000
/** No key of the state is longer, and no shorter bound is ever in the way. */
const MAX_KEY_BYTES = 1_024

export function bytesAt(params: Params, at: number): Uint8Array {
  return toBytes(params[at], at)
}

export function hashAt(params: Params, at: number): Hash {
  return toHash(params[at], at)
}

export function optionalHashAt(params: Params, at: number): Hash | undefined {
  return isAbsent(params[at]) ? undefined : hashAt(params, at)
}

export function optionalBytesAt(params: Params, at: number): Uint8Array | undefined {
  return isAbsent(params[at]) ? undefined : bytesAt(params, at)
}

export function stringAt(params: Params, at: number): string {
  const value = params[at]
  if (typeof value !== 'string' || value.length > 256)
    throw invalidParams(`parameter ${at} must be a short string`)
  return value
}

/** An integer of 0 to max, as a number or as a string that JavaScript reads as one ("0x10"). */
export function integerAt(params: Params, at: number, max: number): number {
  const value = params[at]
  const number = typeof value === 'string' && value.length < 20 ? Number(value) : value
  if (typeof number !== 'number' || !Number.isInteger(number) || number < 0 || number > max)
    throw invalidParams(`parameter ${at} must be an integer of 0 to ${max}`)
  return number
}

export function booleanAt(params: Params, at: number): boolean {
  const value = params[at]
  if (typeof value !== 'boolean') throw invalidParams(`parameter ${at} must be a boolean`)
  return value
}

/** A list of at most max elements, each read by its own reader. */
export function listAt<T>(
  params: Params,
  at: number,
  max: number,
  read: (value: unknown, at: number) => T,
): T[] {
  const value = params[at]
  if (!Array.isArray(value) || value.length > max)
    throw invalidParams(`parameter ${at} must be a list of at most ${max}`)
  return value.map((item: unknown) => read(item, at))
}

/** A storage key, or the beginning of some. */
export function keyAt(params: Params, at: number): Uint8Array {
  return toKey(params[at], at)
}

/** A list of storage keys. */
export function keysAt(params: Params, at: number, max: number): Uint8Array[] {
  return listAt(params, at, max, toKey)
}

export function toKey(value: unknown, at: number): Uint8Array {
  const key = toBytes(value, at)
  if (key.length > MAX_KEY_BYTES) throw invalidParams(`a key has at most ${MAX_KEY_BYTES} bytes`)
  return key
}

/** Hex with 0x; some clients write no bytes as an empty text. */
export function toBytes(value: unknown, at: number): Uint8Array {
  if (value === '') return new Uint8Array()
  const isText = typeof value === 'string' && value.length <= MAX_HEX_LENGTH
  const bytes = isText ? fromHex(value) : undefined
  if (!bytes) throw invalidParams(`parameter ${at} must be hex with 0x`)
  return bytes
}

export function toHash(value: unknown, at: number): Hash {
  const hash = parseHash(toBytes(value, at))
  if (!hash.ok) throw invalidParams(`parameter ${at} must be a hash of 32 bytes`)
  return hash.value
}

export function isAbsent(value: unknown): value is null | undefined {
  return value === undefined || value === null
}

export function isRecord(value: unknown): value is { readonly [name: string]: unknown } {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
