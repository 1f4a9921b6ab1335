import type { Json } from '../verdict-json.ts'
import type { PolicyFailure, PolicyResult, PolicyRule } from './evaluate.ts'

/** What it means that a rule was broken. */
const MEANING: Readonly<Record<PolicyRule, string>> = {
  holds: 'the verdict does not hold at this time',
  roots: 'the policy does not trust who vouches for it',
  debug: 'the evidence is of something that its host can look into',
  tees: 'the policy does not take this kind of evidence',
  maxEvidenceAgeSeconds: 'it was verified too long ago',
  maxCollateralAgeSeconds: "the vendor's documents are too old",
  requireRevocationKnown: 'nobody says that its certificates were not revoked',
  dcap: 'the policy has no rules for Intel SGX and TDX, so it trusts neither',
  'dcap.statuses': 'the platform is not patched as the policy demands',
  'dcap.moduleStatuses': 'the TDX module is not patched as the policy demands',
  'dcap.quotingEnclaveStatuses': 'the quoting enclave is not patched as the policy demands',
  'dcap.deniedAdvisories': 'the platform has weaknesses that the policy does not accept',
  'dcap.minimumTcbEvaluationDataNumber': "Intel's judgement is from before a TCB recovery",
  'dcap.minimumTeeTcbSvn': 'TDX module or its components are too old',
  'dcap.minimumPceSvn': 'the provisioning certification enclave is too old',
  'dcap.minimumQuotingEnclaveSvn': 'the quoting enclave is too old',
  'dcap.minimumIsvSvn': 'the program is too old',
  'dcap.ppids': 'the platform is not on the list',
  'dcap.fmspcs': 'the processor family is not on the list',
  'dcap.platformInstanceIds': 'the platform instance is not on the list',
  'dcap.maxCollateralAgeSeconds': "Intel's documents are too old",
  'dcap.requireSmtDisabled': 'multithreading is on, or Intel does not say',
  'dcap.refuseDynamicPlatform': 'processor packages may be added to the platform',
  'dcap.refuseCachedKeys': "Intel keeps the platform's keys",
  'dcap.requireSeptVeDisable': 'the host could remove pages of the TD unseen',
  'dcap.refuseUnknownAttributes': 'the program has attributes that have no name here',
  'dcap.deniedTdAttributes': 'the TD has attributes that the policy does not accept',
  'dcap.deniedSgxAttributes': 'the enclave has attributes that the policy does not accept',
  'dcap.refuseServiceTd': 'a service TD is bound to the TD and may migrate it',
  'dcap.measurements': 'the program is not on the list',
  sevSnp: 'the policy has no rules for AMD SEV-SNP, so it does not trust it',
  'sevSnp.families': 'the policy does not take this family of processors',
  'sevSnp.deniedAdvisories': 'the platform has weaknesses that the policy does not accept',
  'sevSnp.minimumTcb': 'firmware or microcode is too old',
  'sevSnp.minimumLaunchTcb': 'the guest was launched under firmware or microcode that is too old',
  'sevSnp.minimumFirmware': 'the committed firmware is too old',
  'sevSnp.refuseProvisionalFirmware': 'the host may still roll its firmware back',
  'sevSnp.vmpls': 'another privilege level of the guest asked for the report',
  'sevSnp.signingKeys': 'the policy does not take reports by this kind of key',
  'sevSnp.cspIds': 'the cloud is not on the list',
  'sevSnp.chipIds': 'the chip is not on the list, or its host masks its name',
  'sevSnp.guestPolicy': 'the guest was launched with another policy',
  'sevSnp.platformInfo': 'the platform is configured in another way',
  'sevSnp.refuseUnknownPolicyBits': "the guest's policy has bits that have no name here",
  'sevSnp.refuseUnknownPlatformBits': 'the platform has bits that have no name here',
  'sevSnp.maxCollateralAgeSeconds': "AMD's revocation list is too old",
  'sevSnp.measurements': 'the guest is not on the list',
  nvidia: 'the policy has no rules for NVIDIA, so it does not trust it',
  'nvidia.architectures': 'the policy does not take this architecture',
  'nvidia.rims': "the device is not what NVIDIA's manifests say, or they were not given",
  'nvidia.kinds': 'the policy does not take this kind of device',
  'nvidia.minimumDriverVersion': 'the driver is too old',
  'nvidia.driverVersions': 'the driver is not on the list',
  'nvidia.minimumVbiosVersions': 'the VBIOS is too old',
  'nvidia.vbiosVersions': 'the VBIOS is not on the list',
  'nvidia.requireFirmwareId': 'report and certificate do not name the same firmware',
  'nvidia.refuseCertificateHold': 'NVIDIA has a certificate of the device on hold',
  'nvidia.requireProtectedPcie': 'the device does not say that it protects PCIe',
  'nvidia.featureFlags': 'the device is given to the guest in another way',
  'nvidia.topologies': 'the devices are not shown to be linked in this way',
  'nvidia.requireSameDriver': 'the GPUs run different drivers',
  'nvidia.nrasIssuers': "it rests on another's word that the policy does not take",
  'nvidia.nrasDisclosed': 'the tokens do not speak of every device',
  'nvidia.nrasChecks': 'checks of the device failed',
  'nvidia.pdis': 'the device is not on the list',
  'nvidia.ueids': 'the device is not on the list',
  'nvidia.maxCollateralAgeSeconds': "NVIDIA's documents are too old",
  'nvidia.measurements': "the device's software is not on the list",
}

/** Long enough for a measurement with its name, short enough for a line. */
const MAX_SHOWN = 200

/** Says to a person what a policy makes of evidence: a line, and one for each broken rule. */
export function explainPolicy({ policy, accepted, failed }: PolicyResult): readonly string[] {
  if (accepted) return [`policy     ${policy}: accepted`]
  return [`policy     ${policy}: REFUSED`, ...failed.map((one) => `  - ${explainFailure(one)}`)]
}

/** `statuses: what it means; found X, accepted Y`. */
export function explainFailure({ rule, found, accepted, device }: PolicyFailure): string {
  const where = device === undefined ? '' : `device ${device}, `
  return `${where}${rule}: ${MEANING[rule]}; found ${show(found)}, accepted ${show(accepted)}`
}

function show(value: Json): string {
  if (value === null) return 'nothing'
  if (Array.isArray(value)) return value.length === 0 ? 'none' : cut(value.map(show).join(', '))
  return cut(typeof value === 'string' ? value : JSON.stringify(value))
}

function cut(text: string): string {
  return text.length <= MAX_SHOWN ? text : `${text.slice(0, MAX_SHOWN)}...`
}
