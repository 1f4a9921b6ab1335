import type { NrasAttack, NrasClaims } from '@tacit/platform-dev'
import type { NrasError } from '../nvidia/nras/errors.ts'

/** An answer of NVIDIA's service that must be refused, and with what. */
export interface NrasCase {
  readonly name: string
  readonly attack: NrasAttack
  readonly expected: Partial<NrasError> & { readonly code: NrasError['code'] }
}

type Token = 'overall' | 'GPU-0'
type Reason = Extract<NrasError, { code: 'nras_malformed' }>['reason']

const HEADERS: readonly NrasCase[] = [
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

const TOKENS: readonly NrasCase[] = [
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

const CLAIMS: readonly NrasCase[] = [
  claims(
    'another issuer',
    'overall',
    { iss: 'https://nras.attestation-stg.nvidia.com' },
    {
      code: 'nras_issuer_mismatch',
      token: 'overall',
      issuer: 'https://nras.attestation-stg.nvidia.com',
    },
  ),
  claims(
    'a device by another issuer',
    'GPU-0',
    { iss: 'https://example.org' },
    { code: 'nras_issuer_mismatch', token: 'GPU-0', issuer: 'https://example.org' },
  ),
  claims('no issuer', 'overall', { iss: undefined }, malformed('missing', 'iss')),
  claims(
    'another subject',
    'overall',
    { sub: 'NVIDIA-GPU-ATTESTATION' },
    malformed('value_invalid', 'sub'),
  ),
  claims('another nonce', 'overall', { eat_nonce: '00'.repeat(32) }, { code: 'nonce_mismatch' }),
  claims(
    'a device of another nonce',
    'GPU-0',
    { eat_nonce: '00'.repeat(32) },
    { code: 'nonce_mismatch' },
  ),
  claims(
    'a nonce among others',
    'overall',
    { eat_nonce: ['00'.repeat(32)] },
    malformed('value_invalid', 'eat_nonce'),
  ),
  claims('a short nonce', 'overall', { eat_nonce: '00' }, malformed('value_invalid', 'eat_nonce')),
  claims('no nonce', 'GPU-0', { eat_nonce: undefined }, malformed('missing', 'eat_nonce', 'GPU-0')),
  claims('no end', 'overall', { exp: undefined }, malformed('missing', 'exp')),
  claims(
    'an end that is no number',
    'overall',
    { exp: '9999999999' },
    malformed('value_invalid', 'exp'),
  ),
  claims('an end with a fraction', 'overall', { exp: 1.5 }, malformed('value_invalid', 'exp')),
  claims('no time of issue', 'overall', { iat: undefined }, malformed('missing', 'iat')),
  claims(
    'an expired token',
    'overall',
    { exp: 1 },
    { code: 'collateral_expired', item: 'nras_token' },
  ),
  claims(
    'an expired device token',
    'GPU-0',
    { exp: 1 },
    { code: 'collateral_expired', item: 'nras_token' },
  ),
  claims(
    'a token of the future',
    'overall',
    { iat: 4_000_000_000 },
    { code: 'collateral_not_yet_valid', item: 'nras_token' },
  ),
  claims(
    'a token not yet to be used',
    'GPU-0',
    { nbf: 4_000_000_000 },
    { code: 'collateral_not_yet_valid', item: 'nras_token' },
  ),
  claims(
    'a negative result',
    'overall',
    { 'x-nvidia-overall-att-result': false },
    { code: 'nras_result_negative' },
  ),
  claims(
    'a result that is no boolean',
    'overall',
    { 'x-nvidia-overall-att-result': 'true' },
    malformed('value_invalid', 'x-nvidia-overall-att-result'),
  ),
  claims(
    'no result',
    'overall',
    { 'x-nvidia-overall-att-result': undefined },
    malformed('missing', 'x-nvidia-overall-att-result'),
  ),
  claims(
    'no version',
    'overall',
    { 'x-nvidia-ver': undefined },
    malformed('missing', 'x-nvidia-ver'),
  ),
  claims('no devices', 'overall', { submods: {} }, malformed('value_invalid', 'submods')),
  claims(
    'a device of another name',
    'overall',
    { submods: { 'CPU-0': digest('00') } },
    malformed('value_invalid', 'submods'),
  ),
  claims(
    'another digest of a device',
    'overall',
    { submods: { 'GPU-0': digest('00') } },
    { code: 'nras_submodule_mismatch', token: 'GPU-0' },
  ),
  claims(
    'one device more',
    'overall',
    { submods: { 'GPU-1': digest('00') } },
    { code: 'nras_submodule_mismatch', token: 'GPU-1' },
  ),
  claims(
    'a digest by another function',
    'overall',
    { submods: { 'GPU-0': ['DIGEST', ['SHA-1', '00'.repeat(20)]] } },
    malformed('value_invalid', 'submods.GPU-0[1][0]'),
  ),
  claims(
    'a digest of another form',
    'overall',
    { submods: { 'GPU-0': ['VALUE', ['SHA-256', '00'.repeat(32)]] } },
    malformed('value_invalid', 'submods.GPU-0[0]'),
  ),
  claims(
    'a short digest',
    'overall',
    { submods: { 'GPU-0': ['DIGEST', ['SHA-256', '00']] } },
    malformed('value_invalid', 'submods.GPU-0[1][1]'),
  ),
  claims(
    'a digest without its function',
    'overall',
    { submods: { 'GPU-0': ['DIGEST', '00'] } },
    malformed('value_invalid', 'submods.GPU-0[1]'),
  ),
  claims(
    'a serial number in hex',
    'GPU-0',
    { ueid: '0x12' },
    malformed('value_invalid', 'ueid', 'GPU-0'),
  ),
  claims(
    'a serial number above 20 bytes',
    'GPU-0',
    { ueid: '9'.repeat(49) },
    malformed('value_invalid', 'ueid', 'GPU-0'),
  ),
  claims(
    'a version that is no text',
    'GPU-0',
    { 'x-nvidia-gpu-driver-version': 550 },
    malformed('value_invalid', 'x-nvidia-gpu-driver-version', 'GPU-0'),
  ),
  claims(
    'secure boot that is no boolean',
    'GPU-0',
    { secboot: 'true' },
    malformed('value_invalid', 'secboot', 'GPU-0'),
  ),
  claims(
    'a chain that is no object',
    'GPU-0',
    { 'x-nvidia-gpu-driver-rim-cert-chain': 1 },
    malformed('value_invalid', 'x-nvidia-gpu-driver-rim-cert-chain', 'GPU-0'),
  ),
  claims(
    'claims without end',
    'GPU-0',
    Object.fromEntries(Array.from({ length: 129 }, (_, at) => [`a${at}`, 1])),
    malformed('too_many', '', 'GPU-0'),
  ),
]

const RESULTS: readonly NrasCase[] = [
  result('a device left out', (json) => json.replace(/\{"GPU-0":"[^"]*",/, '{'), {
    code: 'nras_submodule_mismatch',
    token: 'GPU-0',
  }),
  result('a device added', (json) => json.replace(/"GPU-0":("[^"]*")/, '"GPU-0":$1,"GPU-7":$1'), {
    code: 'nras_submodule_mismatch',
    token: 'GPU-7',
  }),
  result(
    'devices in each other’s place',
    (json) => json.replace(/"GPU-0":("[^"]*"),"GPU-1":("[^"]*")/, '"GPU-0":$2,"GPU-1":$1'),
    { code: 'nras_submodule_mismatch', token: 'GPU-0' },
  ),
  result(
    'a device twice',
    (json) => json.replace(/"GPU-0":("[^"]*")/, '"GPU-0":$1,"GPU-0":$1'),
    inResult('name_duplicate', ''),
  ),
  result('no device', (json) => json.replace(/\{.*\}/, '{}'), inResult('value_invalid', '[1]')),
  result(
    'a name that is no device’s',
    (json) => json.replace('GPU-0', 'GPU-'),
    inResult('value_invalid', '[1]'),
  ),
  result(
    'a device that is no text',
    (json) => json.replace(/"GPU-0":"[^"]*"/, '"GPU-0":["JWT"]'),
    inResult('value_invalid', '[1].GPU-0'),
  ),
  result(
    'another kind of token',
    (json) => json.replace('"JWT"', '"CWT"'),
    inResult('value_invalid', '[0][0]'),
  ),
  result(
    'the overall token without its devices',
    (json) => json.replace(/,\{.*\}\]/, ']'),
    inResult('value_invalid', ''),
  ),
  result('a third part', (json) => json.replace(/\]$/, ',1]'), inResult('too_many', '')),
  result('no JSON', (json) => json.slice(0, -1), inResult('not_json', '')),
  result(
    'a device token in the place of the overall one',
    (json) => json.replace(/"JWT","[^"]*"(.*"GPU-0":)("[^"]*")/, '"JWT",$2$1$2'),
    malformed('missing', 'sub'),
  ),
  result('arrays without end', () => '['.repeat(1000), inResult('too_deep', '')),
  result('256 KiB', (json) => json + ' '.repeat(256 * 1024), inResult('too_long', '')),
]

const KEYS: readonly NrasCase[] = [
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

/** Every way in which an answer for GPU-0 and GPU-1 is made wrong, with its error. */
export const NRAS_CASES: readonly NrasCase[] = [
  ...HEADERS,
  ...TOKENS,
  ...CLAIMS,
  ...RESULTS,
  ...KEYS,
]

function malformed(reason: Reason, path: string, token: Token = 'overall'): NrasCase['expected'] {
  return { code: 'nras_malformed', token, reason, path }
}

function inResult(reason: Reason, path: string): NrasCase['expected'] {
  return { code: 'nras_malformed', token: 'result', reason, path }
}

/** Changed fields; undefined takes a field away. */
function header(
  name: string,
  token: Token,
  change: NrasClaims,
  expected: NrasCase['expected'],
): NrasCase {
  return { name, attack: { editHeader: editOf(token, change) }, expected }
}

function claims(
  name: string,
  token: Token,
  change: NrasClaims,
  expected: NrasCase['expected'],
): NrasCase {
  return { name, attack: { editClaims: editOf(token, change) }, expected }
}

function editOf(token: Token, change: NrasClaims): (name: string, fields: NrasClaims) => void {
  return (name, fields) => {
    if (name !== token) return
    for (const [key, value] of Object.entries(change)) {
      if (key === 'submods') Object.assign(Object(fields[key]), value)
      else fields[key] = value
    }
    if (Object.keys(Object(change['submods'] ?? { x: 1 })).length === 0) fields['submods'] = {}
  }
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

function result(
  name: string,
  editResult: (json: string) => string,
  expected: NrasCase['expected'],
): NrasCase {
  return { name, attack: { editResult }, expected }
}

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

function digest(byte: string): unknown {
  return ['DIGEST', ['SHA-256', byte.repeat(32)]]
}

function encode(text: string): string {
  return Buffer.from(text).toString('base64url')
}
