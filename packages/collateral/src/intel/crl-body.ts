import { parseHex, parseUtf8 } from '@tacit/base'

const SEQUENCE = 0x30
/** No list is so short that its length has the short form, which text could be mistaken for. */
const LONG_LENGTH = 0x80

/**
 * A revocation list's DER out of an answer's body: Intel's service sends DER, PCCS the same bytes
 * in hex; undefined for anything else.
 */
export function readCrlBody(body: Uint8Array): Uint8Array | undefined {
  if (isDer(body)) return body
  const text = parseUtf8(body)?.trim() ?? ''
  const der = parseHex(text)
  return der.ok && isDer(der.value) ? der.value : undefined
}

function isDer(bytes: Uint8Array): boolean {
  return bytes[0] === SEQUENCE && (bytes[1] ?? 0) > LONG_LENGTH
}
