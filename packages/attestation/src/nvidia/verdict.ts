import type { CertificateRole } from './errors.ts'

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
  /** 48 bytes, identity of the device's first firmware; undefined where `firmwareId` is not `matched`. */
  readonly fwid: Uint8Array | undefined
  /**
   * Whether report and attestation certificate name the same firmware. Older firmware leaves it out
   * of one or both; a policy decides whether that is enough.
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
    }

/** What OCSP responses said about the certificates between attestation certificate and root. */
export interface RevocationKnowledge {
  /** Certificates that no response covers. */
  readonly unknown: readonly CertificateRole[]
  /** Certificates on hold, which only a caller who allows holds gets to see. */
  readonly onHold: readonly CertificateRole[]
  /** When the first of the responses ends, Unix seconds; undefined without responses. */
  readonly until: number | undefined
}
