import type { GpuSetVerdict, NvidiaVerdict, RimComparison } from '../nvidia/verdict.ts'

/** Rules for NVIDIA GPUs and switches; see Policy for what is true of all rules. */
export interface NvidiaPolicy {
  readonly architectures: readonly NvidiaVerdict['architecture'][]
  /** Accepted results of comparing a device with NVIDIA's manifests; switches have no driver. */
  readonly rims: {
    readonly driver: readonly RimStatus[]
    readonly vbios: readonly RimStatus[]
  }
  readonly kinds?: readonly NvidiaVerdict['kind'][]
  /** Least version of a GPU's driver, such as `550.144.03`. */
  readonly minimumDriverVersion?: string
  readonly driverVersions?: readonly string[]
  /** Least version of the VBIOS by architecture, such as `96.00.9F.00.01`; hexadecimal parts. */
  readonly minimumVbiosVersions?: {
    readonly [architecture in NvidiaVerdict['architecture']]?: string
  }
  readonly vbiosVersions?: readonly string[]
  /** Refuse GPUs whose report and certificate do not name the same firmware; old reports name none. */
  readonly requireFirmwareId?: boolean
  /** Refuse devices of which a certificate is on hold. */
  readonly refuseCertificateHold?: boolean
  /** Refuse devices that do not say that they speak encrypted over PCIe with switches (Hopper). */
  readonly requireProtectedPcie?: boolean
  /** Accepted ways of giving GPUs to a guest, as the device says. */
  readonly featureFlags?: readonly NvidiaFeatureFlag[]
  /**
   * Accepted ways in which a set of devices is linked; `closed` alone is proved to be a machine. A
   * device that comes alone has no topology.
   */
  readonly topologies?: readonly GpuTopology[]
  /** Refuse sets whose GPUs run different drivers, or do not all say which. */
  readonly requireSameDriver?: boolean
  /** Accepted devices by the identifier in their certificate, 8 bytes each. */
  readonly pdis?: readonly string[]
  /** Accepted devices by the serial number of their attestation certificate. */
  readonly ueids?: readonly string[]
  /**
   * Whose word is taken in place of reports and manifests, by the issuer of the tokens, such as
   * `https://nras.attestation.nvidia.com`; left out: nobody's.
   */
  readonly nrasIssuers?: readonly string[]
  /** Instead of the policy's own number. */
  readonly maxCollateralAgeSeconds?: number
  /** Accepted firmware: one entry must hold entirely. */
  readonly measurements?: readonly NvidiaMeasurement[]
}

export type RimStatus = RimComparison['status']
export type GpuTopology = GpuSetVerdict['topology']
export type NvidiaFeatureFlag = Exclude<NvidiaVerdict['featureFlag'], undefined | 'unknown'>

/** A device's software by what was measured; what is left out may be anything. */
export interface NvidiaMeasurement {
  /** For people. */
  readonly name?: string
  readonly hardwareModel?: string
  readonly driverVersion?: string
  readonly vbiosVersion?: string
  readonly project?: string
  readonly projectSku?: string
  readonly chipSku?: string
  /** 48 bytes. */
  readonly fwid?: string
}

export const RIM_STATUSES: readonly RimStatus[] = ['absent', 'matched', 'mismatched']
export const FEATURE_FLAGS: readonly NvidiaFeatureFlag[] = ['SPT', 'MPT', 'PPCIE']
export const ARCHITECTURES: readonly NvidiaVerdict['architecture'][] = [
  'Hopper',
  'Blackwell',
  'LS10',
]
export const TOPOLOGIES: readonly GpuTopology[] = ['closed', 'unlinked']
