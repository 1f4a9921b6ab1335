import { setByte, setSigned, snpCase, withCollateral, type SnpCase } from './case.ts'

const TCB = { fmc: 1, bootloader: 10, tee: 1, snp: 0x1b, microcode: 0xe0 }

/** Reports that are wrong in themselves or do not fit their key's certificate. */
export const REPORT_CASES: readonly SnpCase[] = [
  snpCase(
    'report-changed',
    'one byte of the measurement after signing',
    { code: 'report_signature_invalid' },
    { attack: setSigned(0x90, 0) },
  ),
  snpCase(
    'report-version-6',
    'a version to come',
    { code: 'report_version_unsupported', version: 6 },
    { attack: setByte(0, 6) },
  ),
  snpCase(
    'report-algorithm-2',
    'another signature algorithm',
    { code: 'report_algorithm_unsupported', algorithm: 2 },
    { attack: setByte(0x34, 2) },
  ),
  snpCase(
    'report-unsigned',
    'the firmware signs nothing (key 7)',
    { code: 'report_signing_key_unsupported', signingKey: 7 },
    { attack: setByte(0x48, 7 << 2) },
  ),
  snpCase(
    'report-by-host',
    'the host asked for the report',
    { code: 'report_vmpl_unsupported', vmpl: 0xffff_ffff },
    { attack: { editReport: (report) => void report.fill(0xff, 0x30, 0x34) } },
  ),
  snpCase(
    'report-reserved',
    'a reserved byte, signed',
    { code: 'report_reserved_nonzero', at: 0x29f },
    { attack: setByte(0x29f, 1) },
  ),
  snpCase(
    'report-v2-with-cpuid',
    'version 2 with what version 3 has',
    { code: 'report_reserved_nonzero', at: 0x188 },
    { launch: { reportVersion: 2 }, attack: setByte(0x188, 0x19) },
  ),
  snpCase(
    'report-v4-with-mitigations',
    'version 4 with what version 5 has',
    { code: 'report_reserved_nonzero', at: 0x1f8 },
    { launch: { reportVersion: 4 }, attack: setByte(0x1f8, 7) },
  ),
  snpCase(
    'report-tcb-reserved',
    'a reserved byte of the current TCB',
    { code: 'report_reserved_nonzero', at: 0x3a },
    { attack: setByte(0x3a, 1) },
  ),
  snpCase(
    'report-turin-tcb-reserved',
    "a reserved byte of Turin's launch TCB",
    { code: 'report_reserved_nonzero', at: 0x1f4 },
    { options: { family: 'Turin' }, attack: setByte(0x1f4, 1) },
  ),
  snpCase(
    'report-policy',
    'bit 17 of the policy is zero',
    { code: 'report_policy_invalid' },
    { attack: setByte(0x0a, 1) },
  ),
  snpCase(
    'report-venice',
    'a family to come',
    { code: 'report_processor_unsupported', family: 0x1a, model: 0x50 },
    { attack: { chip: { cpuid: [0x1a, 0x50, 0] } } },
  ),
  snpCase(
    'signature-r-junk',
    'junk in the upper bytes of r, which peers ignore',
    { code: 'report_signature_malformed', at: 0x2d0 },
    { attack: setSigned(0x2d0, 1) },
  ),
  snpCase(
    'signature-s-junk',
    'junk in the upper bytes of s, which peers ignore',
    { code: 'report_signature_malformed', at: 0x32f },
    { attack: setSigned(0x32f, 1) },
  ),
  snpCase(
    'signature-tail',
    'junk behind the signature, which peers ignore',
    { code: 'report_signature_malformed', at: 1183 },
    { attack: setSigned(1183, 1) },
  ),
  snpCase(
    'report-trailing-byte',
    'one byte more',
    { code: 'report_length_wrong', length: 1185 },
    { edit: (input) => ({ ...input, report: Uint8Array.of(...input.report, 0) }) },
  ),
  snpCase(
    'vlek-signs-as-vcek',
    'the VLEK signs a report that names the VCEK',
    { code: 'report_signature_invalid' },
    { attack: { reportSigner: 'vlek' } },
  ),
  snpCase(
    'vlek-endorsed-as-vcek',
    "a report that names the VCEK, signed by the VLEK, with the VLEK's certificate",
    { code: 'certificate_role_wrong', certificate: 'vcek', commonName: 'SEV-VLEK' },
    { attack: { reportSigner: 'vlek', endorsed: 'vlek' } },
  ),
  snpCase(
    'vcek-endorsed-as-vlek',
    "a report that names the VLEK, signed by the VCEK, with the VCEK's certificate",
    { code: 'certificate_role_wrong', certificate: 'vlek', commonName: 'SEV-VCEK' },
    { launch: { signingKey: 'vlek' }, attack: { reportSigner: 'vcek', endorsed: 'vcek' } },
  ),
  snpCase(
    'cpuid-of-milan',
    'a Milan says that it is certified as Genoa',
    { code: 'product_mismatch', certificate: 'Genoa', found: 'Milan' },
    { attack: { chip: { cpuid: [0x19, 0x01, 1] } } },
  ),
  snpCase(
    'chip-other',
    'another chip than the certificate names',
    { code: 'chip_id_mismatch' },
    { attack: setByte(0x1a0, 0xaa) },
  ),
  snpCase(
    'chip-masked',
    'a VCEK signs for a chip that is not named',
    { code: 'chip_id_mismatch' },
    { launch: { chipIdMasked: true } },
  ),
  snpCase(
    'chip-keys-masked-named',
    "the chip's keys are masked, and the wrong chip is named",
    { code: 'chip_id_mismatch' },
    { launch: { chipKeyMasked: true }, attack: setByte(0x1a0, 0xaa) },
  ),
  snpCase(
    'turin-chip-tail',
    'something behind the 8 bytes of a Turin chip',
    { code: 'chip_id_mismatch' },
    { options: { family: 'Turin' }, attack: setByte(0x1a8, 1) },
  ),
  ...(['bootloader', 'tee', 'snp', 'microcode'] as const).map((component) =>
    snpCase(
      `tcb-${component}-above-certificate`,
      `the report has more ${component} than its key's certificate`,
      { code: 'tcb_mismatch', component },
      { attack: { endorsement: { [component]: 0 } } },
    ),
  ),
  snpCase(
    'tcb-fmc-below-certificate',
    "Turin's FMC in the certificate is another",
    { code: 'tcb_mismatch', component: 'fmc' },
    { options: { family: 'Turin' }, attack: { endorsement: { fmc: 9 } } },
  ),
  snpCase(
    'tcb-reported-above-committed',
    'one component is reported above what is committed',
    { code: 'tcb_order_wrong', lower: 'reported', higher: 'committed', component: 'snp' },
    { attack: { tcbs: { committed: { ...TCB, snp: 0x1a, microcode: 0xff } } } },
  ),
  snpCase(
    'tcb-committed-above-current',
    'less runs than is committed, though as one number it is more',
    { code: 'tcb_order_wrong', lower: 'committed', higher: 'current', component: 'bootloader' },
    { attack: { tcbs: { current: { ...TCB, bootloader: 9, microcode: 0xff } } } },
  ),
  snpCase(
    'certificate-of-other-platform',
    'the certificate of another seed',
    { code: 'root_untrusted', chain: 'vcek' },
    { edit: (input) => ({ ...input, roots: [] }) },
  ),
  snpCase(
    'chain-absent',
    "no chain, and an issuer that is none of AMD's",
    { code: 'root_untrusted', chain: 'vcek' },
    { edit: withCollateral(() => ({ chain: undefined })) },
  ),
]
