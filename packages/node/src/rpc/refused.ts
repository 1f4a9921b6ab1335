import type { Methods } from './json-rpc.ts'
import { unsafeCalled } from './rpc-error.ts'

/**
 * Methods of Substrate's nodes that change the node or tell of its keys. This node offers them to
 * nobody; who asks gets Substrate's own answer, whatever the parameters. They are not listed.
 */
const REFUSED = [
  'author_hasKey',
  'author_hasSessionKeys',
  'author_insertKey',
  'author_removeExtrinsic',
  'author_rotateKeys',
  'author_rotateKeysWithOwner',
  'offchain_localStorageClear',
  'offchain_localStorageGet',
  'offchain_localStorageSet',
  'state_traceBlock',
  'system_addLogFilter',
  'system_addReservedPeer',
  'system_removeReservedPeer',
  'system_resetLogFilter',
  'system_unstable_networkState',
] as const

export const refusedMethods: Methods = Object.fromEntries(
  REFUSED.map((name) => [
    name,
    () => {
      throw unsafeCalled()
    },
  ]),
)
