export type { DevAmdChip, DevAmdFamily, DevAmdTcb, DevEndorsement } from './amd/chip.ts'
export type { HclOptions } from './amd/hcl-writer.ts'
export {
  createDevAmd,
  type DevAmd,
  type DevAmdAttack,
  type DevAmdOptions,
  type DevAmdRole,
  type DevGuest,
  type DevSnpCollateral,
  type SnpCollateralOptions,
} from './amd/platform.ts'
export type { DevAmdTcbs, GuestLaunch } from './amd/report-writer.ts'
export type { CertificateSpec } from './certificates.ts'
export type {
  DevEnclaveLevel,
  DevEnclaveStatus,
  DevTcbStatus,
  JsonDocument,
} from './intel/documents.ts'
export type { Machine } from './intel/machine.ts'
export { createDevPlatform } from './intel/platform.ts'
export type {
  CertificationType,
  CollateralOptions,
  DevAttack,
  DevCollateral,
  DevDocument,
  DevEnclave,
  DevPlatform,
  DevPlatformOptions,
  DevRole,
  DevRoot,
  DevTd,
  EnclaveLaunch,
  TdLaunch,
} from './intel/types.ts'
export type { TdMeasurements } from './intel/quote-writer.ts'
export type { RimSpec } from './nvidia/rim-document.ts'
export {
  createDevRimAuthority,
  type DevRimAuthority,
  type DevRimRole,
  type RimAttack,
} from './nvidia/rim-writer.ts'
export type { ChainAttack, DevDeviceRole } from './nvidia/device-chain.ts'
export {
  createDevGpuPlatform,
  type DevDevice,
  type DevGpuPlatform,
  type DevGpuPlatformOptions,
  type DeviceLaunch,
  type GpuAttack,
} from './nvidia/gpu-platform.ts'
export type { DevArchitecture } from './nvidia/models.ts'
export type { OcspOptions } from './nvidia/ocsp-writer.ts'
export type { ReportBlock, ReportField } from './nvidia/report-writer.ts'
export {
  createDevNras,
  type DevNras,
  type NrasAttack,
  type NrasClaims,
  type NrasRequest,
} from './nvidia/nras-writer.ts'
