import { snpCase, withCollateral, type SnpCase } from './case.ts'

const ABOVE = { fmc: 2, bootloader: 11, tee: 2, snp: 0x1c, microcode: 0xe1 }
const FAMILIES = ['Milan', 'Genoa', 'Turin'] as const
const VERSIONS = [2, 3, 4, 5] as const

const HONEST: readonly SnpCase[] = FAMILIES.flatMap((family) =>
  VERSIONS.map((reportVersion) =>
    snpCase(
      `${family.toLowerCase()}-v${reportVersion}`,
      `an honest ${family}, report version ${reportVersion}`,
      { verdict: { family, reportVersion, signingKey: 'vcek', debug: false, cspId: undefined } },
      { options: { family }, launch: { reportVersion } },
    ),
  ),
)

const LENT: readonly SnpCase[] = FAMILIES.map((family) =>
  snpCase(
    `${family.toLowerCase()}-vlek`,
    `a VLEK on a ${family} whose chip is masked`,
    { verdict: { family, signingKey: 'vlek', chipIdMasked: true, productName: family } },
    { options: { family }, launch: { signingKey: 'vlek' } },
  ),
)

/** Evidence that is genuine, whatever a policy makes of it. */
export const VERDICT_CASES: readonly SnpCase[] = [
  ...HONEST,
  ...LENT,
  snpCase(
    'vlek-chip-named',
    'a VLEK on a chip that is not masked',
    { verdict: { signingKey: 'vlek', chipIdMasked: false } },
    { launch: { signingKey: 'vlek', chipIdMasked: false } },
  ),
  snpCase(
    'debug',
    'the policy allows debugging',
    { verdict: { debug: true } },
    {
      launch: { debug: true },
    },
  ),
  snpCase(
    'chip-keys-masked',
    "the chip's keys and identity are masked, yet the VCEK signs",
    { verdict: { chipKeyMasked: true, chipIdMasked: true } },
    { launch: { chipKeyMasked: true, chipIdMasked: true } },
  ),
  snpCase(
    'vmpl-3',
    'the least privileged level asks',
    { verdict: { vmpl: 3 } },
    {
      launch: { vmpl: 3 },
    },
  ),
  snpCase(
    'provisional',
    'firmware above the committed runs',
    { verdict: { debug: false } },
    { attack: { tcbs: { current: ABOVE } } },
  ),
  snpCase(
    'launched-higher',
    'the guest was launched on newer firmware, elsewhere',
    { verdict: { debug: false } },
    { attack: { tcbs: { launch: ABOVE } } },
  ),
  snpCase(
    'hwid-in-octet-string',
    'the HWID is wrapped as AMD issued it for some time',
    { verdict: { productName: 'Genoa-B1' } },
    { attack: { endorsement: { isHwidWrapped: true } } },
  ),
  snpCase(
    'csp-id-on-vcek',
    'a VCEK whose certificate names a cloud too',
    { verdict: { signingKey: 'vcek', cspId: 'CN=cloud' } },
    { attack: { endorsement: { cspId: 'CN=cloud' } } },
  ),
  snpCase(
    'platform-bits-unknown',
    'bits of PLATFORM_INFO that have no name yet',
    { verdict: { debug: false } },
    { attack: { editReport: (report) => report.set([0xff, 0x03], 0x40) } },
  ),
  snpCase(
    'no-crl',
    'no revocation list',
    { verdict: { revocationKnownUntil: undefined, signatureChecks: 3 } },
    { edit: withCollateral(() => ({ crl: undefined })) },
  ),
  snpCase(
    'bergamo',
    'a Bergamo under Genoa keys',
    { verdict: { family: 'Genoa', cpuid: { family: 0x19, model: 0xa0, stepping: 2 } } },
    { attack: { chip: { cpuid: [0x19, 0xa0, 2] } } },
  ),
]
