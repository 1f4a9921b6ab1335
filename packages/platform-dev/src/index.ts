export type { CertificateSpec } from './certificates.ts'
export type { DevTcbStatus, JsonDocument } from './documents.ts'
export type { Machine } from './machine.ts'
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
} from './platform.ts'
export type { TdMeasurements } from './quote-writer.ts'
