export type { CertificateSpec } from './certificates.ts'
export type { DevTcbStatus, JsonDocument } from './intel/documents.ts'
export type { Machine } from './intel/machine.ts'
export {
  createDevPlatform,
  type CollateralOptions,
  type DevAttack,
  type DevCollateral,
  type DevDocument,
  type DevEnclave,
  type DevPlatform,
  type DevPlatformOptions,
  type DevRole,
  type DevRoot,
  type DevTd,
  type EnclaveLaunch,
  type TdLaunch,
} from './intel/platform.ts'
export type { TdMeasurements } from './intel/quote-writer.ts'
