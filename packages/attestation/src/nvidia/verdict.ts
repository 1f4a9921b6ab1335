import type { RevocableRole } from './errors.ts'

export type NvidiaArchitecture = 'Hopper' | 'Blackwell' | 'LS10'

/** What is true of a device whose every signature and rule held, with all that a policy may ask. */
export interface NvidiaVerdict {
  readonly tee: 'nvidia'
  readonly kind: 'gpu' | 'switch'
  /** By the device's certificate; LS10 is the NVSwitch of Hopper systems. */
  readonly architecture: NvidiaArchitecture
  /** The name in the device's certificate, such as `GH100 A01 GSP BROM`. */
  readonly hardwareModel: string
  /** The caller's 32 bytes, which the device signed. */
  readonly nonce: Uint8Array
  /** Undefined for switches, whose driver is not theirs to measure. */
  readonly driverVersion: string | undefined
  /** Such as `96.00.9F.00.01`; undefined where the report does not say. */
  readonly vbiosVersion: string | undefined
  /** Such as `1010`; undefined for switches. */
  readonly project: string | undefined
  /** Such as `0200`; undefined for switches. */
  readonly projectSku: string | undefined
  /** Such as `882`; undefined for switches. */
  readonly chipSku: string | undefined
  /** 48 bytes, of the firmware that holds the attestation key, by certificate or else by report. */
  readonly fwid: Uint8Array | undefined
  /**
   * Whether report and attestation certificate name the same firmware. Older firmware and switches
   * leave it out of the report; a policy decides whether that is enough.
   */
  readonly firmwareId: 'matched' | 'not_in_report' | 'not_in_certificate'
  /** Digests by index from 0, as manifests count. 48 bytes each on every known device. */
  readonly measurements: readonly Uint8Array[]
  /** Every opaque field as received, by NVIDIA's name in camel case, or `field37` for an unknown one. */
  readonly opaque: Readonly<Record<string, Uint8Array>>
  /** The video decoder that measurement 35 is about; undefined where the report does not say. */
  readonly nvdec0: FieldStatus | undefined
  /** Multi-GPU with protected PCIe; undefined where the report does not say. */
  readonly protectedPcie: FieldStatus | undefined
  /** Single-GPU or multi-GPU passthrough, or protected PCIe; undefined where the report does not say. */
  readonly featureFlag: 'SPT' | 'MPT' | 'PPCIE' | 'unknown' | undefined
  /** 8 bytes, the per-device identifier of its certificate; never changes. */
  readonly pdi: Uint8Array
  /** Serial number of the attestation certificate, at most 20 bytes; NVIDIA names it UEID. */
  readonly ueid: Uint8Array
  /** The different switches that a GPU is linked to, 8 bytes each as in `pdi`; empty for switches. */
  readonly switchPdis: readonly Uint8Array[]
  /** The different GPUs that a switch is linked to, 8 bytes each as in `pdi`; empty for GPUs. */
  readonly gpuPdis: readonly Uint8Array[]
  /** How the measurements compare with NVIDIA's manifests; switches have no driver manifest. */
  readonly rims: { readonly driver: RimComparison; readonly vbios: RimComparison }
  readonly revocation: RevocationKnowledge
  readonly root: {
    readonly name: string
    readonly vendor: string
    readonly fingerprint: Uint8Array
  }
  /** The attestation certificate says that the device is open to a debugger; Hopper's never says. */
  readonly debug: boolean
  /** The time that the verdict is for. Unix seconds. */
  readonly verifiedAt: number
  /** The last of all beginnings of validity. Unix seconds. */
  readonly latestIssue: number
  /** The first of all ends of validity; the verdict holds until then. Unix seconds. */
  readonly earliestExpiry: number
  /** How many signatures it rests on. */
  readonly signatureChecks: number
}

/** 0xAA is enabled, 0x55 disabled. */
export type FieldStatus = 'enabled' | 'disabled' | 'unknown'

/** What a manifest said about the measurements. */
export type RimComparison =
  /** No manifest for this device was given: nothing is known of the measurements. */
  | { readonly status: 'absent' }
  /** Every active value of the manifest was measured. */
  | { readonly status: 'matched'; readonly id: string }
  | {
      readonly status: 'mismatched'
      readonly id: string
      /** Indices from 0 whose measurement is none of the manifest's values. */
      readonly mismatches: readonly number[]
      /** Names of security versions that the report does not have, or below the manifest's floor. */
      readonly belowFloor: readonly string[]
    }

/**
 * What OCSP responses said about the certificates between a device's attestation certificate and
 * the root, and about those of the manifests that were compared.
 */
export interface RevocationKnowledge {
  /** Certificates that no response covers. */
  readonly unknown: readonly RevocableRole[]
  /** Certificates on hold, which only a caller who allows holds gets to see. */
  readonly onHold: readonly RevocableRole[]
  /** When the first of the responses ends, Unix seconds; undefined without responses. */
  readonly until: number | undefined
}

/** What is true of a set of devices that was given one nonce. */
export interface GpuSetVerdict {
  readonly tee: 'nvidia'
  readonly kind: 'set'
  /** In the order of the evidence. */
  readonly devices: readonly NvidiaVerdict[]
  /** How many of them are GPUs; the others are switches. */
  readonly gpus: number
  /**
   * `closed`: eight GPUs and four switches that are linked to each other and to nothing else.
   * `unlinked`: GPUs alone, or switches alone, whose links were not looked into.
   */
  readonly topology: 'closed' | 'unlinked'
  /** The different architectures, in order of appearance. */
  readonly architectures: readonly NvidiaArchitecture[]
  /** The different versions of GPU drivers; more than one is a sign of a set that is none. */
  readonly driverVersions: readonly string[]
  readonly nonce: Uint8Array
  readonly root: NvidiaVerdict['root']
  /** Any of the devices is. */
  readonly debug: boolean
  readonly verifiedAt: number
  readonly latestIssue: number
  readonly earliestExpiry: number
  /** Different signatures; devices share the certificates of their CAs. */
  readonly signatureChecks: number
}
