import type { RevocationReason } from '@tacit/crypto/x509'
import type { OcspOptions } from '@tacit/platform-dev'
import { DAY, NOW } from '../kit.ts'
import { nvidiaCase, type NvidiaCase, type NvidiaSetup } from './case.ts'

const KNOWN = { unknown: [], onHold: [], until: NOW + DAY } as const

/** What stapled OCSP responses say. */
export const REVOCATION_CASES: readonly NvidiaCase[] = [
  ocsp('good', {}, { verdict: { revocation: KNOWN, earliestExpiry: NOW + DAY } }),
  ocsp('by-key', { namedBy: 'key' }, { verdict: { revocation: KNOWN } }),
  ocsp('sha256', { hash: 'sha256' }, { verdict: { revocation: KNOWN } }),
  ocsp('sha384', { hash: 'sha384' }, { verdict: { revocation: KNOWN } }),
  ocsp('nonce', { nonce: new Uint8Array(32).fill(1) }, { verdict: { revocation: KNOWN } }),
  ocsp('delegate', { delegate: {} }, { verdict: { revocation: KNOWN, signatureChecks: 11 } }),
  ocsp(
    'delegate-by-key',
    { delegate: {}, namedBy: 'key' },
    { verdict: { revocation: KNOWN, signatureChecks: 11 } },
  ),
  ocsp('revoked', { status: 'revoked' }, revoked('unspecified')),
  ocsp('compromised', { status: 'revoked', reason: 1 }, revoked('keyCompromise')),
  ocsp('hold', { status: 'revoked', reason: 6 }, revoked('certificateHold')),
  nvidiaCase(
    'ocsp-hold-allowed',
    'a certificate on hold, which the caller wants to see',
    {
      verdict: {
        revocation: { ...KNOWN, unknown: ['identity_ca', 'provisioner_ca'], onHold: ['device'] },
      },
    },
    {
      edit: (input, device) => ({
        ...input,
        allowCertificateHold: true,
        ocsp: [device.ocsp('device', { status: 'revoked', reason: 6 })],
      }),
    },
  ),
  nvidiaCase(
    'ocsp-revoked-and-hold-allowed',
    'a compromised certificate, where only holds are allowed',
    { code: 'certificate_revoked', certificate: 'device', reason: 'keyCompromise' },
    {
      edit: (input, device) => ({
        ...input,
        allowCertificateHold: true,
        ocsp: [device.ocsp('device', { status: 'revoked', reason: 1 })],
      }),
    },
  ),
  ocsp(
    'unknown',
    { status: 'unknown' },
    { code: 'certificate_status_unknown', certificate: 'identity_ca' },
  ),
  ocsp(
    'expired',
    { until: NOW - 1 },
    { code: 'collateral_expired', item: 'ocsp', validUntil: NOW - 1 },
  ),
  ocsp(
    'early',
    { from: NOW + 1 },
    { code: 'collateral_not_yet_valid', item: 'ocsp', validFrom: NOW + 1 },
  ),
  ocsp(
    'delegate-without-purpose',
    { delegate: {}, purposes: ['1.3.6.1.5.5.7.3.1'] },
    { code: 'ocsp_responder_untrusted', index: 2 },
  ),
  ocsp(
    'delegate-without-purposes',
    { delegate: { extensions: [] } },
    { code: 'ocsp_responder_untrusted', index: 2 },
  ),
  ocsp(
    'delegate-expired',
    { delegate: { notAfter: NOW - 1 } },
    { code: 'certificate_expired', certificate: 'ocsp_responder' },
  ),
  ocsp(
    'delegate-is-ca',
    { delegate: { isCa: true } },
    { code: 'certificate_is_ca', certificate: 'ocsp_responder' },
  ),
  ocsp(
    'delegate-without-usage',
    { delegate: { keyUsage: 0x04 } },
    { code: 'certificate_key_usage_wrong', certificate: 'ocsp_responder' },
  ),
  stapled(
    'delegate-of-another',
    'a response about the device by the delegate of another CA',
    { code: 'ocsp_responder_untrusted', index: 0 },
    (input, device) => ({
      ...input,
      ocsp: [device.ocsp('device', { delegate: {}, delegatedBy: 'NVIDIA GH100 Identity' })],
    }),
  ),
  stapled(
    'delegate-forged',
    'a delegate that nobody certified',
    { code: 'ocsp_responder_signature_invalid' },
    (input, device) => ({
      ...input,
      ocsp: [device.ocsp('device', { delegate: {}, certifiedBy: 'delegate' })],
    }),
  ),
  stapled(
    'forged',
    'a response in the name of the CA by the device itself',
    { code: 'ocsp_signature_invalid' },
    (input, device) => ({ ...input, ocsp: [device.ocsp('device', { signedBy: 'delegate' })] }),
  ),
  stapled(
    'worst-counts',
    'two responses about one certificate',
    { code: 'certificate_revoked', certificate: 'device', reason: 'superseded' },
    (input, device) => ({
      ...input,
      ocsp: [device.ocsp('device'), device.ocsp('device', { status: 'revoked', reason: 4 })],
    }),
  ),
  stapled(
    'of-the-leaf',
    'a response about the attestation certificate, which is not asked for',
    { verdict: { signatureChecks: 5 } },
    (input, device) => ({ ...input, ocsp: [device.ocsp('attestation', { status: 'revoked' })] }),
  ),
  stapled(
    'rims-unknown',
    'manifests of whose certificates no response speaks',
    {
      verdict: {
        revocation: { ...KNOWN, unknown: ['rim_product_ca', 'rim_issuing_ca', 'rim_signer'] },
      },
    },
    (input, device) => ({ ...input, rims: device.rims(), ocsp: device.ocspAll() }),
  ),
  stapled(
    'rims-known',
    'responses about the device and its manifests',
    { verdict: { revocation: KNOWN } },
    (input, device) => ({
      ...input,
      rims: device.rims(),
      ocsp: [...device.ocspAll(), ...device.rimOcsp({ delegate: {} })],
    }),
  ),
  stapled(
    'rims-revoked',
    'a manifest whose chain was revoked',
    { code: 'certificate_revoked', certificate: 'rim_product_ca', reason: 'superseded' },
    (input, device) => ({
      ...input,
      rims: device.rims(),
      ocsp: device.rimOcsp({ status: 'revoked', reason: 4 }),
    }),
  ),
  stapled(
    'rims-elsewhere',
    'responses about manifests that were not compared',
    {
      verdict: {
        signatureChecks: 5,
        revocation: {
          ...KNOWN,
          unknown: ['identity_ca', 'provisioner_ca', 'device'],
          until: undefined,
        },
      },
    },
    (input, device) => ({ ...input, ocsp: device.rimOcsp({ status: 'revoked' }) }),
  ),
  stapled(
    'malformed',
    'a second response that is none',
    { code: 'ocsp_malformed', index: 1, reason: 'truncated' },
    (input, device) => ({ ...input, ocsp: [device.ocsp('device'), new Uint8Array()] }),
  ),
]

/** Responses about all certificates. */
function ocsp(name: string, options: OcspOptions, expected: NvidiaCase['expected']): NvidiaCase {
  return stapled(name, `OCSP responses: ${name}`, expected, (input, device) => ({
    ...input,
    ocsp: device.ocspAll(options),
  }))
}

function stapled(
  name: string,
  what: string,
  expected: NvidiaCase['expected'],
  edit: NonNullable<NvidiaSetup['edit']>,
): NvidiaCase {
  return nvidiaCase(`ocsp-${name}`, what, expected, { edit })
}

function revoked(reason: RevocationReason): NvidiaCase['expected'] {
  return { code: 'certificate_revoked', certificate: 'identity_ca', reason }
}
