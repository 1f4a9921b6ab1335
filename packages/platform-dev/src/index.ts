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
