import { u16Field, withField } from './fields.ts'
import { nvidiaCase, withCollateral, type NvidiaCase } from './case.ts'

const DIGEST = new Uint8Array(48).fill(3)

/** Genuine devices in the states that a policy tells apart. */
export const VERDICT_CASES: readonly NvidiaCase[] = [
  nvidiaCase(
    'hopper-complete',
    'a Hopper GPU with manifests and OCSP responses',
    {
      verdict: {
        kind: 'gpu',
        architecture: 'Hopper',
        hardwareModel: 'GH100 A01 GSP BROM',
        driverVersion: '550.144.03',
        vbiosVersion: '96.00.9F.00.01',
        project: '1010',
        projectSku: '0200',
        chipSku: '882',
        firmwareId: 'matched',
        nvdec0: 'disabled',
        protectedPcie: 'disabled',
        featureFlag: 'SPT',
        debug: false,
        signatureChecks: 16,
      },
    },
    { edit: withCollateral },
  ),
  nvidiaCase(
    'blackwell-complete',
    'a Blackwell GPU with manifests and OCSP responses',
    {
      verdict: {
        kind: 'gpu',
        architecture: 'Blackwell',
        hardwareModel: 'GB100 A01 GSP BROM',
        vbiosVersion: '97.00.88.00.0F',
        protectedPcie: undefined,
        featureFlag: 'MPT',
        firmwareId: 'matched',
        signatureChecks: 16,
      },
    },
    { launch: { architecture: 'Blackwell', feature: 'MPT' }, edit: withCollateral },
  ),
  nvidiaCase(
    'switch-complete',
    'an LS10 switch with its manifest and OCSP responses',
    {
      verdict: {
        kind: 'switch',
        architecture: 'LS10',
        driverVersion: undefined,
        vbiosVersion: '96.10.55.00.01',
        firmwareId: 'not_in_report',
        signatureChecks: 15,
      },
    },
    { launch: { architecture: 'LS10' }, edit: withCollateral },
  ),
  nvidiaCase('no-collateral', 'a GPU of which neither manifest nor revocation is known', {
    verdict: {
      rims: { driver: { status: 'absent' }, vbios: { status: 'absent' } },
      revocation: {
        unknown: ['identity_ca', 'provisioner_ca', 'device'],
        onHold: [],
        until: undefined,
      },
      signatureChecks: 5,
    },
  }),
  nvidiaCase(
    'no-fwid-in-report',
    'a report without firmware identity, as of older drivers',
    { verdict: { firmwareId: 'not_in_report' } },
    { attack: withField(20, undefined) },
  ),
  nvidiaCase(
    'no-fwid-in-certificate',
    'an attestation certificate without firmware identity',
    { verdict: { firmwareId: 'not_in_certificate' } },
    { attack: { certifiedFwid: 'none' } },
  ),
  nvidiaCase(
    'no-fwid-at-all',
    'firmware identity neither in report nor in certificate',
    { verdict: { firmwareId: 'not_in_certificate', fwid: undefined } },
    { attack: { certifiedFwid: 'none', ...withField(20, undefined) } },
  ),
  nvidiaCase(
    'debug',
    'a device that its certificate says is open to a debugger',
    { verdict: { debug: true } },
    { launch: { architecture: 'Blackwell' }, attack: { firmwareFlags: 0x10 } },
  ),
  nvidiaCase(
    'protected-pcie',
    'a GPU that speaks encrypted with its switches',
    { verdict: { protectedPcie: 'enabled', featureFlag: 'PPCIE' } },
    { launch: { feature: 'PPCIE', links: [DIGEST.slice(0, 8)] } },
  ),
  nvidiaCase(
    'unknown-feature',
    'a feature flag of the future',
    { verdict: { featureFlag: 'unknown' } },
    { attack: withField(36, u16Field(3)) },
  ),
  nvidiaCase(
    'unknown-status',
    'states that are neither enabled nor disabled',
    { verdict: { nvdec0: 'unknown', protectedPcie: 'unknown' } },
    {
      attack: {
        editFields: (fields) => {
          for (const [at, field] of fields.entries()) {
            if (field.type === 11 || field.type === 21) {
              fields[at] = { ...field, value: Uint8Array.of(0) }
            }
          }
        },
      },
    },
  ),
]
