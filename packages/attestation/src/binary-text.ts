import { parseBase64, parseBase64Url, parseHex, utf8 } from '@tacit/base'
import { parsePemCertificates } from '@tacit/crypto/x509'
import type { JsonField } from './json-document.ts'

const PADDING = 0x3d
const MAX_PADDING = 2

/** Bytes out of base64 of either alphabet, padded or not; undefined for everything else. */
export function parseAnyBase64(text: string): Uint8Array | undefined {
  const whole = utf8(text)
  const end = whole.indexOf(PADDING)
  const bare = end < 0 ? whole : whole.subarray(0, end)
  const isPadding = whole.length - bare.length <= MAX_PADDING
  return parseBase64(whole) ?? (isPadding ? parseBase64Url(bare) : undefined)
}

/** Bytes out of hex, where the text can be that, or else of base64. */
export function parseHexOrBase64(text: string): Uint8Array | undefined {
  const hex = parseHex(text)
  if (hex.ok) return hex.value.length > 0 ? hex.value : undefined
  return parseAnyBase64(text)
}

/** A certificate's DER out of PEM of one certificate, or as the given reader has binary text. */
export function readCertificateText(
  field: JsonField,
  maxLength: number,
  parse: (text: string) => Uint8Array | undefined,
): Uint8Array {
  const text = field.text(maxLength)
  if (!text.startsWith('-----BEGIN')) return parse(text) ?? field.fail('value_invalid')
  const pem = parsePemCertificates(utf8(text), 1)
  const [der] = pem.ok ? pem.value : []
  return der ?? field.fail('value_invalid')
}
