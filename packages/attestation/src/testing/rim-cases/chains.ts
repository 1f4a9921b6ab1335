import type { RimAttack } from '@tacit/platform-dev'
import { DAY, NOW } from '../kit.ts'
import type { RimCase } from './case.ts'

/** Chains with one thing wrong. */
export const CHAIN_CASES: readonly RimCase[] = [
  {
    name: 'another root',
    attack: {
      editDocument: (xml) => xml.replace(/[^>]*(<\/ds:X509Certificate><\/ds:X509Data>)/, 'AAAA$1'),
    },
    expected: { code: 'root_untrusted', chain: 'rim' },
  },
  {
    name: 'a chain without its root',
    attack: { chain: ['rim_signer', 'rim_issuing_ca', 'rim_product_ca'] },
    expected: { code: 'root_untrusted', chain: 'rim' },
  },
  {
    name: 'a chain without an intermediate',
    attack: { chain: ['rim_signer', 'rim_product_ca', 'root'] },
    expected: { code: 'chain_length_wrong', chain: 'rim', length: 3 },
  },
  {
    name: 'a chain with one certificate too many',
    attack: { chain: ['rim_signer', 'rim_issuing_ca', 'rim_issuing_ca', 'rim_product_ca', 'root'] },
    expected: { code: 'chain_length_wrong', chain: 'rim', length: 5 },
  },
  {
    name: 'the root alone',
    attack: { chain: ['root'] },
    expected: { code: 'chain_length_wrong', chain: 'rim', length: 1 },
  },
  {
    name: 'a chain in another order',
    attack: { chain: ['rim_signer', 'rim_product_ca', 'rim_issuing_ca', 'root'] },
    expected: { code: 'rim_product_ca_signature_invalid' },
  },
  {
    name: 'a product CA signed by another',
    attack: { signers: { rim_product_ca: 'rim_issuing_ca' } },
    expected: { code: 'rim_product_ca_signature_invalid' },
  },
  {
    name: 'an issuing CA signed by the root',
    attack: { signers: { rim_issuing_ca: 'root' } },
    expected: { code: 'rim_issuing_ca_signature_invalid' },
  },
  {
    name: 'a signer signed by itself',
    attack: { signers: { rim_signer: 'rim_signer' } },
    expected: { code: 'rim_signer_signature_invalid' },
  },
  {
    name: 'a manifest signed by a CA',
    attack: { signers: { document: 'rim_issuing_ca' } },
    expected: { code: 'rim_signature_invalid' },
  },
  certified(
    'an issuing CA that is no CA',
    'rim_issuing_ca',
    { isCa: false, pathLength: undefined },
    'certificate_not_ca',
  ),
  certified('a signer that is a CA', 'rim_signer', { isCa: true }, 'certificate_path_too_long'),
  certified(
    'a root that is no CA',
    'root',
    { isCa: false, pathLength: undefined },
    'certificate_not_ca',
  ),
  certified(
    'an issuing CA that may not sign certificates',
    'rim_issuing_ca',
    { keyUsage: 0x80 },
    'certificate_key_usage_wrong',
  ),
  certified(
    'a signer that may not sign',
    'rim_signer',
    { keyUsage: 0x20 },
    'certificate_key_usage_wrong',
  ),
  certified(
    'a signer of another name',
    'rim_signer',
    { commonName: 'GH100 A01 GSP BROM' },
    'certificate_role_wrong',
  ),
  certified(
    'an issuing CA for debugging',
    'rim_issuing_ca',
    { commonName: 'NVIDIA Reference Value L3 GH100 001 Debug Only' },
    'certificate_role_wrong',
  ),
  certified(
    'a product CA of another name',
    'rim_product_ca',
    { commonName: 'NVIDIA GH100 Identity' },
    'certificate_role_wrong',
  ),
  certified(
    'a product CA that allows no other',
    'rim_product_ca',
    { pathLength: 0 },
    'certificate_path_too_long',
    'rim_issuing_ca',
  ),
  certified('an expired signer', 'rim_signer', { notAfter: NOW - 1 }, 'certificate_expired'),
  certified(
    'a signer of the future',
    'rim_signer',
    { notBefore: NOW + 1 },
    'certificate_not_yet_valid',
  ),
  certified(
    'an expired issuing CA',
    'rim_issuing_ca',
    { notAfter: NOW - DAY },
    'certificate_expired',
  ),
  certified('an expired root', 'root', { notAfter: NOW - 1 }, 'certificate_expired'),
]

type RimAttackRole = keyof NonNullable<RimAttack['certificates']>

function certified(
  name: string,
  role: RimAttackRole,
  change: NonNullable<NonNullable<RimAttack['certificates']>[RimAttackRole]>,
  code:
    | 'certificate_not_ca'
    | 'certificate_key_usage_wrong'
    | 'certificate_role_wrong'
    | 'certificate_path_too_long'
    | 'certificate_expired'
    | 'certificate_not_yet_valid',
  certificate: RimAttackRole = role,
): RimCase {
  return { name, attack: { certificates: { [role]: change } }, expected: { code, certificate } }
}
