import { concatBytes, parseBase64, parseBase64Url, utf8, type Result } from '@tacit/base'
import { parseCertificate } from '@tacit/crypto/x509'
import { readJson, type JsonField, type JsonProblem } from '../../json-document.ts'

/** P-384 keys x||y by their names. */
export type KeySet = ReadonlyMap<string, Uint8Array>

const MAX_KEYS = 64
const COORDINATE_BYTES = 48

/**
 * Reads a JSON Web Key Set. Keys on other curves or for other uses are passed over; a name twice is
 * an error. A key is its coordinates, or where these are absent the first certificate's; what else
 * a certificate says counts for nothing, since whoever gives the set vouches for it.
 * Source: RFC 7517; RFC 7518, section 6.2.1.
 */
export function parseKeySet(bytes: Uint8Array): Result<KeySet, JsonProblem> {
  return readJson(bytes, (root) => {
    const keys = new Map<string, Uint8Array>()
    for (const field of root.get('keys').items(0, MAX_KEYS)) {
      const name = field.get('kid').text(256)
      const key = isForEs384(field) ? readKey(field) : undefined
      if (keys.has(name)) field.get('kid').fail('name_duplicate')
      if (key !== undefined) keys.set(name, key)
    }
    return keys
  })
}

/** What a key does not say of itself, it does not exclude. */
function isForEs384(field: JsonField): boolean {
  const is = (name: string, value: string): boolean => (field.maybe(name)?.value ?? value) === value
  return is('kty', 'EC') && is('crv', 'P-384') && is('alg', 'ES384') && is('use', 'sig')
}

function readKey(field: JsonField): Uint8Array | undefined {
  const x = field.maybe('x')
  if (x === undefined) return readCertifiedKey(field)
  return concatBytes(readCoordinate(x), readCoordinate(field.get('y')))
}

function readCoordinate(field: JsonField): Uint8Array {
  const bytes = parseBase64Url(utf8(field.text(64)))
  return bytes?.length === COORDINATE_BYTES ? bytes : field.fail('value_invalid')
}

function readCertifiedKey(field: JsonField): Uint8Array | undefined {
  const [first] = field.get('x5c').items(1, 8)
  if (first === undefined) return undefined
  const der = parseBase64(utf8(first.text(16 * 1024)))
  const certificate = der === undefined ? undefined : parseCertificate(der)
  if (certificate?.ok !== true) return first.fail('value_invalid')
  const { scheme, bytes } = certificate.value.publicKey
  return scheme === 'p384' ? bytes : undefined
}
