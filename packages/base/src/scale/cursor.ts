import { littleEndianToBigInt } from '../bytes.ts'

/** Why bytes are not the canonical SCALE encoding of a type. */
export type ScaleReason =
  | 'truncated'
  | 'trailing_bytes'
  | 'compact_not_minimal'
  | 'number_too_large'
  | 'bool_invalid'
  | 'option_invalid'
  | 'variant_unknown'
  | 'text_not_utf8'
  | 'too_long'
  | 'too_deep'
  | 'too_many'
  | 'value_invalid'

/** Leaves a decoder; caught by decode() alone. */
export class ScaleFault {
  readonly reason: ScaleReason
  readonly at: number
  constructor(reason: ScaleReason, at: number) {
    this.reason = reason
    this.at = at
  }
}

/** Nesting of recursive types (calls within calls) that a decoder follows. */
export const MAX_DEPTH = 32
/** Values of recursive types in one input, whatever their depth. */
export const MAX_NESTED = 16_384

const MAX_U64 = 0xffff_ffff_ffff_ffffn

/** Reads little-endian SCALE from a view; the view's byte offset is respected. */
export class Reader {
  readonly bytes: Uint8Array
  at = 0
  #depth = 0
  #nested = 0
  readonly #view: DataView

  constructor(bytes: Uint8Array) {
    this.bytes = bytes
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  }

  get remaining(): number {
    return this.bytes.length - this.at
  }

  fail(reason: ScaleReason): never {
    throw new ScaleFault(reason, this.at)
  }

  /** A view of the next bytes, not a copy. */
  take(length: number): Uint8Array {
    if (length > this.remaining) this.fail('truncated')
    const view = this.bytes.subarray(this.at, this.at + length)
    this.at += length
    return view
  }

  u8(): number {
    return this.#view.getUint8(this.#advance(1))
  }

  u16(): number {
    return this.#view.getUint16(this.#advance(2), true)
  }

  u32(): number {
    return this.#view.getUint32(this.#advance(4), true)
  }

  u64(): bigint {
    return this.#view.getBigUint64(this.#advance(8), true)
  }

  u128(): bigint {
    const low = this.u64()
    const high = this.u64()
    return high === 0n ? low : low | (high << 64n)
  }

  /** A compact integer of at most maxBytes bytes; only the shortest form is accepted. */
  compact(maxBytes: number): bigint {
    const first = this.u8()
    const mode = first & 3
    if (mode === 0) return BigInt(first >> 2)
    if (mode === 1) return this.#atLeast(BigInt((first >> 2) | (this.u8() << 6)), 1n << 6n)
    if (mode === 2) {
      const low = (first >> 2) | (this.u8() << 6)
      return this.#atLeast(BigInt(low) | (BigInt(this.u16()) << 14n), 1n << 14n)
    }
    const length = (first >> 2) + 4
    if (length > maxBytes) this.fail('number_too_large')
    const value = littleEndianToBigInt(this.take(length))
    return this.#atLeast(value, length === 4 ? 1n << 30n : 1n << BigInt(8 * (length - 1)))
  }

  /** A length: compact, at most max and at most the bytes that are left. */
  length(max: number): number {
    const length = this.compact(4)
    if (length > BigInt(max)) this.fail('too_long')
    if (length > BigInt(this.remaining)) this.fail('truncated')
    return Number(length)
  }

  nested<T>(read: () => T): T {
    if (++this.#depth > MAX_DEPTH) this.fail('too_deep')
    if (++this.#nested > MAX_NESTED) this.fail('too_many')
    const value = read()
    this.#depth--
    return value
  }

  #atLeast(value: bigint, least: bigint): bigint {
    return value < least ? this.fail('compact_not_minimal') : value
  }

  #advance(length: number): number {
    if (length > this.remaining) this.fail('truncated')
    const at = this.at
    this.at += length
    return at
  }
}

/** What a writer writes into. */
type Space = { readonly bytes: Uint8Array; readonly view: DataView }

/** Spaces of writers that are done: to make one costs more than to write most values. */
const spare: Space[] = []
const MAX_SPARE = 8
const MAX_SPARE_BYTES = 4_096

function createSpace(length: number): Space {
  const bytes = new Uint8Array(length)
  return { bytes, view: new DataView(bytes.buffer) }
}

/** A finished writer's: what is written all the same begins anew. */
const EMPTY_SPACE = createSpace(0)

/** Appends little-endian SCALE to a growing buffer. */
export class Writer {
  #space = spare.pop() ?? createSpace(512)
  #length = 0

  /** A copy of what was written; the writer is not used behind it. */
  finish(): Uint8Array {
    const { bytes } = this.#space
    const written = bytes.slice(0, this.#length)
    if (spare.length < MAX_SPARE && bytes.length <= MAX_SPARE_BYTES) spare.push(this.#space)
    this.#space = EMPTY_SPACE
    this.#length = 0
    return written
  }

  put(bytes: Uint8Array): void {
    const at = this.#grow(bytes.length)
    this.#space.bytes.set(bytes, at)
  }

  u8(value: number): void {
    const at = this.#grow(1)
    this.#space.bytes[at] = value
  }

  u16(value: number): void {
    const at = this.#grow(2)
    this.#space.view.setUint16(at, value, true)
  }

  u32(value: number): void {
    const at = this.#grow(4)
    this.#space.view.setUint32(at, value, true)
  }

  u64(value: bigint): void {
    const at = this.#grow(8)
    this.#space.view.setBigUint64(at, value, true)
  }

  u128(value: bigint): void {
    // setBigUint64 takes the lowest 64 bits by itself.
    this.u64(value)
    this.u64(value <= MAX_U64 ? 0n : value >> 64n)
  }

  compact(value: bigint | number): void {
    const small = Number(value)
    if (small < 1 << 6) return this.u8(small << 2)
    if (small < 1 << 14) return this.u16((small << 2) | 1)
    if (small < 2 ** 30) return this.u32(((small << 2) | 2) >>> 0)
    this.#compactBig(BigInt(value))
  }

  #compactBig(value: bigint): void {
    const length = Math.max(4, Math.ceil(value.toString(16).length / 2))
    this.u8(((length - 4) << 2) | 3)
    for (let at = 0; at < length; at++) this.u8(Number((value >> BigInt(8 * at)) & 0xffn))
  }

  #grow(length: number): number {
    const at = this.#length
    this.#length += length
    const { bytes } = this.#space
    if (this.#length > bytes.length) {
      const grown = createSpace(Math.max(this.#length, 2 * bytes.length))
      grown.bytes.set(bytes.subarray(0, at))
      this.#space = grown
    }
    return at
  }
}
