import { parseBase64, parseHex, parseUtf8, utf8 } from '@tacit/base'

/** Longest text that is looked at whole. */
const MAX_CHARACTERS = 4_000_000
const BLANK = /\s+/g

/**
 * The bytes of a file that holds binary content as text: hex, with or without 0x, or base64, with
 * line breaks anywhere. Undefined where the file is neither; then its bytes stand for themselves.
 */
export function unwrapText(file: Uint8Array): Uint8Array | undefined {
  if (file.length > MAX_CHARACTERS || !isPrintable(file)) return undefined
  const text = parseUtf8(file)?.replaceAll(BLANK, '')
  if (text === undefined || text.length < 32) return undefined
  const hex = parseHex(text)
  return hex.ok ? hex.value : parseBase64(utf8(text))
}

/** Told from the first bytes: binary formats have a byte below 0x20 among them. */
function isPrintable(file: Uint8Array): boolean {
  return file.subarray(0, 64).every((byte) => (byte >= 0x20 && byte < 0x7f) || isBreak(byte))
}

function isBreak(byte: number): boolean {
  return byte === 0x0a || byte === 0x0d || byte === 0x09
}
