import { err, ok, parseBase64Url, utf8, type Result } from '@tacit/base'
import { readJson, type JsonField } from '../../json-document.ts'
import type { NrasFormError, TokenReason } from './errors.ts'
import type { KeySet } from './key-set.ts'

/** A JSON Web Token with the key that it names, with nothing decided about its signature. */
export interface NrasToken<Claims> {
  /** `overall`, or the device's name. */
  readonly name: string
  /** As it came. */
  readonly text: string
  readonly claims: Claims
  /** What was signed. */
  readonly message: Uint8Array
  /** r||s, 96 bytes. */
  readonly signature: Uint8Array
  /** x||y, 96 bytes. */
  readonly publicKey: Uint8Array
}

export const MAX_TOKEN_BYTES: number = 64 * 1024
const SIGNATURE_BYTES = 96
const HEADER_FIELDS: readonly string[] = ['alg', 'kid', 'typ']

/**
 * Reads a token in compact form, signed with ES384 by a key of the set. The header counts for
 * naming that key only: it holds no other field than `alg`, `kid` and `typ`.
 * Source: RFC 7515, section 3.1 and 4.1; RFC 7519.
 */
export function parseToken<Claims>(
  name: string,
  text: string,
  keys: KeySet,
  readClaims: (payload: JsonField) => Claims,
): Result<NrasToken<Claims>, NrasFormError> {
  const parts = text.length > MAX_TOKEN_BYTES ? [] : text.split('.')
  const [header = '', payload = '', end = ''] = parts
  if (parts.length !== 3) return malformed(name, 'parts_invalid')
  const publicKey = readHeader(name, header, keys)
  if (!publicKey.ok) return publicKey
  const claims = readPart(name, payload, readClaims)
  if (!claims.ok) return claims
  const signature = parseBase64Url(utf8(end))
  if (signature === undefined) return malformed(name, 'base64_invalid', 'signature')
  if (signature.length !== SIGNATURE_BYTES) return malformed(name, 'signature_invalid', 'signature')
  const message = utf8(text.slice(0, header.length + 1 + payload.length))
  return ok({ name, text, claims: claims.value, message, signature, publicKey: publicKey.value })
}

function readHeader(name: string, text: string, keys: KeySet): Result<Uint8Array, NrasFormError> {
  const header = readPart(name, text, (field) => ({
    unknown: field.names(16).find((key) => !HEADER_FIELDS.includes(key)),
    algorithm: field.get('alg').text(32),
    keyId: field.get('kid').text(256),
    type: field.maybe('typ')?.oneOf(['JWT']),
  }))
  if (!header.ok) return header
  const { unknown, algorithm, keyId } = header.value
  if (unknown !== undefined) return malformed(name, 'header_unsupported', unknown)
  if (algorithm !== 'ES384')
    return err({ code: 'nras_algorithm_unsupported', token: name, algorithm })
  const key = keys.get(keyId)
  return key === undefined ? err({ code: 'nras_key_unknown', token: name, keyId }) : ok(key)
}

function readPart<T>(
  name: string,
  text: string,
  read: (field: JsonField) => T,
): Result<T, NrasFormError> {
  const bytes = parseBase64Url(utf8(text))
  if (bytes === undefined) return malformed(name, 'base64_invalid')
  const value = readJson(bytes, read)
  return value.ok ? value : malformed(name, value.error.reason, value.error.path)
}

export function malformed(
  token: string,
  reason: TokenReason,
  path = '',
): Result<never, NrasFormError> {
  return err({ code: 'nras_malformed', token, reason, path })
}
