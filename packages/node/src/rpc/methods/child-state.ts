import { startsWith, utf8 } from '@tacit/base'
import type { Method, Methods } from '../json-rpc.ts'
import { bytesAt, integerAt, isAbsent, keyAt, keysAt, toKey, type Params } from '../params.ts'
import { RPC_CODE, RpcError } from '../rpc-error.ts'
import { blockAt, stateAt, type RpcServices } from '../services.ts'
import { MAX_KEYS } from './state.ts'

const PREFIX = utf8(':child_storage:default:')
const MAX_U32 = 0xffff_ffff

/**
 * childstate_*: no pallet of this chain keeps a child trie, so each of them is empty. A key that
 * names none has Substrate's error.
 */
export function childStateMethods(services: RpcServices): Methods {
  /** @param at where the block stands; in front of it what `check` looks at. */
  const ofChild =
    (at: number, check: (params: Params) => void, empty: (params: Params) => unknown): Method =>
    (params) => {
      const child = bytesAt(params, 0)
      check(params)
      stateAt(services, blockAt(services, params, at))
      if (startsWith(child, PREFIX)) return empty(params)
      throw new RpcError(RPC_CODE.childStorageKey, 'Client error: Invalid child storage key')
    }
  const key = (params: Params): void => void keyAt(params, 1)
  const page = (params: Params): void => {
    if (!isAbsent(params[1])) toKey(params[1], 1)
    integerAt(params, 2, MAX_U32)
    if (!isAbsent(params[3])) toKey(params[3], 3)
  }
  const list = (params: Params): void => void keysAt(params, 1, MAX_KEYS)
  const keysPaged = ofChild(4, page, () => [])
  const none = ofChild(2, key, () => null)
  return {
    childstate_getKeys: ofChild(2, key, () => []),
    childstate_getKeysPaged: keysPaged,
    childstate_getKeysPagedAt: keysPaged,
    childstate_getStorage: none,
    childstate_getStorageEntries: ofChild(2, list, (params) =>
      keysAt(params, 1, MAX_KEYS).map(() => null),
    ),
    childstate_getStorageHash: none,
    childstate_getStorageSize: none,
  }
}
