import type { CertificateSpec, DevDeviceRole, GpuAttack } from '@tacit/platform-dev'
import type { NvidiaSignatureError } from '../../nvidia/errors.ts'
import { DAY, NOW } from '../kit.ts'
import { nvidiaCase, type NvidiaCase } from './case.ts'

/** Chains that must not vouch for a device. */
export const CHAIN_CASES: readonly NvidiaCase[] = [
  ...(['identity_ca', 'provisioner_ca', 'device', 'root'] as const).map((role) =>
    certificate(`${dashed(role)}-no-ca`, role, { isCa: false }, 'certificate_not_ca'),
  ),
  certificate('attestation-is-ca', 'attestation', { isCa: true }, 'certificate_is_ca'),
  certificate('device-no-sign', 'device', { keyUsage: 0x80 }, 'certificate_key_usage_wrong'),
  certificate(
    'attestation-no-sign',
    'attestation',
    { keyUsage: 0x04 },
    'certificate_key_usage_wrong',
  ),
  nvidiaCase(
    'path-too-long',
    'a CA below a CA that allows none',
    { code: 'certificate_path_too_long', certificate: 'provisioner_ca' },
    { attack: { certificates: { identity_ca: { pathLength: 0 } } } },
  ),
  certificate(
    'identity-role',
    'identity_ca',
    { commonName: 'NVIDIA GH100 Something' },
    'certificate_role_wrong',
  ),
  certificate(
    'provisioner-role',
    'provisioner_ca',
    { commonName: 'NVIDIA GH100 Identity' },
    'certificate_role_wrong',
  ),
  certificate(
    'attestation-role',
    'attestation',
    { commonName: 'GH100 A01 GSP BROM' },
    'certificate_role_wrong',
  ),
  certificate(
    'device-role',
    'device',
    { commonName: 'GH100 A01 GSP FMC LF' },
    'certificate_role_wrong',
  ),
  certificate('root-role', 'root', { commonName: 'Another Root CA' }, 'certificate_role_wrong'),
  ...(['root', 'identity_ca', 'provisioner_ca', 'device', 'attestation'] as const).flatMap(
    (role) => [
      certificate(`${dashed(role)}-expired`, role, { notAfter: NOW - 1 }, 'certificate_expired'),
      certificate(
        `${dashed(role)}-early`,
        role,
        { notBefore: NOW + DAY },
        'certificate_not_yet_valid',
      ),
    ],
  ),
  signed('identity-by-itself', { identity_ca: 'identity_ca' }, 'identity_ca_signature_invalid'),
  signed('provisioner-by-root', { provisioner_ca: 'root' }, 'provisioner_ca_signature_invalid'),
  signed('device-by-itself', { device: 'device' }, 'device_signature_invalid'),
  signed('attestation-by-itself', { attestation: 'attestation' }, 'attestation_signature_invalid'),
  signed('report-by-device', { report: 'device' }, 'report_signature_invalid'),
  nvidiaCase(
    'chip-unknown',
    'a device of another architecture',
    { code: 'architecture_unknown', hardwareModel: 'GA100 A01 GSP BROM' },
    { attack: { certificates: { device: { commonName: 'GA100 A01 GSP BROM' } } } },
  ),
  nvidiaCase(
    'issuer-mismatch',
    "a device under another provisioner of the same name's key",
    { code: 'chain_issuer_mismatch', certificate: 'device' },
    { attack: { issuerNames: { device: 'NVIDIA GH100 Provisioner ICA 2' } } },
  ),
  chain('no-root', (ders) => void ders.pop(), { code: 'chain_length_wrong', length: 4 }),
  chain('root-alone', (ders) => void ders.splice(0, 4), {
    code: 'chain_length_wrong',
    length: 1,
  }),
  chain('root-twice', (ders) => void ders.push(ders[4] ?? new Uint8Array()), {
    code: 'chain_length_wrong',
    length: 6,
  }),
  chain('no-provisioner', (ders) => void ders.splice(2, 1), {
    code: 'chain_length_wrong',
    length: 4,
  }),
  chain('reversed', (ders) => void ders.reverse(), { code: 'root_untrusted', chain: 'device' }),
  chain('nine', (ders) => void ders.push(...ders), { code: 'chain_malformed', reason: 'too_many' }),
  chain('none', (ders) => void ders.splice(0), { code: 'chain_malformed', reason: 'empty' }),
  nvidiaCase(
    'root-of-manifests',
    'a chain that ends in the root for manifests alone',
    { code: 'root_untrusted', chain: 'device' },
    { edit: (input) => ({ ...input, roots: input.roots.slice(1) }) },
  ),
  nvidiaCase(
    'root-of-another-vendor',
    'the right root, trusted for processors only',
    { code: 'root_untrusted', chain: 'device' },
    {
      edit: (input) => ({
        ...input,
        roots: input.roots.map((root) => ({ ...root, vendor: 'amd' })),
      }),
    },
  ),
]

/** A deviation of one certificate. */
function certificate(
  name: string,
  role: DevDeviceRole,
  change: Partial<CertificateSpec>,
  code: CertificateCode,
): NvidiaCase {
  const what = `${role} with another ${Object.keys(change).join()}`
  const attack: GpuAttack = { certificates: { [role]: change } }
  return nvidiaCase(name, what, { code, certificate: role }, { attack })
}

type CertificateCode =
  | 'certificate_not_ca'
  | 'certificate_is_ca'
  | 'certificate_key_usage_wrong'
  | 'certificate_role_wrong'
  | 'certificate_expired'
  | 'certificate_not_yet_valid'

/** Something that another key signed than its issuer's. */
function signed(
  name: string,
  signers: NonNullable<GpuAttack['signers']>,
  code: NvidiaSignatureError['code'],
): NvidiaCase {
  const [[what, by] = []] = Object.entries(signers)
  return nvidiaCase(name, `${what} signed by ${by}`, { code }, { attack: { signers } })
}

/** The honest certificates in another order or number. */
function chain(
  name: string,
  editChain: (ders: Uint8Array[]) => void,
  expected: NvidiaCase['expected'],
): NvidiaCase {
  return nvidiaCase(`chain-${name}`, `a chain with ${name}`, expected, { attack: { editChain } })
}

function dashed(role: DevDeviceRole): string {
  return role.replace('_', '-')
}
