import { err, ok, parseUtf8, type Result } from '@tacit/base'
import { timeAt } from './der-time.ts'
import { oidAt } from './oid.ts'

/** Why bytes are not the DER of an expected structure. */
export type DerReason =
  | 'truncated'
  | 'trailing_bytes'
  /** Indefinite, longer than needed, or beyond 32 bits. */
  | 'length_invalid'
  | 'tag_unexpected'
  /** Empty, longer than needed, negative or above its bound. */
  | 'integer_invalid'
  | 'boolean_invalid'
  | 'bit_string_invalid'
  | 'oid_invalid'
  | 'text_invalid'
  | 'time_invalid'
  | 'too_deep'
  | 'too_many'
  | 'too_long'
  /** A version of the structure that no reader here knows. */
  | 'version_unsupported'
  /** A signature algorithm, key algorithm or curve that no reader here knows or the caller wants. */
  | 'algorithm_unsupported'
  /** The signature algorithm inside of what is signed is not the one outside. */
  | 'algorithm_mismatch'
  | 'extension_duplicate'
  /** An extension that is marked critical and not understood. */
  | 'extension_unknown'
  /** A well-formed value that its place does not allow. */
  | 'value_invalid'

/** Leaves a reader; caught by readDer() alone. */
export class DerFault {
  readonly reason: DerReason
  readonly at: number
  constructor(reason: DerReason, at: number) {
    this.reason = reason
    this.at = at
  }
}

/** Where and why DER broke; `at` is the byte offset in the whole input. */
export interface DerProblem {
  readonly reason: DerReason
  readonly at: number
}

export const TAG = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  null: 0x05,
  oid: 0x06,
  enumerated: 0x0a,
  utf8String: 0x0c,
  printableString: 0x13,
  teletexString: 0x14,
  ia5String: 0x16,
  utcTime: 0x17,
  generalizedTime: 0x18,
  sequence: 0x30,
  set: 0x31,
} as const

const MAX_DEPTH = 16

/** Runs a read over the whole input; bytes that are left over are an error. */
export function readDer<T>(
  bytes: Uint8Array,
  read: (input: DerReader) => T,
): Result<T, DerProblem> {
  try {
    const input = new DerReader(bytes, 0, bytes.length, 0)
    const value = read(input)
    input.finish()
    return ok(value)
  } catch (fault) {
    if (!(fault instanceof DerFault)) throw fault
    return err({ reason: fault.reason, at: fault.at })
  }
}

/**
 * Reads one level of DER: only single-byte tags, only definite lengths in their shortest form.
 * Values that it returns are views, not copies. Source: ITU-T X.690 (2021), sections 8 and 10.
 */
export class DerReader {
  readonly bytes: Uint8Array
  readonly end: number
  readonly depth: number
  at: number

  constructor(bytes: Uint8Array, at: number, end: number, depth: number) {
    this.bytes = bytes
    this.at = at
    this.end = end
    this.depth = depth
  }

  get remaining(): number {
    return this.end - this.at
  }

  fail(reason: DerReason): never {
    throw new DerFault(reason, this.at)
  }

  finish(): void {
    if (this.at < this.end) this.fail('trailing_bytes')
  }

  /** Whether another element follows and has the tag. */
  isNext(tag: number): boolean {
    return this.at < this.end && this.bytes[this.at] === tag
  }

  /** Reads an element's content with its own reader, which must use all of it. */
  inside<T>(tag: number, read: (content: DerReader) => T): T {
    const start = this.#header(tag)
    if (this.depth >= MAX_DEPTH) this.fail('too_deep')
    const content = new DerReader(this.bytes, start, this.at, this.depth + 1)
    const value = read(content)
    content.finish()
    return value
  }

  sequence<T>(read: (content: DerReader) => T): T {
    return this.inside(TAG.sequence, read)
  }

  /** Calls read until the content is used up, at most max times. */
  each(tag: number, max: number, read: (content: DerReader) => void): void {
    this.inside(tag, (content) => {
      for (let count = 0; content.remaining > 0; count++) {
        if (count === max) content.fail('too_many')
        read(content)
      }
    })
  }

  /** The content bytes of the next element. */
  content(tag: number): Uint8Array {
    const start = this.#header(tag)
    return this.bytes.subarray(start, this.at)
  }

  /** Moves past an element of any tag. */
  skip(): void {
    this.#header(this.bytes[this.at] ?? 0)
  }

  /** The next element whole, header included, whatever it is. */
  element(): Uint8Array {
    const start = this.at
    this.skip()
    return this.bytes.subarray(start, this.at)
  }

  /** The next element whole, header included, while its content is read too. */
  whole<T>(tag: number, read: (content: DerReader) => T): { bytes: Uint8Array; value: T } {
    const start = this.at
    const value = this.inside(tag, read)
    return { bytes: this.bytes.subarray(start, this.at), value }
  }

  /** A non-negative integer's bytes, big-endian, without a sign byte; zero is one byte 0. */
  unsignedBytes(maxLength: number): Uint8Array {
    const bytes = this.content(TAG.integer)
    const [first, second] = bytes
    if (first === undefined || first >= 0x80) return this.fail('integer_invalid')
    if (first === 0 && second !== undefined && second < 0x80) this.fail('integer_invalid')
    const magnitude = first === 0 && bytes.length > 1 ? bytes.subarray(1) : bytes
    if (magnitude.length > maxLength) this.fail('integer_invalid')
    return magnitude
  }

  /** A non-negative integer up to max, which is below 2^32. */
  unsigned(max: number): number {
    let value = 0
    for (const byte of this.unsignedBytes(4)) value = value * 256 + byte
    return value > max ? this.fail('integer_invalid') : value
  }

  /** A boolean in its DER form; FALSE where it would be the default must be left out instead. */
  boolean(): boolean {
    const bytes = this.content(TAG.boolean)
    if (bytes.length !== 1 || (bytes[0] !== 0 && bytes[0] !== 0xff)) this.fail('boolean_invalid')
    return bytes[0] === 0xff
  }

  /** BOOLEAN DEFAULT FALSE. */
  optionalTrue(): boolean {
    if (!this.isNext(TAG.boolean)) return false
    return this.boolean() ? true : this.fail('boolean_invalid')
  }

  octets(length: number): Uint8Array {
    const bytes = this.content(TAG.octetString)
    return bytes.length === length ? bytes : this.fail('value_invalid')
  }

  /** A bit string of whole bytes. */
  bitString(): Uint8Array {
    const bytes = this.content(TAG.bitString)
    if (bytes.length < 2 || bytes[0] !== 0) this.fail('bit_string_invalid')
    return bytes.subarray(1)
  }

  /**
   * Up to 16 named bits, one of them set; bit 0 of the list is bit 0 of the number. Bits beyond the
   * list are zero; zeros at its end, which DER would leave out, are allowed: AMD's ASKs have one.
   */
  namedBits(): number {
    const bytes = this.content(TAG.bitString)
    const unused = bytes[0]
    if (unused === undefined || unused > 7 || bytes.length < 2 || bytes.length > 3) {
      return this.fail('bit_string_invalid')
    }
    const last = bytes[bytes.length - 1] ?? 0
    if ((last & ((1 << unused) - 1)) !== 0) this.fail('bit_string_invalid')
    let bits = 0
    for (let bit = 0; bit < 8 * (bytes.length - 1); bit++) {
      if (((bytes[1 + (bit >> 3)] ?? 0) & (0x80 >> (bit & 7))) !== 0) bits |= 1 << bit
    }
    return bits === 0 ? this.fail('bit_string_invalid') : bits
  }

  /** An object identifier in dotted form. */
  oid(): string {
    const start = this.#header(TAG.oid)
    return oidAt(this.bytes, start, this.at) ?? this.fail('oid_invalid')
  }

  /** Text of the string types that names use; only UTF-8 and its subsets, at most 256 bytes. */
  text(): string {
    const tag = this.bytes[this.at] ?? 0
    if (this.remaining > 0 && !isTextTag(tag)) this.fail('tag_unexpected')
    const bytes = this.content(tag)
    const text = bytes.length > 256 ? undefined : (asciiText(bytes) ?? parseUtf8(bytes))
    return text ?? this.fail('text_invalid')
  }

  /**
   * Unix seconds of a Time, UTCTime or GeneralizedTime, both with seconds and Z. The latter may name
   * a year before 2050, against RFC 5280, section 4.1.2.5: NVIDIA's RIM certificates do.
   */
  time(): number {
    const isGeneral = this.isNext(TAG.generalizedTime)
    const start = this.#header(isGeneral ? TAG.generalizedTime : TAG.utcTime)
    return timeAt(this.bytes, start, this.at, isGeneral ? 4 : 2) ?? this.fail('time_invalid')
  }

  /** Moves past the next element and returns where its content starts. */
  #header(tag: number): number {
    if (this.remaining < 2) this.fail('truncated')
    if (this.bytes[this.at] !== tag || (tag & 0x1f) === 0x1f) this.fail('tag_unexpected')
    const first = this.bytes[this.at + 1] ?? 0
    const start = this.at + 2 + (first < 0x80 ? 0 : first & 0x7f)
    const length = first < 0x80 ? first : this.#longLength(first & 0x7f)
    if (length > this.end - start) this.fail('truncated')
    this.at = start + length
    return start
  }

  #longLength(size: number): number {
    if (size === 0 || size > 4) this.fail('length_invalid')
    if (this.remaining < 2 + size) this.fail('truncated')
    let length = 0
    for (let at = 0; at < size; at++) length = length * 256 + (this.bytes[this.at + 2 + at] ?? 0)
    const least = size === 1 ? 0x80 : 256 ** (size - 1)
    return length < least ? this.fail('length_invalid') : length
  }
}

function isTextTag(tag: number): boolean {
  return (
    tag === TAG.utf8String ||
    tag === TAG.printableString ||
    tag === TAG.ia5String ||
    tag === TAG.teletexString
  )
}

/** Most names are ASCII, which needs no decoder. */
function asciiText(bytes: Uint8Array): string | undefined {
  for (const byte of bytes) if (byte > 0x7f) return undefined
  return Reflect.apply(String.fromCharCode, undefined, bytes)
}
