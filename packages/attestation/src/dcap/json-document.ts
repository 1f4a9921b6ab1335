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
    | 'missing'
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

/** Parses a document whose size and nesting are bounded first, then reads it through typed fields. */
export function readJson<T>(
  bytes: Uint8Array,
  read: (root: JsonField) => T,
): Result<T, JsonProblem> {
  if (bytes.length > MAX_BYTES) return err({ reason: 'too_long', path: '' })
  const text = parseUtf8(bytes)
  if (text === undefined) return err({ reason: 'not_utf8', path: '' })
  if (isTooDeep(bytes)) return err({ reason: 'too_deep', path: '' })
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return err({ reason: 'not_json', path: '' })
  }
  try {
    return ok(read(new JsonField(value, '')))
  } catch (fault) {
    if (!(fault instanceof JsonFault)) throw fault
    return err(fault.problem)
  }
}

/** Counts brackets outside of strings. */
function isTooDeep(bytes: Uint8Array): boolean {
  let depth = 0
  let inString = false
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at]
    if (inString) {
      if (byte === 0x5c) at++
      else if (byte === 0x22) inString = false
    } else if (byte === 0x22) inString = true
    else if (byte === 0x7b || byte === 0x5b) {
      if (++depth > MAX_DEPTH) return true
    } else if (byte === 0x7d || byte === 0x5d) depth--
  }
  return false
}

/** One value of a document with the path that led to it; a wrong shape leaves readJson(). */
export class JsonField {
  readonly value: unknown
  readonly path: string

  constructor(value: unknown, path: string) {
    this.value = value
    this.path = path
  }

  fail(reason: JsonProblem['reason']): never {
    throw new JsonFault({ reason, path: this.path })
  }

  /** An optional field of an object. */
  maybe(name: string): JsonField | undefined {
    const { value } = this
    if (!isObject(value)) return this.fail('value_invalid')
    return Object.hasOwn(value, name) ? this.#at(name, value[name]) : undefined
  }

  get(name: string): JsonField {
    return this.maybe(name) ?? this.#at(name, undefined).fail('missing')
  }

  /** The items of an array of min to max items. */
  items(min: number, max: number): JsonField[] {
    const { value } = this
    if (!Array.isArray(value) || value.length < min) return this.fail('value_invalid')
    if (value.length > max) return this.fail('too_many')
    return value.map((item, index) => new JsonField(item, `${this.path}[${index}]`))
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

  oneOf<const T extends string>(choices: readonly T[]): T {
    const found = choices.find((choice) => choice === this.value)
    return found ?? this.fail('value_invalid')
  }

  /** Hex of exactly so many bytes, either case, without a prefix. */
  hex(length: number): Uint8Array {
    const bytes = parseHex(this.text(2 * length))
    return bytes.ok && bytes.value.length === length ? bytes.value : this.fail('value_invalid')
  }

  /** Unix seconds of a time such as `2025-06-19T10:56:11Z`. */
  time(): number {
    return parseIsoTime(this.text(20)) ?? this.fail('value_invalid')
  }

  #at(name: string, value: unknown): JsonField {
    return new JsonField(value, this.path === '' ? name : `${this.path}.${name}`)
  }
}

/** Unix seconds of `YYYY-MM-DDThh:mm:ssZ`; undefined for everything else. */
export function parseIsoTime(text: string): number | undefined {
  const match = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)Z$/.exec(text)
  if (match === null) return undefined
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = match
    .slice(1)
    .map(Number)
  return civilToUnix({ year, month, day, hour, minute, second })
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
