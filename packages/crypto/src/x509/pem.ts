import { err, ok, parseBase64, utf8, type Result } from '@tacit/base'

/** The text is not a sequence of PEM certificates. */
export type PemError = {
  readonly code: 'pem_malformed'
  readonly reason: 'too_long' | 'too_many' | 'boundary_invalid' | 'base64_invalid' | 'empty'
}

const BEGIN = '-----BEGIN CERTIFICATE-----'
const END = '-----END CERTIFICATE-----'
const MAX_BYTES = 64 * 1024
/**
 * Splits PEM text into the DER of its certificates, in order. Between and after them only white
 * space and NUL bytes may stand: Intel's quotes end their chain with a NUL. At most 64 KiB.
 * Source: RFC 7468, strict grammar, of any line length.
 */
export function parsePemCertificates(
  text: Uint8Array,
  maxCertificates: number,
): Result<readonly Uint8Array[], PemError> {
  if (text.length > MAX_BYTES) return failed('too_long')
  const certificates: Uint8Array[] = []
  let at = skipBlank(text, 0)
  while (at < text.length) {
    if (certificates.length === maxCertificates) return failed('too_many')
    if (!textAt(text, at, BEGIN)) return failed('boundary_invalid')
    const end = text.indexOf(0x2d, at + BEGIN.length)
    if (end < 0 || !textAt(text, end, END)) return failed('boundary_invalid')
    const der = parseBase64(text.subarray(at + BEGIN.length, end))
    if (der === undefined) return failed('base64_invalid')
    certificates.push(der)
    at = skipBlank(text, end + END.length)
  }
  return certificates.length === 0 ? failed('empty') : ok(certificates)
}

/** PEM text of certificates in the given order, 64 characters a line. Source: RFC 7468. */
export function encodePem(ders: readonly Uint8Array[]): Uint8Array {
  const blocks = ders.map((der) => {
    const body = btoa(Array.from(der, (byte) => String.fromCharCode(byte)).join(''))
    return `${BEGIN}\n${body.replaceAll(/.{64}(?=.)/g, '$&\n')}\n${END}\n`
  })
  return utf8(blocks.join(''))
}

function failed(reason: PemError['reason']): Result<never, PemError> {
  return err({ code: 'pem_malformed', reason })
}

function skipBlank(text: Uint8Array, from: number): number {
  let at = from
  while (at < text.length && isBlank(text[at] ?? 0)) at++
  return at
}

function isBlank(byte: number): boolean {
  return byte === 0x0a || byte === 0x0d || byte === 0x20 || byte === 0x09 || byte === 0
}

function textAt(bytes: Uint8Array, at: number, text: string): boolean {
  for (let index = 0; index < text.length; index++) {
    if (bytes[at + index] !== text.charCodeAt(index)) return false
  }
  return true
}
