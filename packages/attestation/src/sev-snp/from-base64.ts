import { parseBase64, InvariantError, utf8 } from '@tacit/base'

/** The bytes of a constant of this package, in base64 over several lines. */
export function fromBase64(text: string): Uint8Array {
  const bytes = parseBase64(utf8(text.replaceAll(' ', '')))
  if (bytes === undefined) throw new InvariantError('fromBase64: a constant is not base64')
  return bytes
}
