import type { DevAttack } from '@tacit/platform-dev'
import { NOW } from '../kit.ts'
import { dcapCase, type DcapCase, type DcapExpectation } from './case.ts'

type Role = 'root' | 'pck_ca' | 'pck' | 'tcb_signing'
type Row = readonly [name: string, what: string, attack: DevAttack, expected: DcapExpectation]

function role(certificate: Role, change: object): DevAttack {
  return { certificates: { [certificate]: change } }
}

function chainOf(roles: Role): string {
  return { root: 'root', pck_ca: 'PCK CA', pck: 'PCK', tcb_signing: 'TCB signing' }[roles]
}

const NO_CA = { isCa: false, pathLength: undefined }
const RULES: readonly Row[] = [
  [
    'pck-ca-no-ca',
    'the PCK CA is no CA',
    role('pck_ca', NO_CA),
    { code: 'certificate_not_ca', certificate: 'pck_ca' },
  ],
  [
    'root-no-ca',
    'the root is no CA',
    role('root', NO_CA),
    { code: 'certificate_not_ca', certificate: 'root' },
  ],
  [
    'pck-is-ca',
    'the PCK is a CA, below a path length of 0',
    role('pck', { isCa: true }),
    { code: 'certificate_path_too_long', certificate: 'pck' },
  ],
  [
    'tcb-signing-is-ca',
    'the TCB signer is a CA',
    role('tcb_signing', { isCa: true }),
    { code: 'certificate_is_ca', certificate: 'tcb_signing' },
  ],
  [
    'root-path-length',
    'the root allows no intermediate',
    role('root', { pathLength: 0 }),
    { code: 'certificate_path_too_long', certificate: 'pck_ca' },
  ],
  [
    'pck-ca-no-cert-sign',
    'the PCK CA may not sign certificates',
    role('pck_ca', { keyUsage: 0x02 }),
    { code: 'certificate_key_usage_wrong', certificate: 'pck_ca' },
  ],
  [
    'pck-ca-no-crl-sign',
    'the PCK CA may not sign revocation lists',
    role('pck_ca', { keyUsage: 0x04 }),
    { code: 'certificate_key_usage_wrong', certificate: 'pck_ca' },
  ],
  [
    'pck-no-signature',
    'the PCK may not sign',
    role('pck', { keyUsage: 0x40 }),
    { code: 'certificate_key_usage_wrong', certificate: 'pck' },
  ],
  [
    'tcb-signing-no-signature',
    'the TCB signer may not sign',
    role('tcb_signing', { keyUsage: 0x04 }),
    { code: 'certificate_key_usage_wrong', certificate: 'tcb_signing' },
  ],
  [
    'pck-name',
    "the PCK has the TCB signer's name",
    role('pck', { commonName: 'Intel SGX TCB Signing' }),
    { code: 'certificate_role_wrong', certificate: 'pck', commonName: 'Intel SGX TCB Signing' },
  ],
  [
    'pck-ca-name',
    "the PCK CA has the PCK's name",
    role('pck_ca', { commonName: 'Intel SGX PCK Certificate' }),
    { code: 'certificate_role_wrong', certificate: 'pck_ca' },
  ],
  [
    'tcb-signing-name',
    "the TCB signer has the PCK CA's name",
    role('tcb_signing', { commonName: 'Intel SGX PCK Processor CA' }),
    { code: 'certificate_role_wrong', certificate: 'tcb_signing' },
  ],
  [
    'name-prefix',
    "the PCK's name only begins like the right one",
    role('pck', { commonName: 'Intel SGX PCK Certificate 2' }),
    { code: 'certificate_role_wrong', certificate: 'pck' },
  ],
]

/** An extracted PCK key must not speak for Intel, nor anybody else for another role. */
const SIGNERS: readonly Row[] = [
  ['pck-self-signed', 'the PCK signed itself', { signers: { pck: 'pck' } }, signed('pck')],
  [
    'pck-by-tcb-signing',
    'the TCB signer signed the PCK',
    { signers: { pck: 'tcb_signing' } },
    signed('pck'),
  ],
  [
    'pck-by-root',
    "the root signed the PCK in the PCK CA's name",
    { signers: { pck: 'root' } },
    signed('pck'),
  ],
  ['pck-ca-by-pck', 'the PCK signed the PCK CA', { signers: { pck_ca: 'pck' } }, signed('pck_ca')],
  [
    'tcb-signing-by-pck-ca',
    'the PCK CA signed the TCB signer',
    { signers: { tcb_signing: 'pck_ca' } },
    signed('tcb_signing'),
  ],
  [
    'tcb-info-by-pck',
    'the PCK signed TCB info',
    { signers: { tcb_info: 'pck' } },
    signed('tcb_info'),
  ],
  [
    'tcb-info-by-root',
    'the root signed TCB info',
    { signers: { tcb_info: 'root' } },
    signed('tcb_info'),
  ],
  [
    'qe-identity-by-pck',
    'the PCK signed QE identity',
    { signers: { qe_identity: 'pck' } },
    signed('qe_identity'),
  ],
  [
    'root-crl-by-pck',
    "the PCK signed the root's revocation list",
    { signers: { root_crl: 'pck' } },
    signed('root_crl'),
  ],
  [
    'pck-crl-by-pck',
    'the PCK signed the PCK revocation list',
    { signers: { pck_crl: 'pck' } },
    signed('pck_crl'),
  ],
  [
    'pck-crl-by-root',
    'the root signed the PCK revocation list',
    { signers: { pck_crl: 'root' } },
    signed('pck_crl'),
  ],
  [
    'pck-crl-forged',
    'a forged revocation list names the PCK',
    { signers: { pck_crl: 'pck' }, revoked: ['pck'] },
    signed('pck_crl'),
  ],
]

function signed(what: Role | 'tcb_info' | 'qe_identity' | 'root_crl' | 'pck_crl'): DcapExpectation {
  return what === 'root' ? { code: 'root_untrusted' } : { code: `${what}_signature_invalid` }
}

const REVOKED: readonly Row[] = [
  ['pck-revoked', 'the PCK was revoked', { revoked: ['pck'] }, { code: 'pck_revoked' }],
  ['pck-ca-revoked', 'the PCK CA was revoked', { revoked: ['pck_ca'] }, { code: 'pck_ca_revoked' }],
  [
    'tcb-signing-revoked',
    'the TCB signer was revoked',
    { revoked: ['tcb_signing'] },
    { code: 'tcb_signing_revoked' },
  ],
  [
    'pck-crl-issuer',
    "the PCK revocation list is in the root's name",
    { crlIssuers: { pck_crl: 'root' } },
    { code: 'crl_issuer_mismatch', crl: 'pck_crl' },
  ],
  [
    'root-crl-issuer',
    "the root's revocation list is in the PCK CA's name",
    { crlIssuers: { root_crl: 'pck_ca' } },
    { code: 'crl_issuer_mismatch', crl: 'root_crl' },
  ],
]

const WINDOWS: readonly Row[] = (['pck', 'pck_ca', 'tcb_signing', 'root'] as const).flatMap(
  (certificate): Row[] => [
    [
      `${certificate.replace('_', '-')}-expired`,
      `the ${chainOf(certificate)} certificate expired a second ago`,
      role(certificate, { notAfter: NOW - 1 }),
      { code: 'certificate_expired', certificate },
    ],
    [
      `${certificate.replace('_', '-')}-not-yet`,
      `the ${chainOf(certificate)} certificate is valid a second from now`,
      role(certificate, { notBefore: NOW + 1 }),
      { code: 'certificate_not_yet_valid', certificate },
    ],
    [
      `${certificate.replace('_', '-')}-last-second`,
      `the ${chainOf(certificate)} certificate is valid for this second only`,
      role(certificate, { notBefore: NOW, notAfter: NOW }),
      { status: 'UpToDate' },
    ],
  ],
)

export const CHAIN_CASES: readonly DcapCase[] = [...RULES, ...SIGNERS, ...REVOKED, ...WINDOWS].map(
  ([name, what, attack, expected]) => dcapCase(name, what, expected, { attack }),
)
