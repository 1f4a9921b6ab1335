const INVALID = 255
const PADDING = 0x3d
const ALPHANUMERIC = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'
const STANDARD = digitsOf(`${ALPHANUMERIC}+/`)
const URL_SAFE = digitsOf(`${ALPHANUMERIC}-_`)

/**
 * Reads base64 text: padded, spare bits zero, line breaks skipped. Undefined for everything else,
 * the empty text included. Source: RFC 4648, section 4.
 */
export function parseBase64(text: Uint8Array): Uint8Array | undefined {
  const out = new Uint8Array((text.length * 3) >> 2)
  const groups = readGroups(text, out)
  let { length } = groups
  let bits = 0
  let digits = 0
  let padding = 0
  for (let at = groups.end; at < text.length; at++) {
    const byte = text[at] ?? 0
    if (isBreak(byte)) continue
    if (byte === PADDING) {
      padding++
      continue
    }
    const digit = STANDARD[byte] ?? INVALID
    if (digit === INVALID || padding > 0) return undefined
    bits = ((bits << 6) | digit) & 0xff_ffff
    if (++digits % 4 === 0) length = put(out, length, bits, 3)
  }
  if (length + digits === 0 || padding !== (4 - (digits % 4)) % 4) return undefined
  return finish(out, length, bits, digits % 4)
}

/** Writes groups of four digits with line breaks only between them: the common case, in one go. */
function readGroups(
  text: Uint8Array,
  out: Uint8Array,
): { readonly end: number; readonly length: number } {
  let at = 0
  let length = 0
  while (at + 4 <= text.length) {
    const a = STANDARD[text[at] ?? 0] ?? INVALID
    const b = STANDARD[text[at + 1] ?? 0] ?? INVALID
    const c = STANDARD[text[at + 2] ?? 0] ?? INVALID
    const d = STANDARD[text[at + 3] ?? 0] ?? INVALID
    if ((a | b | c | d) < 64) {
      out[length] = (a << 2) | (b >> 4)
      out[length + 1] = (b << 4) | (c >> 2)
      out[length + 2] = (c << 6) | d
      length += 3
      at += 4
    } else if (isBreak(text[at] ?? 0)) at++
    else break
  }
  return { end: at, length }
}

function isBreak(byte: number): boolean {
  return byte === 0x0a || byte === 0x0d
}

/**
 * Reads base64url text as JOSE writes it: no padding, no line breaks, spare bits zero. Undefined
 * for everything else, the empty text included. Source: RFC 7515, section 2.
 */
export function parseBase64Url(text: Uint8Array): Uint8Array | undefined {
  const out = new Uint8Array((text.length * 3) >> 2)
  let length = 0
  let bits = 0
  for (let at = 0; at < text.length; at++) {
    const digit = URL_SAFE[text[at] ?? 0] ?? INVALID
    if (digit === INVALID) return undefined
    bits = ((bits << 6) | digit) & 0xff_ffff
    if (at % 4 === 3) length = put(out, length, bits, 3)
  }
  return text.length === 0 ? undefined : finish(out, length, bits, text.length % 4)
}

function digitsOf(alphabet: string): Uint8Array {
  const digits = new Uint8Array(256).fill(INVALID)
  for (let digit = 0; digit < 64; digit++) digits[alphabet.charCodeAt(digit)] = digit
  return digits
}

/** Writes the last bytes that bits hold, most significant first. */
function put(out: Uint8Array, at: number, bits: number, count: number): number {
  for (let index = 0; index < count; index++) out[at + index] = bits >> (8 * (count - 1 - index))
  return at + count
}

/** The last group: two digits hold a byte and four spare bits, three hold two bytes and two. */
function finish(
  out: Uint8Array,
  length: number,
  bits: number,
  rest: number,
): Uint8Array | undefined {
  if (rest === 0) return out.subarray(0, length)
  const spare = rest === 2 ? 4 : 2
  if (rest === 1 || (bits & ((1 << spare) - 1)) !== 0) return undefined
  return out.subarray(0, put(out, length, bits >> spare, rest - 1))
}
