import { utf8 } from '@tacit/base'
import type { DevAmdAttack, DevAmdRole } from '@tacit/platform-dev'
import { NOW } from '../kit.ts'
import { amdOf } from '../snp-kit.ts'
import { snpCase, withCollateral, type SnpCase, type SnpExpectation } from './case.ts'

type Row = readonly [name: string, what: string, attack: DevAmdAttack, expected: SnpExpectation]

const AMD = '1.3.6.1.4.1.3704.1'
const PAST = NOW - 1
const FUTURE = NOW + 1

function certificate(role: DevAmdRole, change: object): DevAmdAttack {
  return { certificates: { [role]: change } }
}

function pemBlocks(pem: Uint8Array | undefined): string[] {
  return new TextDecoder().decode(pem).split(/(?=-----BEGIN)/)
}

function malformed(id: string): SnpExpectation {
  return { code: 'endorsement_extension_malformed', extension: `${AMD}.${id}` }
}

const RULES: readonly Row[] = [
  [
    'ask-forged',
    'the ASK is signed by itself',
    { signers: { ask: 'ask' } },
    { code: 'ask_signature_invalid' },
  ],
  [
    'vcek-forged',
    'the VCEK is certified by the ARK, in the name of the ASK',
    { signers: { vcek: 'root' } },
    { code: 'vcek_signature_invalid' },
  ],
  [
    'vcek-by-asvk',
    'the VCEK is certified by the ASVK, in the name of the ASK',
    { signers: { vcek: 'asvk' } },
    { code: 'vcek_signature_invalid' },
  ],
  [
    'crl-forged',
    'the list is signed by the ASK',
    { signers: { crl: 'ask' } },
    { code: 'crl_signature_invalid' },
  ],
  [
    'crl-by-ask',
    'the list is issued in the name of the ASK',
    { crlIssuer: 'ask' },
    { code: 'crl_issuer_mismatch', crl: 'crl' },
  ],
  ['ask-revoked', 'the list names the ASK', { revoked: ['ask'] }, { code: 'ask_revoked' }],
  [
    'asvk-revoked-only',
    'the list names the ASVK, which is not used',
    { revoked: ['asvk'] },
    { verdict: { signingKey: 'vcek' } },
  ],
  [
    'crl-expired',
    'the list is a second too old',
    { crlWindow: { from: 0, until: PAST } },
    { code: 'collateral_expired', item: 'crl' },
  ],
  [
    'crl-early',
    'the list is a second too new',
    { crlWindow: { from: FUTURE, until: FUTURE } },
    { code: 'collateral_not_yet_valid', item: 'crl' },
  ],
  [
    'vcek-expired',
    'the certificate of the VCEK is a second too old',
    certificate('vcek', { notAfter: PAST }),
    { code: 'certificate_expired', certificate: 'vcek' },
  ],
  [
    'vcek-early',
    'the certificate of the VCEK is a second too new',
    certificate('vcek', { notBefore: FUTURE }),
    { code: 'certificate_not_yet_valid', certificate: 'vcek' },
  ],
  [
    'ask-expired',
    'the ASK is a second too old',
    certificate('ask', { notAfter: PAST }),
    { code: 'certificate_expired', certificate: 'ask' },
  ],
  [
    'root-expired',
    'the ARK is a second too old',
    certificate('root', { notAfter: PAST }),
    { code: 'certificate_expired', certificate: 'root' },
  ],
  [
    'ask-no-ca',
    'the ASK is no CA',
    certificate('ask', { isCa: false, pathLength: undefined }),
    { code: 'certificate_not_ca', certificate: 'ask' },
  ],
  [
    'root-no-ca',
    'the ARK is no CA',
    certificate('root', { isCa: false }),
    { code: 'certificate_not_ca', certificate: 'root' },
  ],
  [
    'vcek-is-ca',
    'the VCEK is a CA, below a path length of 0',
    certificate('vcek', { isCa: true }),
    { code: 'certificate_path_too_long', certificate: 'vcek' },
  ],
  [
    'vcek-is-ca-allowed',
    'the VCEK is a CA below an ASK without a path length',
    { certificates: { vcek: { isCa: true }, ask: { pathLength: undefined } } },
    { code: 'certificate_is_ca', certificate: 'vcek' },
  ],
  [
    'ask-key-usage',
    'the ASK may not sign certificates',
    certificate('ask', { keyUsage: 0x80 }),
    { code: 'certificate_key_usage_wrong', certificate: 'ask' },
  ],
  [
    'root-key-usage',
    'the ARK may not sign lists',
    certificate('root', { keyUsage: 0x04 }),
    { code: 'certificate_key_usage_wrong', certificate: 'root' },
  ],
  [
    'ask-of-milan',
    'the ASK is that of another family',
    certificate('ask', { commonName: 'SEV-Milan' }),
    { code: 'certificate_role_wrong', certificate: 'ask', commonName: 'SEV-Milan' },
  ],
  [
    'ask-is-asvk',
    'a VCEK under an ASVK',
    certificate('ask', { commonName: 'SEV-VLEK-Genoa' }),
    { code: 'certificate_role_wrong', certificate: 'ask', commonName: 'SEV-VLEK-Genoa' },
  ],
  [
    'vcek-name',
    'the VCEK has another name',
    certificate('vcek', { commonName: 'SEV-VCEK2' }),
    { code: 'certificate_role_wrong', certificate: 'vcek', commonName: 'SEV-VCEK2' },
  ],
]

const EXTENSIONS: readonly Row[] = [
  [
    'hwid-missing',
    'the certificate of a VCEK names no chip',
    { endorsement: { hwid: undefined } },
    { code: 'hwid_missing' },
  ],
  [
    'hwid-short',
    'the HWID has 8 bytes on Genoa',
    { endorsement: { hwid: new Uint8Array(8) } },
    malformed('4'),
  ],
  [
    'struct-version-2',
    'a version of the extensions to come',
    { endorsement: { structVersion: 2 } },
    malformed('1'),
  ],
  [
    'struct-version-missing',
    'no version of the extensions',
    { endorsement: { structVersion: undefined } },
    malformed('1'),
  ],
  [
    'product-missing',
    'no product name',
    { endorsement: { productName: undefined } },
    malformed('2'),
  ],
  [
    'product-venice',
    'a product to come',
    { endorsement: { productName: 'Venice-A0' } },
    { code: 'endorsement_product_unsupported', productName: 'Venice-A0' },
  ],
  [
    'product-milan',
    'the product is of another family than its ASK',
    { endorsement: { productName: 'Milan-B0' } },
    { code: 'certificate_role_wrong', certificate: 'ask', commonName: 'SEV-Genoa' },
  ],
  ['snp-missing', 'no SNP level', { endorsement: { snp: undefined } }, malformed('3.3')],
  ['snp-too-large', 'an SNP level above 255', { endorsement: { snp: 256 } }, malformed('3.3')],
  [
    'reserved-level',
    'a reserved level is not zero',
    { endorsement: { reserved: [0, 0, 1, 0] } },
    malformed('3.6'),
  ],
  ['fmc-on-genoa', 'an FMC level on Genoa', { endorsement: { fmc: 0 } }, malformed('3.9')],
]

const VLEK_ROWS: readonly Row[] = [
  [
    'csp-id-missing',
    'the certificate of a VLEK names no cloud',
    { endorsement: { cspId: undefined } },
    { code: 'csp_id_missing' },
  ],
  [
    'hwid-on-vlek',
    'the certificate of a VLEK names a chip',
    { endorsement: { hwid: new Uint8Array(64) } },
    { code: 'hwid_unexpected' },
  ],
  ['asvk-revoked', 'the list names the ASVK', { revoked: ['asvk'] }, { code: 'asvk_revoked' }],
  [
    'asvk-forged',
    'the ASVK is signed by itself',
    { signers: { asvk: 'asvk' } },
    { code: 'asvk_signature_invalid' },
  ],
  [
    'vlek-by-ask',
    'the VLEK is certified by the ASK, in the name of the ASVK',
    { signers: { vlek: 'ask' } },
    { code: 'vlek_signature_invalid' },
  ],
  [
    'vlek-expired',
    'the certificate of the VLEK is a second too old',
    certificate('vlek', { notAfter: PAST }),
    { code: 'certificate_expired', certificate: 'vlek' },
  ],
  [
    'asvk-is-ask',
    'a VLEK under an ASK',
    certificate('asvk', { commonName: 'SEV-Genoa' }),
    { code: 'certificate_role_wrong', certificate: 'asvk', commonName: 'SEV-Genoa' },
  ],
]

/** Certificates, chains and revocation lists that are wrong. */
export const CERTIFICATE_CASES: readonly SnpCase[] = [
  ...[...RULES, ...EXTENSIONS].map(([name, what, attack, expected]) =>
    snpCase(name, what, expected, { attack }),
  ),
  ...VLEK_ROWS.map(([name, what, attack, expected]) =>
    snpCase(name, what, expected, { attack, launch: { signingKey: 'vlek' } }),
  ),
  snpCase('turin-fmc-missing', 'no FMC level on Turin', malformed('3.9'), {
    options: { family: 'Turin' },
    attack: { endorsement: { fmc: undefined } },
  }),
  snpCase('turin-hwid-long', 'the HWID has 64 bytes on Turin', malformed('4'), {
    options: { family: 'Turin' },
    attack: { endorsement: { hwid: new Uint8Array(64) } },
  }),
  snpCase(
    'issuer-mismatch',
    'the ASK names another issuer than the ARK, whose key signed it',
    { code: 'chain_issuer_mismatch', certificate: 'ask' },
    {
      edit: (input) => {
        const other = amdOf().attack(certificate('root', { commonName: 'Another ARK' }))
        const [, root = ''] = pemBlocks(other.collateral().chain)
        const [ask = ''] = pemBlocks(input.collateral.chain)
        const chain = utf8(ask + root)
        return { ...input, collateral: { ...input.collateral, chain }, roots: [other.root] }
      },
    },
  ),
  snpCase(
    'vcek-key-rsa',
    'the certificate of the VCEK has an RSA key',
    { code: 'certificate_malformed', certificate: 'vcek', reason: 'algorithm_unsupported' },
    { attack: certificate('vcek', { publicKey: new Uint8Array(256).fill(0xff) }) },
  ),
  snpCase(
    'ask-key-p384',
    'the ASK has a key on P-384',
    { code: 'certificate_malformed', certificate: 'ask', reason: 'algorithm_unsupported' },
    { attack: certificate('ask', { publicKey: new Uint8Array(96) }) },
  ),
  snpCase(
    'vcek-key-p256',
    'the certificate of the VCEK has a key on P-256',
    { code: 'certificate_malformed', certificate: 'vcek', reason: 'algorithm_unsupported' },
    { attack: certificate('vcek', { publicKey: new Uint8Array(64) }) },
  ),
  snpCase(
    'chain-of-one',
    'a chain without the ARK',
    { code: 'chain_length_wrong', length: 1 },
    { edit: withCollateral(({ chain }) => ({ chain: utf8(pemBlocks(chain)[0] ?? '') })) },
  ),
  snpCase(
    'chain-repeated',
    'a chain that is there twice',
    { code: 'chain_length_wrong', length: 4 },
    {
      edit: withCollateral(({ chain }) => ({
        chain: Uint8Array.of(...(chain ?? []), ...(chain ?? [])),
      })),
    },
  ),
  snpCase(
    'chain-no-pem',
    'a chain that is not PEM',
    { code: 'chain_malformed', chain: 'vcek', reason: 'boundary_invalid' },
    { edit: withCollateral(() => ({ chain: new Uint8Array(8).fill(0x41) })) },
  ),
  snpCase(
    'crl-truncated',
    'a list cut short',
    { code: 'crl_malformed', crl: 'crl', reason: 'truncated' },
    { edit: withCollateral(({ crl }) => ({ crl: crl?.subarray(0, -1) })) },
  ),
  snpCase(
    'crl-long',
    'a list above 512 KiB',
    { code: 'crl_malformed', crl: 'crl', reason: 'too_long' },
    { edit: withCollateral(() => ({ crl: new Uint8Array(512 * 1024 + 1) })) },
  ),
]
