import { err, ok, parseHex, parseUtf8, type Result } from '@tacit/base'
import { civilToUnix } from '@tacit/crypto/x509'

/** What is wrong with a JSON document, and where: a path such as `tcbLevels[3].tcb.pcesvn`. */
export interface JsonProblem {
  readonly reason:
    | 'too_long'
    | 'too_deep'
    | 'too_many'
    | 'not_utf8'
    | 'not_json'
    /** A name stands twice in one object; readers differ on which of the two counts. */
    | 'name_duplicate'
    | 'missing'
    /** A field that the document does not have. */
    | 'unknown'
    /** Another type than the field has, or a number or text out of its range. */
    | 'value_invalid'
  readonly path: string
}

class JsonFault {
  readonly problem: JsonProblem
  constructor(problem: JsonProblem) {
    this.problem = problem
  }
}

const MAX_BYTES = 256 * 1024
const MAX_DEPTH = 12

/**
 * Parses a document whose size and nesting are bounded first, then reads it through typed fields.
 * @param maxBytes 256 KiB where not given.
 */
export function readJson<T>(
  bytes: Uint8Array,
  read: (root: JsonField) => T,
  maxBytes: number = MAX_BYTES,
): Result<T, JsonProblem> {
  if (bytes.length > maxBytes) return err({ reason: 'too_long', path: '' })
  const text = parseUtf8(bytes)
  if (text === undefined) return err({ reason: 'not_utf8', path: '' })
  const names = countNames(bytes)
  if (names === undefined) return err({ reason: 'too_deep', path: '' })
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return err({ reason: 'not_json', path: '' })
  }
  if (countKeys(value) !== names) return err({ reason: 'name_duplicate', path: '' })
  try {
    return ok(read(new JsonField(value)))
  } catch (fault) {
    if (!(fault instanceof JsonFault)) throw fault
    return err(fault.problem)
  }
}

/**
 * How many names the objects of a text have, one before each colon outside of strings; undefined
 * where brackets nest too deeply. Only JSON.parse() says whether the text is JSON at all.
 */
function countNames(bytes: Uint8Array): number | undefined {
  let names = 0
  let depth = 0
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at]
    if (byte === QUOTE) at = endOfString(bytes, at + 1)
    else if (byte === COLON) names++
    else if (byte === OPEN_BRACE || byte === OPEN_BRACKET) {
      if (++depth > MAX_DEPTH) return undefined
    } else if (byte === CLOSE_BRACE || byte === CLOSE_BRACKET) depth--
  }
  return names
}

const QUOTE = 0x22
const BACKSLASH = 0x5c
const COLON = 0x3a
const OPEN_BRACE = 0x7b
const CLOSE_BRACE = 0x7d
const OPEN_BRACKET = 0x5b
const CLOSE_BRACKET = 0x5d

/** The place of the quote that ends a string. */
function endOfString(bytes: Uint8Array, from: number): number {
  let at = from
  while (at < bytes.length && bytes[at] !== QUOTE) at += bytes[at] === BACKSLASH ? 2 : 1
  return at
}

/** How many keys the objects of a value have; as deep as its text was nested. */
function countKeys(value: unknown): number {
  let keys = 0
  if (Array.isArray(value)) for (const item of value) keys += countKeys(item)
  else if (isObject(value)) for (const name in value) keys += 1 + countKeys(value[name])
  return keys
}

/** One value of a document with the way that led to it; a wrong shape leaves readJson(). */
export class JsonField {
  readonly value: unknown
  readonly #parent: JsonField | undefined
  readonly #step: string | number

  constructor(value: unknown, parent?: JsonField, step: string | number = '') {
    this.value = value
    this.#parent = parent
    this.#step = step
  }

  /** A path such as `tcbLevels[3].tcb.pcesvn`; put together only where it is told. */
  get path(): string {
    const before = this.#parent?.path ?? ''
    if (typeof this.#step === 'number') return `${before}[${this.#step}]`
    return before === '' ? this.#step : `${before}.${this.#step}`
  }

  fail(reason: JsonProblem['reason']): never {
    throw new JsonFault({ reason, path: this.path })
  }

  /** An optional field of an object. */
  maybe(name: string): JsonField | undefined {
    const { value } = this
    if (!isObject(value)) return this.fail('value_invalid')
    return Object.hasOwn(value, name) ? new JsonField(value[name], this, name) : undefined
  }

  get(name: string): JsonField {
    return this.maybe(name) ?? new JsonField(undefined, this, name).fail('missing')
  }

  /** Refuses an object with fields of other names. */
  only(names: readonly string[]): void {
    const { value } = this
    if (!isObject(value)) return this.fail('value_invalid')
    const unknown = Object.keys(value).find((name) => !names.includes(name))
    if (unknown !== undefined) new JsonField(undefined, this, unknown).fail('unknown')
  }

  /** The names of an object's at most max fields. */
  names(max: number): readonly string[] {
    const { value } = this
    if (!isObject(value)) return this.fail('value_invalid')
    const names = Object.keys(value)
    return names.length > max ? this.fail('too_many') : names
  }

  /** The items of an array of min to max items. */
  items(min: number, max: number): JsonField[] {
    return this.array(min, max).map((item, index) => new JsonField(item, this, index))
  }

  /** An array of min to max items, as JSON.parse() made it. */
  array(min: number, max: number): readonly unknown[] {
    const { value } = this
    if (!Array.isArray(value) || value.length < min) return this.fail('value_invalid')
    if (value.length > max) return this.fail('too_many')
    return value
  }

  /** An item of an array. */
  item(at: number): JsonField {
    return new JsonField(this.array(0, Infinity)[at], this, at)
  }

  /** A whole number from 0 to max. */
  integer(max: number): number {
    const { value } = this
    if (typeof value !== 'number' || !Number.isInteger(value)) return this.fail('value_invalid')
    return value < 0 || value > max ? this.fail('value_invalid') : value
  }

  text(maxLength: number): string {
    const { value } = this
    if (typeof value !== 'string' || value.length > maxLength) return this.fail('value_invalid')
    return value
  }

  boolean(): boolean {
    return typeof this.value === 'boolean' ? this.value : this.fail('value_invalid')
  }

  oneOf<const T extends string>(choices: readonly T[]): T {
    const found = choices.find((choice) => choice === this.value)
    return found ?? this.fail('value_invalid')
  }

  /** Hex of exactly so many bytes, either case, without a prefix. */
  hex(length: number): Uint8Array {
    const bytes = parseHex(this.text(2 * length))
    return bytes.ok && bytes.value.length === length ? bytes.value : this.fail('value_invalid')
  }

  /** Hex of any length up to so many characters, with or without 0x. */
  hexBytes(maxCharacters: number): Uint8Array {
    const bytes = parseHex(this.text(maxCharacters))
    return bytes.ok ? bytes.value : this.fail('value_invalid')
  }

  /** Unix seconds, written as such or as in time(). */
  timestamp(): number {
    return typeof this.value === 'number' ? this.integer(0xffff_ffff) : this.time()
  }

  /** Unix seconds of a time such as `2025-06-19T10:56:11Z`. */
  time(): number {
    return parseIsoTime(this.text(20)) ?? this.fail('value_invalid')
  }
}

const TIME = 'dddd-dd-ddTdd:dd:ddZ'

/** Unix seconds of `YYYY-MM-DDThh:mm:ssZ`; undefined for everything else. */
export function parseIsoTime(text: string): number | undefined {
  if (text.length !== TIME.length) return undefined
  for (let at = 0; at < TIME.length; at++) {
    const isDigit = text.charCodeAt(at) >= 0x30 && text.charCodeAt(at) <= 0x39
    if (TIME[at] === 'd' ? !isDigit : TIME[at] !== text[at]) return undefined
  }
  const part = (from: number, until: number): number => Number(text.slice(from, until))
  const date = { year: part(0, 4), month: part(5, 7), day: part(8, 10) }
  return civilToUnix({ ...date, hour: part(11, 13), minute: part(14, 16), second: part(17, 19) })
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
