import type { NrasClaims } from '@tacit/platform-dev'
import { editOf, encode, malformed, type NrasCase, type NrasToken } from './case.ts'

/** Headers that would have another key or algorithm count, or that are not understood. */
export const HEADER_CASES: readonly NrasCase[] = [
  ...(
    ['none', 'HS256', 'HS384', 'RS256', 'RS384', 'PS384', 'ES256', 'ES512', 'es384'] as const
  ).map((alg) =>
    header(
      `algorithm ${alg}`,
      'overall',
      { alg },
      { code: 'nras_algorithm_unsupported', token: 'overall', algorithm: alg },
    ),
  ),
  header(
    'a device token with algorithm none',
    'GPU-0',
    { alg: 'none' },
    { code: 'nras_algorithm_unsupported', token: 'GPU-0', algorithm: 'none' },
  ),
  header(
    'an algorithm that is no text',
    'overall',
    { alg: ['ES384'] },
    malformed('value_invalid', 'alg'),
  ),
  header('no algorithm', 'overall', { alg: undefined }, malformed('missing', 'alg')),
  header('no key name', 'overall', { kid: undefined }, malformed('missing', 'kid')),
  header('a key name that is no text', 'overall', { kid: 1 }, malformed('value_invalid', 'kid')),
  header(
    'an unknown key',
    'overall',
    { kid: 'other' },
    { code: 'nras_key_unknown', token: 'overall', keyId: 'other' },
  ),
  header(
    'a key name that objects inherit',
    'overall',
    { kid: '__proto__' },
    { code: 'nras_key_unknown', token: 'overall', keyId: '__proto__' },
  ),
  header(
    'a key name that is a path',
    'GPU-0',
    { kid: '../../keys' },
    { code: 'nras_key_unknown', token: 'GPU-0', keyId: '../../keys' },
  ),
  header(
    'a critical header',
    'overall',
    { crit: ['exp'] },
    malformed('header_unsupported', 'crit'),
  ),
  header('an unencoded payload', 'overall', { b64: false }, malformed('header_unsupported', 'b64')),
  header('a key of its own', 'overall', { jwk: {} }, malformed('header_unsupported', 'jwk')),
  header(
    'a key set of its own',
    'overall',
    { jku: 'https://example.org' },
    malformed('header_unsupported', 'jku'),
  ),
  header('certificates of its own', 'overall', { x5c: [] }, malformed('header_unsupported', 'x5c')),
  header('another type', 'overall', { typ: 'JWE' }, malformed('value_invalid', 'typ')),
]

/** Text that is no token, and tokens by other signers. */
export const TOKEN_CASES: readonly NrasCase[] = [
  token(
    'two parts',
    (text) => text.slice(0, text.lastIndexOf('.')),
    malformed('parts_invalid', ''),
  ),
  token('four parts', (text) => `${text}.`, malformed('parts_invalid', '')),
  token('no text', () => '', malformed('parts_invalid', '')),
  token('a token of 64 KiB', (text) => text + 'A'.repeat(65_536), malformed('parts_invalid', '')),
  token('padding', (text) => `${text}==`, malformed('base64_invalid', 'signature')),
  token('white space', (text) => text.replace('.', ' .'), malformed('base64_invalid', '')),
  token(
    'standard base64',
    (text) => text.replace(/\.[^.]{4}/, '.+/+/'),
    malformed('base64_invalid', ''),
  ),
  token(
    'spare bits',
    (text) => `${text.slice(0, text.lastIndexOf('.'))}.AB`,
    malformed('base64_invalid', 'signature'),
  ),
  token(
    'no signature',
    (text) => text.slice(0, text.lastIndexOf('.') + 1),
    malformed('base64_invalid', 'signature'),
  ),
  token(
    'a short signature',
    (text) => text.slice(0, -4),
    malformed('signature_invalid', 'signature'),
  ),
  token(
    'a signature in DER',
    (text) => `${text}AAAAAAAA`,
    malformed('signature_invalid', 'signature'),
  ),
  token(
    'a payload that is no JSON',
    (text) => text.replace(/\..*\./, '.AAAA.'),
    malformed('not_json', ''),
  ),
  token(
    'a payload that is no UTF-8',
    (text) => text.replace(/\..*\./, '._w.'),
    malformed('not_utf8', ''),
  ),
  token(
    'a payload that is no object',
    (text) => text.replace(/\..*\./, '.W10.'),
    malformed('value_invalid', ''),
  ),
  token(
    'a name twice in the header',
    (text) => text.replace(/^[^.]*/, encode('{"alg":"none","alg":"ES384","kid":"x"}')),
    malformed('name_duplicate', ''),
  ),
  token(
    'a name twice in the payload',
    (text) => text.replace(/\..*\./, `.${encode('{"iss":"a","iss":"b"}')}.`),
    malformed('name_duplicate', ''),
  ),
  {
    name: 'a token signed by a stranger',
    attack: { strangers: ['overall'] },
    expected: { code: 'nras_signature_invalid' },
  },
  {
    name: 'a device token signed by a stranger',
    attack: { strangers: ['GPU-0'] },
    expected: { code: 'nras_signature_invalid' },
  },
]

function header(
  name: string,
  token: NrasToken,
  change: NrasClaims,
  expected: NrasCase['expected'],
): NrasCase {
  return { name, attack: { editHeader: editOf(token, change) }, expected }
}

function token(
  name: string,
  edit: (text: string) => string,
  expected: NrasCase['expected'],
): NrasCase {
  return {
    name,
    attack: { editToken: (which, text) => (which === 'overall' ? edit(text) : text) },
    expected,
  }
}
