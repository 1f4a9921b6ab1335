import { ENCLAVE_STATUSES, TCB_STATUSES, type TcbStatus } from '../dcap/tcb-status.ts'
import { SNP_ADVISORIES } from '../sev-snp/advisories.ts'
import { SNP_FAMILIES } from '../sev-snp/family.ts'
import { TCB_COMPONENTS } from '../sev-snp/tcb.ts'
import {
  SGX_ATTRIBUTES,
  TD_ATTRIBUTES,
  type DcapMeasurement,
  type DcapPolicy,
  type SgxMeasurement,
  type TdxMeasurement,
} from './dcap-policy.ts'
import {
  ARCHITECTURES,
  FEATURE_FLAGS,
  RIM_STATUSES,
  TOPOLOGIES,
  type NvidiaMeasurement,
  type NvidiaPolicy,
} from './nvidia-policy.ts'
import { TEES, type Policy } from './policy.ts'
import { flag, hex, list, object, oneOf, record, tagged, text, whole, type Shape } from './shape.ts'
import {
  SNP_PLATFORM_FLAGS,
  SNP_POLICY_FLAGS,
  type SnpMeasurement,
  type SnpPolicy,
} from './snp-policy.ts'

const MAX_IDS = 4096
const MAX_PROGRAMS = 256
/**
 * No controls, halves of surrogate pairs, line separators or marks that turn the direction of
 * reading: classes that no version of Unicode changes, for chains read policies in every engine.
 */
const name = text(64, '^[^\\p{Cc}\\p{Cs}\\u200e\\u200f\\u2028-\\u202e\\u2066-\\u2069]+$')
const svn = whole(0xffff)
const seconds = whole(0xffff_ffff)
const label = text(64, '^[ -~]+$')
const decimals = text(32, '^[0-9]{1,9}(\\.[0-9]{1,9}){0,3}$')
const hexadecimals = text(32, '^[0-9A-Fa-f]{1,4}(\\.[0-9A-Fa-f]{1,4}){0,5}$')
const register = hex(48)

function isSupported(status: TcbStatus): status is Exclude<TcbStatus, 'NotSupported'> {
  return status !== 'NotSupported'
}

const tdx = object<TdxMeasurement>(
  {
    tee: oneOf(['tdx']),
    name,
    mrTd: register,
    rtmr0: register,
    rtmr1: register,
    rtmr2: register,
    rtmr3: register,
    mrConfigId: register,
    mrOwner: register,
    mrOwnerConfig: register,
    mrSeam: register,
    mrServiceTd: register,
  },
  { tee: true },
)

const sgx = object<SgxMeasurement>(
  {
    tee: oneOf(['sgx']),
    name,
    mrEnclave: hex(32),
    mrSigner: hex(32),
    isvProdId: svn,
    minimumIsvSvn: svn,
    configId: hex(64),
    isvFamilyId: hex(16),
    isvExtProdId: hex(16),
  },
  { tee: true },
)

const dcap = object<DcapPolicy>(
  {
    statuses: list(oneOf(TCB_STATUSES.filter(isSupported)), 16),
    moduleStatuses: list(oneOf([...ENCLAVE_STATUSES, 'NotSupported']), 16),
    quotingEnclaveStatuses: list(oneOf([...ENCLAVE_STATUSES, 'NotSupported']), 16),
    deniedAdvisories: list(label, MAX_IDS),
    minimumTcbEvaluationDataNumber: whole(0xffff_ffff),
    minimumTeeTcbSvn: list(whole(255), 16, 16),
    minimumPceSvn: svn,
    minimumQuotingEnclaveSvn: svn,
    minimumIsvSvn: svn,
    ppids: list(hex(16), MAX_IDS),
    fmspcs: list(hex(6), MAX_IDS),
    platformInstanceIds: list(hex(16), MAX_IDS),
    maxCollateralAgeSeconds: seconds,
    requireSmtDisabled: flag,
    refuseDynamicPlatform: flag,
    refuseCachedKeys: flag,
    requireSeptVeDisable: flag,
    refuseUnknownAttributes: flag,
    deniedTdAttributes: list(oneOf(TD_ATTRIBUTES), 16),
    deniedSgxAttributes: list(oneOf(SGX_ATTRIBUTES), 16),
    refuseServiceTd: flag,
    measurements: list(tagged<DcapMeasurement>('tee', { tdx, sgx }), MAX_PROGRAMS),
  },
  { statuses: true },
)

const floors = record(SNP_FAMILIES, record(TCB_COMPONENTS, whole(255)))

const sevSnp = object<SnpPolicy>(
  {
    families: list(oneOf(SNP_FAMILIES), 16),
    deniedAdvisories: list(oneOf(SNP_ADVISORIES.map(({ id }) => id)), 64),
    minimumTcb: floors,
    minimumLaunchTcb: floors,
    minimumFirmware: decimals,
    refuseProvisionalFirmware: flag,
    vmpls: list(whole(3), 16),
    signingKeys: list(oneOf(['vcek', 'vlek']), 16),
    cspIds: list(label, MAX_IDS),
    chipIds: list(hex(64), MAX_IDS),
    guestPolicy: record(SNP_POLICY_FLAGS, flag),
    platformInfo: record(SNP_PLATFORM_FLAGS, flag),
    refuseUnknownPolicyBits: flag,
    refuseUnknownPlatformBits: flag,
    maxCollateralAgeSeconds: seconds,
    measurements: list(
      object<SnpMeasurement>(
        {
          name,
          measurement: register,
          hostData: hex(32),
          idKeyDigest: register,
          authorKeyDigest: register,
          familyId: hex(16),
          imageId: hex(16),
          minimumGuestSvn: whole(0xffff_ffff),
        },
        {},
      ),
      MAX_PROGRAMS,
    ),
  },
  { families: true },
)

const rimStatuses = list(oneOf(RIM_STATUSES), 16)

const nvidia = object<NvidiaPolicy>(
  {
    architectures: list(oneOf(ARCHITECTURES), 16),
    rims: object<NvidiaPolicy['rims']>(
      { driver: rimStatuses, vbios: rimStatuses },
      { driver: true, vbios: true },
    ),
    kinds: list(oneOf(['gpu', 'switch']), 16),
    minimumDriverVersion: decimals,
    driverVersions: list(label, MAX_IDS),
    minimumVbiosVersions: record(ARCHITECTURES, hexadecimals),
    vbiosVersions: list(label, MAX_IDS),
    requireFirmwareId: flag,
    refuseCertificateHold: flag,
    requireProtectedPcie: flag,
    featureFlags: list(oneOf(FEATURE_FLAGS), 16),
    topologies: list(oneOf(TOPOLOGIES), 16),
    requireSameDriver: flag,
    nrasIssuers: list(text(256, '^[ -~]+$'), 16),
    pdis: list(hex(8), MAX_IDS),
    ueids: list(text(40, '^([0-9a-f]{2}){1,20}$'), MAX_IDS),
    maxCollateralAgeSeconds: seconds,
    measurements: list(
      object<NvidiaMeasurement>(
        {
          name,
          hardwareModel: label,
          driverVersion: label,
          vbiosVersion: label,
          project: label,
          projectSku: label,
          chipSku: label,
          fwid: register,
        },
        {},
      ),
      MAX_PROGRAMS,
    ),
  },
  { architectures: true, rims: true },
)

/** Every field of a policy with its form: what the parser reads and what the schema says. */
export const POLICY_SHAPE: Shape<Policy> = object<Policy>(
  {
    name,
    roots: list(hex(32), 64),
    debug: flag,
    tees: list(oneOf(TEES), 16),
    maxEvidenceAgeSeconds: seconds,
    maxCollateralAgeSeconds: seconds,
    requireRevocationKnown: flag,
    dcap,
    sevSnp,
    nvidia,
  },
  { name: true, roots: true, debug: true },
)
