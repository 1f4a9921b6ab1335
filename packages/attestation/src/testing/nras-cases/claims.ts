import type { NrasClaims } from '@tacit/platform-dev'
import { editOf, malformed, type NrasCase, type NrasToken } from './case.ts'

/** Claims that are signed as they are. */
export const CLAIM_CASES: readonly NrasCase[] = [
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
    'a device that was not given',
    'overall',
    { submods: { 'GPU-7': digest('00') } },
    { code: 'nras_submodule_mismatch', token: 'GPU-7' },
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

function claims(
  name: string,
  token: NrasToken,
  change: NrasClaims,
  expected: NrasCase['expected'],
): NrasCase {
  return { name, attack: { editClaims: editOf(token, change) }, expected }
}

function digest(byte: string): unknown {
  return ['DIGEST', ['SHA-256', byte.repeat(32)]]
}
