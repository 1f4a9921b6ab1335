import { toHex } from './hex.ts'
import type { RuntimeVersion } from '@tacit/runtime'

/** The version as state_getRuntimeVersion shows it. */
export function versionToJson(version: RuntimeVersion): unknown {
  return {
    specName: version.spec_name,
    implName: version.impl_name,
    authoringVersion: version.authoring_version,
    specVersion: version.spec_version,
    implVersion: version.impl_version,
    apis: version.apis.map(([id, number]) => [toHex(id), number]),
    transactionVersion: version.transaction_version,
    systemVersion: version.system_version,
    stateVersion: version.system_version,
  }
}

/** The version as chainHead shows it. */
export function versionToSpec(version: RuntimeVersion): unknown {
  return {
    specName: version.spec_name,
    implName: version.impl_name,
    specVersion: version.spec_version,
    implVersion: version.impl_version,
    transactionVersion: version.transaction_version,
    apis: Object.fromEntries(version.apis.map(([id, number]) => [toHex(id), number])),
  }
}
