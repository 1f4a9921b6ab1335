import type { NrasAttack, NrasClaims } from '@tacit/platform-dev'
import type { NrasCase } from './case.ts'

/** Key sets without the key, or that are none. */
export const KEY_CASES: readonly NrasCase[] = [
  keys('a key twice', (set) => set.keys.push({ ...set.keys[0] }), {
    code: 'jwks_malformed',
    reason: 'name_duplicate',
    path: 'keys[1].kid',
  }),
  keys('a key without a name', (set) => set.keys.push({ kty: 'EC' }), {
    code: 'jwks_malformed',
    reason: 'missing',
    path: 'keys[1].kid',
  }),
  keys(
    '65 keys',
    (set) =>
      set.keys.push(...Array.from({ length: 64 }, (_, at) => ({ kid: `${at}`, kty: 'RSA' }))),
    { code: 'jwks_malformed', reason: 'too_many', path: 'keys' },
  ),
  key('a key on another curve', { crv: 'P-256' }, { code: 'nras_key_unknown', token: 'overall' }),
  key('a key of another type', { kty: 'oct' }, { code: 'nras_key_unknown', token: 'overall' }),
  key(
    'a key for another algorithm',
    { alg: 'ES256' },
    { code: 'nras_key_unknown', token: 'overall' },
  ),
  key('a key for encryption', { use: 'enc' }, { code: 'nras_key_unknown', token: 'overall' }),
  key(
    'a short coordinate',
    { x: 'AAAA' },
    { code: 'jwks_malformed', reason: 'value_invalid', path: 'keys[0].x' },
  ),
  key(
    'a coordinate missing',
    { y: undefined },
    { code: 'jwks_malformed', reason: 'missing', path: 'keys[0].y' },
  ),
  key(
    'neither coordinates nor certificates',
    { x: undefined, x5c: undefined },
    { code: 'jwks_malformed', reason: 'missing', path: 'keys[0].x5c' },
  ),
  key(
    'a certificate that is none',
    { x: undefined, x5c: ['AAAA'] },
    { code: 'jwks_malformed', reason: 'value_invalid', path: 'keys[0].x5c[0]' },
  ),
  key(
    'a certificate that is no base64',
    { x: undefined, x5c: ['-'] },
    { code: 'jwks_malformed', reason: 'value_invalid', path: 'keys[0].x5c[0]' },
  ),
  key(
    'a point that is not on the curve',
    { x: 'A'.repeat(64) },
    { code: 'nras_signature_invalid' },
  ),
]

function keys(
  name: string,
  editKeys: NonNullable<NrasAttack['editKeys']>,
  expected: NrasCase['expected'],
): NrasCase {
  return { name, attack: { editKeys }, expected }
}

function key(name: string, change: NrasClaims, expected: NrasCase['expected']): NrasCase {
  return keys(name, (set) => void Object.assign(set.keys[0] ?? {}, change), expected)
}
